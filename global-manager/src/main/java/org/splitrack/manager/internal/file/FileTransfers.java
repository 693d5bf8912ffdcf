package org.splitrack.manager.internal.file;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.FileCalls;
import org.splitrack.fabric.control.FileCalls.ExtentGrant;
import org.splitrack.fabric.control.FileCalls.FileError;
import org.splitrack.fabric.control.FileCalls.NodeInfo;
import org.splitrack.fabric.storage.StorageClient;
import org.splitrack.fabric.storage.StorageClient.Place;
import org.splitrack.fabric.storage.StorageFault;
import org.splitrack.fabric.storage.StorageGeometry;
import org.splitrack.fabric.transport.Dialer;

/**
 * Whole files in and out, for the {@code rack} command: streamed between a connection and the
 * sComponents, 1 MiB of each at a time, a bounded number at once. A file that is put appears whole
 * and synced, or not at all.
 */
public final class FileTransfers implements AutoCloseable {
  private static final int MAX_TRANSFERS = 8;
  private static final int EXTENTS_AT_ONCE = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final GlobalFiles files;
  private final StorageClient storage;
  private final Semaphore transfers = new Semaphore(MAX_TRANSFERS);

  public FileTransfers(GlobalFiles files, Dialer dialer) {
    this.files = files;
    this.storage = new StorageClient(dialer, this::locate, PATIENCE);
  }

  /**
   * Writes a file whole; directories on the way are made. If it fails, or the manager ends
   * meanwhile, what was there before is still there.
   *
   * @throws FileRefusal when the path cannot be a file's, or the disks are full
   * @throws IOException when {@code content} fails; the file is as it was
   */
  public NodeInfo put(FilePath path, InputStream content) throws IOException {
    return transfer(
        () -> {
          prepare(path);
          long inode = files.names().openNameless(path.tenant(), Holder.MANAGER).inode();
          try {
            long bytes = fill(path.tenant(), inode, content);
            files.contents().commitWrites(path.tenant(), inode, bytes, nowNs());
            return files.names().putInPlace(inode, path);
          } finally {
            files.holders().close(inode, Holder.MANAGER, 1);
          }
        });
  }

  /** Opens a file and hands it over; it stays whole until {@code use} is done. */
  public void get(FilePath path, Use use) throws IOException {
    NodeInfo info = files.names().open(path, FileNames.OpenHow.TO_READ, Holder.MANAGER);
    if (info.kind() == FileCalls.NodeKind.DIRECTORY) {
      throw new FileRefusal(FileError.IS_A_DIRECTORY, path + " is a directory");
    }
    try {
      transfer(
          () -> {
            use.with(info, target -> copy(path.tenant(), info, target));
            return info;
          });
    } finally {
      files.holders().close(info.inode(), Holder.MANAGER, 1);
    }
  }

  /** What to do with an open file. */
  public interface Use {
    void with(NodeInfo info, Content content) throws IOException;
  }

  /** A file's bytes. */
  public interface Content {
    void copyTo(OutputStream target) throws IOException;
  }

  @Override
  public void close() {
    storage.close();
  }

  private interface Transfer {
    NodeInfo make() throws IOException;
  }

  private NodeInfo transfer(Transfer transfer) throws IOException {
    if (!transfers.tryAcquire()) {
      throw new ControlFault(
          ControlFault.Code.UNAVAILABLE,
          MAX_TRANSFERS + " files are being copied already; try again later");
    }
    try {
      return transfer.make();
    } catch (StorageFault e) {
      String message = String.valueOf(e.getMessage());
      throw switch (e.reason()) {
        case FULL -> new FileRefusal(FileError.NO_SPACE, message);
        case UNREACHABLE -> new ControlFault(ControlFault.Code.UNAVAILABLE, message);
        case NO_SUCH_EXTENT, FAILED -> new ControlFault(ControlFault.Code.FAILED, message);
      };
    } finally {
      transfers.release();
    }
  }

