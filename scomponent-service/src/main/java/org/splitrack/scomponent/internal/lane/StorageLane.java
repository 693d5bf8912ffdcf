package org.splitrack.scomponent.internal.lane;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.control.FileCalls;
import org.splitrack.fabric.control.StorageCalls.Fence;
import org.splitrack.fabric.storage.StorageGeometry;
import org.splitrack.fabric.transport.Connection;
import org.splitrack.fabric.transport.FrameStream;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.LaneHandler;
import org.splitrack.fabric.transport.Peer;
import org.splitrack.fabric.wire.FrameFault;
import org.splitrack.fabric.wire.FrameHeader;
import org.splitrack.fabric.wire.MessageType;
import org.splitrack.fabric.wire.Status;
import org.splitrack.scomponent.internal.disk.ExtentDisk;
import org.splitrack.scomponent.internal.disk.ExtentFault;

/**
 * Answers the storage lane. Each connection has a thread of its own, a platform one since disks
 * block it; reads and writes are answered in order, syncs when they are done. What is no frame
 * closes the connection and is counted.
 */
public final class StorageLane implements LaneHandler {
  private static final Logger LOG = LoggerFactory.getLogger(StorageLane.class);
  private static final int MAX_CONNECTIONS = 128;
  private static final int MAX_BUFFERS = 16;
  private static final int MAX_FENCED = 4_096;

  private final ExtentDisk disk;
  private final Identity identity;
  private final TransferBuffers buffers = new TransferBuffers(MAX_BUFFERS);
  private final Semaphore connections = new Semaphore(MAX_CONNECTIONS);
  private final ReadWriteLock fence = new ReentrantReadWriteLock();

  /** Changed under the write lock. */
  private final Map<BootId, ComponentId> fenced = new HashMap<>();

  private final LongAdder requests = new LongAdder();
  private final Map<FrameFault.Reason, LongAdder> faults = new EnumMap<>(FrameFault.Reason.class);

  public StorageLane(ExtentDisk disk, Identity identity) {
    this.disk = disk;
    this.identity = identity;
    for (FrameFault.Reason reason : FrameFault.Reason.values()) {
      faults.put(reason, new LongAdder());
    }
  }

  /**
   * Writes nothing more of that start of a component, or writes again. What it sent before is
   * written when this returns, or never.
   *
   * @return false: there are too many fences
   */
  public boolean fence(ComponentId component, BootId boot, boolean isFenced) {
    fence.writeLock().lock();
    try {
      if (!isFenced) {
        fenced.remove(boot);
        return true;
      }
      boolean hasRoom = fenced.containsKey(boot) || fenced.size() < MAX_FENCED;
      if (hasRoom) {
        fenced.put(boot, component);
      }
      return hasRoom;
    } finally {
      fence.writeLock().unlock();
    }
  }

  /** Whose writes are refused. */
  public List<Fence> fences() {
    fence.readLock().lock();
    try {
      return fenced.entrySet().stream()
          .map(entry -> new Fence(entry.getValue(), entry.getKey()))
          .toList();
    } finally {
      fence.readLock().unlock();
    }
  }

  /** Requests since the start. */
  public long requests() {
    return requests.sum();
  }

  /** Connections that were closed for this reason. */
  public long faults(FrameFault.Reason reason) {
    LongAdder count = faults.get(reason);
    return count == null ? 0 : count.sum();
  }

  @Override
  public void accept(Connection connection) {
    if (!connections.tryAcquire()) {
      LOG.warn("more than {} storage connections; one more is closed", MAX_CONNECTIONS);
      connection.close();
      return;
    }
    Thread.ofPlatform()
        .daemon()
        .name("storage-" + connection.peer().component())
        .start(() -> serve(connection));
  }

  private void serve(Connection connection) {
    try (FrameStream stream =
        new FrameStream(connection, identity.rack(), StorageGeometry.MAX_TRANSFER_BYTES)) {
      Semaphore syncs = new Semaphore(StorageGeometry.MAX_IN_FLIGHT);
      while (stream.next()) {
        requests.increment();
        answer(stream, syncs);
      }
    } catch (FrameFault e) {
      LongAdder count = faults.get(e.reason());
      if (count != null) {
        count.increment();
      }
      LOG.debug("a connection of {} is closed: {}", connection.peer(), e.getMessage());
    } catch (IOException e) {
      LOG.debug("a connection of {} ended: {}", connection.peer(), e.getMessage());
    } finally {
      connections.release();
    }
  }

  private void answer(FrameStream stream, Semaphore syncs) throws IOException {
    byte type = FrameHeader.type(stream.header(), 0);
    ByteBuffer reply = reply(stream);
    try {
      switch (type) {
        case MessageType.READ_EXTENT -> read(stream, reply);
        case MessageType.WRITE_EXTENT -> write(stream, reply);
        case MessageType.SYNC_EXTENT -> sync(stream, reply, syncs);
        default -> throw new FrameFault(FrameFault.Reason.UNKNOWN_TYPE, "a frame of type " + type);
      }
    } catch (ExtentFault e) {
      refuse(stream, reply, e);
    }
  }

