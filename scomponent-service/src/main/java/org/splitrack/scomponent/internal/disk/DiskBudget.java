package org.splitrack.scomponent.internal.disk;

import java.io.IOException;
import java.nio.file.FileStore;
import java.util.concurrent.atomic.AtomicLong;
import org.splitrack.fabric.wire.Status;

/**
 * How many bytes of extents there may be: the limit that was configured, or less when others fill
 * the disk. Safe from any thread.
 */
final class DiskBudget {
  /** Left to others on the same disk: a full one stops more than this component. */
  static final long MARGIN_BYTES = 64L << 20;

  private final FileStore disk;
  private final long limitBytes;
  private final AtomicLong usedBytes = new AtomicLong();

  DiskBudget(FileStore disk, long limitBytes) {
    this.disk = disk;
    this.limitBytes = limitBytes;
  }

  /** What was found at the start. */
  void found(long bytes) {
    usedBytes.addAndGet(bytes);
  }

  void take(long bytes) throws ExtentFault {
    long before;
    do {
      before = usedBytes.get();
      if (bytes > limitBytes - before) {
        throw new ExtentFault(
            Status.FULL, bytes + " bytes more than " + before + " of " + limitBytes);
      }
    } while (!usedBytes.compareAndSet(before, before + bytes));
  }

  void giveBack(long bytes) {
    usedBytes.addAndGet(-bytes);
  }

  long usedBytes() {
    return usedBytes.get();
  }

  long limitBytes() {
    return limitBytes;
  }

  /** Asks the disk itself as well. */
  long freeBytes() throws IOException {
    long ofDisk = disk.getUsableSpace() - MARGIN_BYTES;
    return Math.max(0, Math.min(limitBytes - usedBytes.get(), ofDisk));
  }
}
