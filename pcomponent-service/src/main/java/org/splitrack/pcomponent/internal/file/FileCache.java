package org.splitrack.pcomponent.internal.file;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.splitrack.fabric.control.FileCalls.ExtentGrant;
import org.splitrack.fabric.control.FileCalls.NodeInfo;
import org.splitrack.fabric.storage.StorageClient;

/**
 * The files of a pComponent, shared by its processes: those that are open, and some that were,
 * whose clean blocks serve the next open if the version is still the same. Safe from any thread.
 */
final class FileCache implements AutoCloseable {
  private static final int MAX_CLOSED_FILES = 256;
  private static final long TICK_MS = 500;

  private final ManagerFiles manager;
  private final StorageClient storage;
  private final BlockPool pool;
  private final Semaphore dirtyPermits;
  private final StagingBuffers staging = new StagingBuffers();
  private final long patienceNs;
  private final Map<Long, CachedFile> open = new HashMap<>();
  private final LinkedHashMap<Long, CachedFile> closed = new LinkedHashMap<>();
  private final ScheduledExecutorService ticker =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("file-write-behind").factory());

  FileCache(ManagerFiles manager, StorageClient storage, FileClientLimits limits) {
    this.manager = manager;
    this.storage = storage;
    this.pool = new BlockPool(limits.blocks(), limits.patience());
    this.dirtyPermits = new Semaphore(limits.dirtyBlocks());
    this.patienceNs = limits.patience().toNanos();
    var _ =
        ticker.scheduleWithFixedDelay(
            this::writeWhatIsOld, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
  }

  ManagerFiles manager() {
    return manager;
  }

  StorageClient storage() {
    return storage;
  }

  BlockPool pool() {
    return pool;
  }

  /** One for each block that is dirty. */
  Semaphore dirtyPermits() {
    return dirtyPermits;
  }

  StagingBuffers staging() {
    return staging;
  }

  long patienceNs() {
    return patienceNs;
  }

  /** Counts one more open of a file that the manager has just opened. */
  CachedFile opened(NodeInfo info, List<ExtentGrant> extents) {
    CachedFile file;
    synchronized (this) {
      file = closed.remove(info.inode());
      if (file == null) {
        file = open.computeIfAbsent(info.inode(), inode -> new CachedFile(this, info));
      } else {
        open.put(info.inode(), file);
      }
      file.opens++;
    }
    file.refresh(info, extents);
    return file;
  }

  /** Gives one open back; nothing of the file is dirty any more if it was the last. */
  void closed(CachedFile file) {
    List<CachedFile> dropped = new ArrayList<>();
    synchronized (this) {
      file.opens--;
      if (file.opens == 0) {
        open.remove(file.inode());
        closed.putLast(file.inode(), file);
        Iterator<CachedFile> oldestFirst = closed.values().iterator();
        while (closed.size() > MAX_CLOSED_FILES && oldestFirst.hasNext()) {
          dropped.add(oldestFirst.next());
          oldestFirst.remove();
        }
      }
    }
    dropped.forEach(CachedFile::dropCleanBlocks);
  }

  /** What a path leads to, with what this pComponent has not told the manager yet. */
  NodeInfo withLocalChanges(NodeInfo info) {
    CachedFile file;
    synchronized (this) {
      file = open.get(info.inode());
    }
    return file == null ? info : file.withLocalChanges(info);
  }

  /** Begins to write what is dirty, of all files. */
  void writeSoon() {
    for (CachedFile file : openFiles()) {
      file.writes().begin();
    }
  }

  @Override
  public void close() {
    ticker.shutdownNow();
    storage.close();
  }

  private synchronized List<CachedFile> openFiles() {
    return List.copyOf(open.values());
  }

  private void writeWhatIsOld() {
    long nowNs = System.nanoTime();
    for (CachedFile file : openFiles()) {
      file.writeBehindIfOld(nowNs);
    }
  }
}