  /** The extent, when the request is meant for this start of this component. */
  private long subject(ByteBuffer header) throws ExtentFault {
    if (FrameHeader.bootId(header, 0) != identity.boot().value()) {
      throw new ExtentFault(Status.STALE_BOOT, "this is boot " + identity.boot());
    }
    return FrameHeader.subject(header, 0);
  }

  private void read(FrameStream stream, ByteBuffer reply) throws ExtentFault, IOException {
    long extent = subject(stream.header());
    int length = FrameHeader.page(stream.header(), 0);
    int offset = offset(stream.header(), length);
    ByteBuffer buffer = buffers.take();
    try {
      buffer.limit(length);
      try {
        disk.read(extent, offset, buffer);
      } catch (IOException e) {
        throw failed("read", e);
      }
      stream.send(reply, buffer.flip());
    } finally {
      buffers.giveBack(buffer);
    }
  }

  private void write(FrameStream stream, ByteBuffer reply) throws ExtentFault, IOException {
    long extent = subject(stream.header());
    int length = FrameHeader.page(stream.header(), 0);
    int offset = offset(stream.header(), length);
    if (length != stream.bodyRemaining()) {
      throw new ExtentFault(
          Status.BAD_REQUEST, length + " bytes announced, " + stream.bodyRemaining() + " sent");
    }
    ByteBuffer buffer = buffers.take();
    try {
      stream.read(buffer.limit(length));
      // Not held while bytes are awaited: whoever is to be fenced may have stopped in mid-frame.
      fence.readLock().lock();
      try {
        requireNotFenced(stream.connection().peer());
        disk.write(extent, offset, buffer.flip());
      } catch (IOException e) {
        throw failed("write", e);
      } finally {
        fence.readLock().unlock();
      }
    } finally {
      buffers.giveBack(buffer);
    }
    stream.send(reply);
  }

  private void requireNotFenced(Peer peer) throws ExtentFault {
    if (fenced.containsKey(peer.boot())) {
      throw new ExtentFault(
          Status.EXPELLED, "the processes of " + peer.component() + " were expelled");
    }
  }

  private void sync(FrameStream stream, ByteBuffer reply, Semaphore syncs) throws ExtentFault {
    long extent = subject(stream.header());
    syncs.acquireUninterruptibly();
    boolean begun = false;
    try {
      disk.sync(
          extent,
          fault -> {
            syncs.release();
            synced(stream, reply, fault);
          });
      begun = true;
    } finally {
      if (!begun) {
        syncs.release();
      }
    }
  }

  private void synced(FrameStream stream, ByteBuffer reply, @Nullable ExtentFault fault) {
    try {
      if (fault == null) {
        stream.send(reply);
      } else {
        refuse(stream, reply, fault);
      }
    } catch (IOException e) {
      LOG.debug("nobody waits for a sync any more: {}", e.getMessage());
      stream.close();
    }
  }

  private static void refuse(FrameStream stream, ByteBuffer reply, ExtentFault fault)
      throws IOException {
    String message = fault.getMessage();
    FrameHeader.status(reply, 0, fault.status());
    stream.send(
        reply,
        ByteBuffer.wrap((message == null ? "refused" : message).getBytes(StandardCharsets.UTF_8)));
  }

  private ByteBuffer reply(FrameStream stream) {
    ByteBuffer request = stream.header();
    ByteBuffer reply = stream.newHeader((byte) (FrameHeader.type(request, 0) | MessageType.REPLY));
    FrameHeader.bootId(reply, 0, identity.boot().value());
    FrameHeader.subject(reply, 0, FrameHeader.subject(request, 0));
    FrameHeader.epoch(reply, 0, disk.generation());
    FrameHeader.sequence(reply, 0, FrameHeader.sequence(request, 0));
    return reply;
  }

  private static int offset(ByteBuffer header, int length) throws ExtentFault {
    long offset = FrameHeader.pageVersion(header, 0);
    if (length < 0
        || length > StorageGeometry.MAX_TRANSFER_BYTES
        || offset < 0
        || offset > FileCalls.EXTENT_BYTES - length) {
      throw new ExtentFault(
          Status.BAD_REQUEST, length + " bytes at " + offset + " are not within an extent");
    }
    return (int) offset;
  }

  private static ExtentFault failed(String what, IOException e) {
    boolean full = String.valueOf(e.getMessage()).contains("No space left");
    LOG.warn("cannot {} an extent: {}", what, e.getMessage());
    return new ExtentFault(
        full ? Status.FULL : Status.FAILED, "cannot " + what + ": " + e.getMessage());
  }
}
