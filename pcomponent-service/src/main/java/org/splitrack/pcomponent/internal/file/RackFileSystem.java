package org.splitrack.pcomponent.internal.file;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.control.FileCalls.Caller;
import org.splitrack.fabric.control.FileCalls.ExtentGrant;
import org.splitrack.fabric.control.FileCalls.NodeInfo;
import org.splitrack.fabric.control.FileCalls.NodeKind;

/** One process's view of its tenant's files. */
final class RackFileSystem implements FileSystem {
  private static final Logger LOG = LoggerFactory.getLogger(RackFileSystem.class);

  private final FileCache cache;
  private final Caller caller;
  private final List<Preopened> preopened = new ArrayList<>();
  private final Set<RackFile> open = ConcurrentHashMap.newKeySet();

  RackFileSystem(FileCache cache, Caller caller) {
    this.cache = cache;
    this.caller = caller;
  }

  FileCache cache() {
    return cache;
  }

  ManagerFiles manager() {
    return cache.manager();
  }

  Caller caller() {
    return caller;
  }

  void addPreopened(String path, long inode, boolean readOnly) {
    preopened.add(new Preopened(path, new RackDirectory(this, inode, readOnly), readOnly));
  }

  @Override
  public List<Preopened> preopened() {
    return List.copyOf(preopened);
  }

  @Override
  public void close() {
    List.copyOf(open).forEach(RackFile::close);
  }

  /** The manager has opened a file for this process. */
  RackFile opened(NodeInfo info, List<ExtentGrant> extents, boolean truncate, boolean readOnly) {
    CachedFile file = cache.opened(info, extents);
    RackFile opened = new RackFile(this, file, readOnly);
    open.add(opened);
    if (truncate) {
      boolean done = false;
      try {
        Interruptions.run(() -> file.truncateUnlessEmpty(caller));
        done = true;
      } finally {
        if (!done) {
          opened.close();
        }
      }
    }
    return opened;
  }

  /**
   * What was written is brought to where the next to open the file finds it. On a thread of its
   * own, since the caller's may have been interrupted; the manager hears of it later.
   */
  void closed(RackFile opened, CachedFile file) {
    open.remove(opened);
    Thread flush = Thread.ofVirtual().name("file-close").start(() -> flush(file));
    boolean interrupted = joinFor(flush, 2 * cache.patienceNs());
    cache.closed(file);
    Thread.ofVirtual().name("file-close").start(() -> release(file.inode()));
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  static FileStat stat(NodeInfo info) {
    return new FileStat(
        1,
        info.inode(),
        info.kind() == NodeKind.DIRECTORY ? FileType.DIRECTORY : FileType.REGULAR_FILE,
        info.links(),
        info.bytes(),
        info.accessedNs(),
        info.modifiedNs(),
        info.changedNs());
  }

  private void flush(CachedFile file) {
    try {
      file.flush(caller);
    } catch (FileFault | InterruptedException e) {
      LOG.warn(
          "process {} loses writes to inode {} at its close: {}",
          caller.process(),
          file.inode(),
          e.getMessage());
    }
  }

  private void release(long inode) {
    try {
      cache.manager().close(caller, inode);
    } catch (FileFault e) {
      // The manager gives it back itself at the process's end.
      LOG.debug("inode {} stays open at the manager: {}", inode, e.getMessage());
    }
  }

  /** Waits without giving up at an interrupt; true when there was one. */
  private static boolean joinFor(Thread thread, long waitNs) {
    long deadlineNs = System.nanoTime() + waitNs;
    boolean interrupted = false;
    while (thread.isAlive() && System.nanoTime() < deadlineNs) {
      try {
        thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime())));
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    return interrupted;
  }
}
