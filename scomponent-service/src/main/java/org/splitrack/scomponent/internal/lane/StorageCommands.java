package org.splitrack.scomponent.internal.lane;

import java.io.IOException;
import java.util.List;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlReply.Done;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.control.FileCalls;
import org.splitrack.fabric.control.StorageCalls;
import org.splitrack.fabric.control.StorageCalls.AskFences;
import org.splitrack.fabric.control.StorageCalls.CreateExtents;
import org.splitrack.fabric.control.StorageCalls.DeleteExtents;
import org.splitrack.fabric.control.StorageCalls.ExtentsChanged;
import org.splitrack.fabric.control.StorageCalls.FencePeer;
import org.splitrack.fabric.control.StorageCalls.Fences;
import org.splitrack.fabric.control.StorageCalls.TrimExtent;
import org.splitrack.fabric.wire.Status;
import org.splitrack.scomponent.internal.disk.ExtentDisk;
import org.splitrack.scomponent.internal.disk.ExtentFault;

/** Carries out what the global manager commands. */
public final class StorageCommands {
  private final ExtentDisk disk;
  private final StorageLane lane;

  public StorageCommands(ExtentDisk disk, StorageLane lane) {
    this.disk = disk;
    this.lane = lane;
  }

  public void register(ControlServer server) {
    server.register(CreateExtents.class, (call, bytes, peer) -> create(call));
    server.register(DeleteExtents.class, (call, bytes, peer) -> delete(call));
    server.register(TrimExtent.class, (call, bytes, peer) -> trim(call));
    server.register(FencePeer.class, (call, bytes, peer) -> fence(call));
    server.register(AskFences.class, (call, bytes, peer) -> new Fences(lane.fences()));
  }

  private Done fence(FencePeer call) {
    if (!lane.fence(call.component(), call.boot(), call.fenced())) {
      throw new ControlFault(ControlFault.Code.FULL, "there are too many fences");
    }
    return new Done();
  }

  private ExtentsChanged create(CreateExtents call) {
    checkCount(call.extents());
    return change(() -> disk.create(call.extents()));
  }

  private ExtentsChanged delete(DeleteExtents call) {
    checkCount(call.extents());
    return change(() -> disk.delete(call.extents()));
  }

  private ExtentsChanged trim(TrimExtent call) {
    if (call.bytes() < 0 || call.bytes() > FileCalls.EXTENT_BYTES) {
      throw badRequest("an extent cannot be cut to " + call.bytes() + " bytes");
    }
    return change(() -> disk.trim(call.extent(), call.bytes()));
  }

  private ExtentsChanged change(Change change) {
    try {
      change.make();
      return new ExtentsChanged(disk.freeBytes());
    } catch (ExtentFault e) {
      throw new ControlFault(
          e.status() == Status.FULL
              ? ControlFault.Code.FULL
              : e.status() == Status.NOT_HOLDER
                  ? ControlFault.Code.NOT_FOUND
                  : ControlFault.Code.FAILED,
          String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new ControlFault(ControlFault.Code.FAILED, "the disk fails: " + e.getMessage());
    }
  }

  private static void checkCount(List<Long> extents) {
    if (extents.size() > StorageCalls.MAX_EXTENTS) {
      throw badRequest(extents.size() + " extents are more than " + StorageCalls.MAX_EXTENTS);
    }
    for (Long extent : extents) {
      if (extent == null || extent <= 0) {
        throw badRequest("there is no extent " + extent);
      }
    }
  }

  private static ControlFault badRequest(String message) {
    return new ControlFault(ControlFault.Code.BAD_REQUEST, message);
  }

  private interface Change {
    void make() throws ExtentFault, IOException;
  }
}