  /** Before a byte is read: whether there can be a file at all, and a directory for it. */
  private void prepare(FilePath path) {
    if (path.isDirectoryItself()) {
      throw new FileRefusal(FileError.IS_A_DIRECTORY, path + " is a directory");
    }
    FileNames names = files.names();
    for (int depth = 1; depth < path.names().size(); depth++) {
      FilePath directory =
          new FilePath(path.tenant(), path.directory(), path.names().subList(0, depth));
      try {
        names.makeDirectory(directory);
      } catch (FileRefusal e) {
        if (e.error() != FileError.EXISTS) {
          throw e;
        }
      }
    }
    try {
      if (names.lookUp(path).kind() == FileCalls.NodeKind.DIRECTORY) {
        throw new FileRefusal(FileError.IS_A_DIRECTORY, path + " is a directory");
      }
    } catch (FileRefusal e) {
      if (e.error() != FileError.NOT_FOUND) {
        throw e;
      }
    }
  }

  private long fill(String tenant, long inode, InputStream content) throws IOException {
    byte[] buffer = new byte[StorageGeometry.MAX_TRANSFER_BYTES];
    Set<Place> written = new HashSet<>();
    ExtentRun run = new ExtentRun(tenant, inode, true);
    long bytes = 0;
    for (int got = content.readNBytes(buffer, 0, buffer.length);
        got > 0;
        got = content.readNBytes(buffer, 0, buffer.length)) {
      Place place = run.at(bytes / FileCalls.EXTENT_BYTES);
      if (place == null) {
        throw new ControlFault(ControlFault.Code.FAILED, "an extent was not made");
      }
      long _ =
          storage.write(
              place, (int) (bytes % FileCalls.EXTENT_BYTES), ByteBuffer.wrap(buffer, 0, got));
      written.add(place);
      bytes += got;
    }
    for (Place place : written) {
      long _ = storage.sync(place);
    }
    return bytes;
  }

  private void copy(String tenant, NodeInfo info, OutputStream target) throws IOException {
    byte[] buffer = new byte[StorageGeometry.MAX_TRANSFER_BYTES];
    ExtentRun run = new ExtentRun(tenant, info.inode(), false);
    long done = 0;
    while (done < info.bytes()) {
      int step = (int) Math.min(buffer.length, info.bytes() - done);
      Place place = run.at(done / FileCalls.EXTENT_BYTES);
      if (place == null) {
        Arrays.fill(buffer, (byte) 0);
      } else {
        storage.read(
            place, (int) (done % FileCalls.EXTENT_BYTES), ByteBuffer.wrap(buffer, 0, step));
      }
      target.write(buffer, 0, step);
      done += step;
    }
  }

  /** The extents of a file as they are needed, one after the other, some asked for at once. */
  private final class ExtentRun {
    private final String tenant;
    private final long inode;
    private final boolean make;
    private List<ExtentGrant> grants = List.of();
    private long endExclusive;

    ExtentRun(String tenant, long inode, boolean make) {
      this.tenant = tenant;
      this.inode = inode;
      this.make = make;
    }

    /** Null where the file has a hole. */
    @Nullable Place at(long index) {
      if (index >= endExclusive) {
        grants =
            make
                ? files.contents().allocate(tenant, inode, index, EXTENTS_AT_ONCE)
                : files.contents().extents(tenant, inode, index, FileCalls.MAX_EXTENTS);
        endExclusive = make ? index + grants.size() : index + FileCalls.MAX_EXTENTS;
      }
      for (ExtentGrant grant : grants) {
        if (grant.index() == index) {
          return new Place(grant.component(), grant.extent());
        }
      }
      return null;
    }
  }

  private Endpoint locate(ComponentId component) {
    return files
        .nodes()
        .endpoint(component)
        .orElseThrow(
            () ->
                new ControlFault(
                    ControlFault.Code.UNAVAILABLE, component + " is not up at the moment"));
  }

  private static long nowNs() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }
}
