package org.splitrack.scomponent.internal.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.wire.Status;

/**
 * One extent. Its length is that of its file; what is behind it reads as nothing here and as zeros
 * at the client. Safe from any thread; the channel is opened and closed by {@link OpenExtents}.
 */
final class ExtentFile {
  private final Path path;
  private final DiskBudget budget;
  private long lengthBytes;
  private boolean deleted;
  private boolean nameOnDisk;
  private @Nullable String failure;
  private List<SyncListener> waitingForSync = new ArrayList<>();
  private boolean syncing;

  /** Only touched by {@link OpenExtents}, under its lock. */
  @Nullable FileChannel channel;

  /** Only touched by {@link OpenExtents}, under its lock. */
  int users;

  ExtentFile(Path path, DiskBudget budget, long lengthBytes, boolean nameOnDisk) {
    this.path = path;
    this.budget = budget;
    this.lengthBytes = lengthBytes;
    this.nameOnDisk = nameOnDisk;
  }

  /** Told once, when the extent is on disk or cannot get there; null is success. */
  interface SyncListener {
    void synced(@Nullable ExtentFault fault);
  }

  /**
   * Opens the file.
   *
   * @throws ExtentFault NOT_HOLDER when the extent was deleted since it was looked up
   */
  FileChannel open() throws ExtentFault, IOException {
    try {
      return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } catch (NoSuchFileException e) {
      synchronized (this) {
        if (deleted) {
          throw new ExtentFault(Status.NOT_HOLDER, "deleted");
        }
      }
      throw e;
    }
  }

  synchronized long lengthBytes() {
    return lengthBytes;
  }

  /** Reads up to what remains in {@code into}; fewer bytes at the extent's end. */
  void read(FileChannel file, int offset, ByteBuffer into) throws IOException {
    int there = (int) Math.max(0, Math.min(into.remaining(), lengthBytes() - offset));
    into.limit(into.position() + there);
    long at = offset;
    while (into.hasRemaining()) {
      int got = file.read(into, at);
      if (got < 0) {
        into.limit(into.position());
        return;
      }
      at += got;
    }
  }

  void write(FileChannel file, int offset, ByteBuffer from) throws ExtentFault, IOException {
    grow((long) offset + from.remaining());
    long at = offset;
    while (from.hasRemaining()) {
      at += file.write(from, at);
    }
  }

  /** Counts the bytes before they are written, so that the limit holds at every moment. */
  private synchronized void grow(long toBytes) throws ExtentFault {
    refuseIfUnfit();
    if (toBytes > lengthBytes) {
      budget.take(toBytes - lengthBytes);
      lengthBytes = toBytes;
    }
  }

  synchronized void trim(FileChannel file, long bytes) throws ExtentFault, IOException {
    refuseIfUnfit();
    if (bytes < lengthBytes) {
      file.truncate(bytes);
      file.force(true);
      budget.giveBack(lengthBytes - bytes);
      lengthBytes = bytes;
    }
  }

  /** Removes the file; readers that have it open finish. */
  synchronized void delete() throws IOException {
    if (!deleted) {
      Files.deleteIfExists(path);
      deleted = true;
      budget.giveBack(lengthBytes);
      lengthBytes = 0;
    }
  }

  /**
   * Syncs on {@code threads}. Who comes while a sync runs waits for the next one, together with all
   * others who came meanwhile: its writes may have missed the one that runs.
   */
  synchronized void sync(OpenExtents open, Executor threads, SyncListener listener) {
    waitingForSync.add(listener);
    if (!syncing) {
      syncing = true;
      threads.execute(() -> syncUntilNobodyWaits(open));
    }
  }

  private void syncUntilNobodyWaits(OpenExtents open) {
    List<SyncListener> batch = takeWaiting();
    while (!batch.isEmpty()) {
      ExtentFault fault = force(open);
      for (SyncListener listener : batch) {
        listener.synced(fault);
      }
      batch = takeWaiting();
    }
  }

  private synchronized List<SyncListener> takeWaiting() {
    List<SyncListener> batch = waitingForSync;
    waitingForSync = new ArrayList<>();
    syncing = !batch.isEmpty();
    return batch;
  }

  private @Nullable ExtentFault force(OpenExtents open) {
    try (OpenExtents.Use use = open.use(this)) {
      synchronized (this) {
        refuseIfUnfit();
      }
      use.channel().force(false);
      if (!nameOnDisk()) {
        forceFolder();
      }
      return null;
    } catch (ExtentFault e) {
      return e;
    } catch (IOException e) {
      // The kernel forgets which pages failed, so a later sync that succeeds would prove nothing.
      synchronized (this) {
        failure = "a sync failed: " + e.getMessage();
      }
      return new ExtentFault(Status.FAILED, "cannot sync: " + e.getMessage());
    }
  }

  private synchronized boolean nameOnDisk() {
    return nameOnDisk;
  }

  private void forceFolder() throws IOException {
    Path folder = path.getParent();
    try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
      names.force(true);
    }
    synchronized (this) {
      nameOnDisk = true;
    }
  }

  private void refuseIfUnfit() throws ExtentFault {
    if (deleted) {
      throw new ExtentFault(Status.NOT_HOLDER, "deleted");
    }
    if (failure != null) {
      throw new ExtentFault(Status.FAILED, failure);
    }
  }
}
