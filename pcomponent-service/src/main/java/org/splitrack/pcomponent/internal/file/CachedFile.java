package org.splitrack.pcomponent.internal.file;

import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.control.FileCalls;
import org.splitrack.fabric.control.FileCalls.Caller;
import org.splitrack.fabric.control.FileCalls.ExtentGrant;
import org.splitrack.fabric.control.FileCalls.NodeInfo;
import org.splitrack.fabric.storage.StorageClient.Place;

/**
 * One file as this pComponent knows it: size, times, extents, blocks. Its lock guards all of it and
 * is never held while anyone is asked over the network. {@link BlockReads} and {@link BlockWrites}
 * move its bytes.
 */
final class CachedFile {
  private static final long OLD_NS = TimeUnit.SECONDS.toNanos(1);
  private static final int MAX_ALLOCATED_AHEAD = 8;

  final ReentrantLock lock = new ReentrantLock();

  /** Anything that someone may wait for. */
  final Condition changed = lock.newCondition();

  final Map<Long, Block> blocks = new HashMap<>();
  final ExtentMap extents = new ExtentMap();

  /** Guarded by the {@link FileCache}. */
  int opens;

  private final FileCache cache;
  private final long inode;
  private final BlockReads reads;
  private final BlockWrites writes;

  /** Commits and syncs one after the other, so that the second waits for what the first does. */
  private final ReentrantLock committing = new ReentrantLock();

  private NodeInfo info;
  private long sizeBytes;
  private long modifiedNs;
  private boolean uncommitted;
  private long uncommittedSinceNs;
  private @Nullable Caller lastWriter;
  private boolean resizing;
  private @Nullable FileFault failure;

  CachedFile(FileCache cache, NodeInfo info) {
    this.cache = cache;
    this.inode = info.inode();
    this.info = info;
    this.sizeBytes = info.bytes();
    this.modifiedNs = info.modifiedNs();
    this.reads = new BlockReads(this, cache);
    this.writes = new BlockWrites(this, cache);
  }

  long inode() {
    return inode;
  }

  BlockReads reads() {
    return reads;
  }

  BlockWrites writes() {
    return writes;
  }

  /** Needs the lock. */
  long sizeBytes() {
    return sizeBytes;
  }

  /**
   * Needs the lock. A change of size is under way: no block comes or gets dirty until it is done.
   */
  boolean isResizing() {
    return resizing;
  }

  /** The file as it is for everyone on this pComponent. */
  NodeInfo stat() {
    lock.lock();
    try {
      return withLocalChanges(info);
    } finally {
      lock.unlock();
    }
  }

  NodeInfo withLocalChanges(NodeInfo base) {
    lock.lock();
    try {
      if (!uncommitted) {
        return base;
      }
      return new NodeInfo(
          base.inode(),
          base.kind(),
          sizeBytes,
          base.mode(),
          base.version(),
          base.links(),
          base.accessedNs(),
          modifiedNs,
          modifiedNs);
    } finally {
      lock.unlock();
    }
  }

  /** Takes in what an open says; what is cached of an earlier version is dropped. */
  void refresh(NodeInfo opened, List<ExtentGrant> grants) {
    lock.lock();
    try {
      learnPlaces(grants);
      if (opened.version() > info.version()) {
        extents.clear();
        dropClean();
        sizeBytes = uncommitted ? Math.max(sizeBytes, opened.bytes()) : opened.bytes();
      }
      if (opened.version() >= info.version()) {
        extents.putRun(0, grants);
        info = opened;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The extents are not what they were; they are asked for anew. */
  void forgetExtents() {
    lock.lock();
    try {
      extents.clear();
    } finally {
      lock.unlock();
    }
  }

  /** Cuts a file that is not empty, here or at the manager, to nothing. */
  void truncateUnlessEmpty(Caller caller) throws InterruptedException {
    boolean empty;
    lock.lockInterruptibly();
    try {
      empty = sizeBytes == 0 && info.bytes() == 0 && !uncommitted;
    } finally {
      lock.unlock();
    }
    if (!empty) {
      truncate(0, caller);
    }
  }

  /** Needs the lock. Bytes were written up to {@code end}. */
  void wrote(long end, Caller caller) {
    sizeBytes = Math.max(sizeBytes, end);
    modifiedNs = now();
    lastWriter = caller;
    if (!uncommitted) {
      uncommitted = true;
      uncommittedSinceNs = System.nanoTime();
    }
  }

  /**
   * Needs the lock. Bytes from {@code offset} on could not be kept; someone has to hear of it. What
   * nobody else knows of yet ends there, so that a full disk leaves a shorter file, not one with
   * holes.
   */
  void lostWrites(long offset, FileFault fault) {
    failure = fault;
    long end = Math.max(info.bytes(), offset);
    if (end < sizeBytes) {
      sizeBytes = end;
      writes.discard(end);
    }
  }

  /** Throws, once, what {@link #lostWrites} was told. */
  void throwFailure() {
    FileFault fault = takeFailure();
    if (fault != null) {
      throw fault;
    }
  }

  private @Nullable FileFault takeFailure() {
    lock.lock();
    try {
      FileFault fault = failure;
      failure = null;
      return fault;
    } finally {
      lock.unlock();
    }
  }

  /** Sets aside {@code length} bytes at the end, for one writer. */
  long reserveEnd(long length, Caller caller) {
    lock.lock();
    try {
      long start = sizeBytes;
      if (length > FileCalls.MAX_FILE_BYTES - start) {
        throw new FileFault(Errno.FBIG);
      }
      wrote(start + length, caller);
      return start;
    } finally {
      lock.unlock();
    }
  }

  /** Gives back the last bytes of a reservation that could not be written, if they still are. */
  void giveBackEnd(long reservedEnd, long writtenEnd) {
    lock.lock();
    try {
      if (sizeBytes == reservedEnd) {
        sizeBytes = writtenEnd;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Makes sure that the extent is there to be written; needs no lock. */
  void ensureExtent(long extent, Caller caller) throws InterruptedException {
    int ahead;
    lock.lockInterruptibly();
    try {
      if (extents.at(extent) != null) {
        return;
      }
      // Growing files get more at a time; more than the next few would be wasted on small ones.
      ahead = Math.clamp(extent, 1, MAX_ALLOCATED_AHEAD);
    } finally {
      lock.unlock();
    }
    allocate(extent, ahead, caller);
  }

  /** Asks the manager for extents; needs no lock. */
  void allocate(long fromExtent, int count, Caller caller) throws InterruptedException {
    List<ExtentGrant> grants = cache.manager().allocate(caller, inode, fromExtent, count);
    lock.lockInterruptibly();
    try {
      learnPlaces(grants);
      extents.put(grants);
      if (extents.at(fromExtent) == null) {
        throw new FileFault(Errno.IO, "the manager gives no extent " + fromExtent);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Makes sure that the range can be written, and that the file is so long. */
  void allocateRange(long offset, long length, Caller caller) throws InterruptedException {
    long extent = ExtentMap.extentOf(offset);
    long endExtent = Math.ceilDiv(offset + length, FileCalls.EXTENT_BYTES);
    while (extent < endExtent) {
      int count = (int) Math.min(MAX_ALLOCATED_AHEAD, endExtent - extent);
      allocate(extent, count, caller);
      extent += count;
    }
    lock.lockInterruptibly();
    try {
      if (offset + length > sizeBytes) {
        wrote(offset + length, caller);
      }
    } finally {
      lock.unlock();
    }
    flush(caller);
  }

  /** Asks the manager which extents there are around this one; needs no lock. */
  void askForExtents(long extent, Caller caller) throws InterruptedException {
    long runStart = ExtentMap.runStart(extent);
    List<ExtentGrant> grants =
        cache.manager().listExtents(caller, inode, runStart, FileCalls.MAX_EXTENTS);
    lock.lockInterruptibly();
    try {
      learnPlaces(grants);
      extents.putRun(runStart, grants);
    } finally {
      lock.unlock();
    }
  }

  /** Cuts or lengthens the file, here and at the manager. */
  void truncate(long toBytes, Caller caller) throws InterruptedException {
    beginResizing();
    boolean done = false;
    try {
      NodeInfo cut = cache.manager().setSize(caller, inode, toBytes);
      done = true;
      lock.lock();
      try {
        sizeBytes = toBytes;
        modifiedNs = cut.modifiedNs();
        lastWriter = caller;
        extents.cut(Math.ceilDiv(toBytes, FileCalls.EXTENT_BYTES));
        cutBlocks(toBytes);
        absorb(cut);
      } finally {
        lock.unlock();
      }
    } finally {
      endResizing();
      if (!done) {
        lock.lock();
        try {
          dropClean();
        } finally {
          lock.unlock();
        }
      }
    }
  }

  void setTimes(long accessedNs, long modified, Caller caller) throws InterruptedException {
    // A later commit of earlier writes would set the time of the write again.
    flush(caller);
    NodeInfo timed = cache.manager().setTimes(caller, inode, accessedNs, modified);
    lock.lock();
    try {
      absorb(timed);
      modifiedNs = timed.modifiedNs();
    } finally {
      lock.unlock();
    }
  }

  /** Returns when everyone who opens the file from now on sees what was written here. */
  void flush(Caller caller) throws InterruptedException {
    writes.finish();
    committing.lockInterruptibly();
    try {
      commit(caller);
    } finally {
      committing.unlock();
    }
  }

  /** Returns when what was written is on the sComponents' disks and the size in the table. */
  void sync(Caller caller) throws InterruptedException {
    writes.finish();
    committing.lockInterruptibly();
    try {
      writes.sync();
      commit(caller);
    } catch (FileFault e) {
      // Whatever was lost before, the caller hears of it now.
      takeFailure();
      throw e;
    } finally {
      committing.unlock();
    }
    throwFailure();
  }

  /** Writes and commits in the background what has been dirty for a while. */
  void writeBehindIfOld(long nowNs) {
    Caller caller;
    lock.lock();
    try {
      caller = lastWriter;
      if (!uncommitted || caller == null || nowNs - uncommittedSinceNs < OLD_NS) {
        return;
      }
      // Not again before as long again, whatever comes of this.
      uncommittedSinceNs = nowNs;
    } finally {
      lock.unlock();
    }
    Caller writer = caller;
    Thread.ofVirtual().name("file-write-behind").start(() -> writeBehind(writer));
  }

  private void writeBehind(Caller caller) {
    if (!committing.tryLock()) {
      return;
    }
    try {
      writes.finish();
      commit(caller);
    } catch (FileFault _) {
      // It stays uncommitted; whoever syncs or closes the file tries again, and hears of it.
      writes.begin();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      committing.unlock();
    }
  }

  /**
   * Called by the pool, which holds its own lock: true when the block is the pool's from now on.
   */
  boolean tryEvict(Block block) {
    if (!lock.tryLock()) {
      return false;
    }
    try {
      if (block.owner != this || !block.isEvictable()) {
        return false;
      }
      if (block.referenced) {
        block.referenced = false;
        return false;
      }
      blocks.remove(block.index);
      block.owner = null;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Needs the lock. Gives a block to the file; the file has none of that index. */
  void adopt(Block block, long index, Block.@Nullable Load load) {
    block.index = index;
    block.load = load;
    block.referenced = true;
    block.owner = this;
    blocks.put(index, block);
  }

  /** Needs the lock. Takes a block that is neither loading nor on its way away from the file. */
  void abandon(Block block) {
    blocks.remove(block.index);
    cache.pool().giveBack(block);
  }

  void dropCleanBlocks() {
    lock.lock();
    try {
      dropClean();
    } finally {
      lock.unlock();
    }
  }

  private void dropClean() {
    Iterator<Block> all = blocks.values().iterator();
    while (all.hasNext()) {
      Block block = all.next();
      if (block.load != null) {
        // Its bytes are of the version before; whoever waits for it may have them, nobody else.
        block.referenced = false;
        reads.forget(block);
        all.remove();
      } else if (!block.isDirty()) {
        all.remove();
        cache.pool().giveBack(block);
      }
    }
  }

  private void commit(Caller caller) throws InterruptedException {
    long bytes;
    long modified;
    lock.lockInterruptibly();
    try {
      if (!uncommitted) {
        return;
      }
      uncommitted = false;
      bytes = sizeBytes;
      modified = modifiedNs;
    } finally {
      lock.unlock();
    }
    NodeInfo committed = null;
    try {
      committed = cache.manager().commitWrites(caller, inode, bytes, modified);
    } finally {
      lock.lock();
      try {
        if (committed == null) {
          uncommitted = true;
        } else {
          absorb(committed);
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Needs the lock. The answer to a change of our own; more than one version further, others too.
   */
  private void absorb(NodeInfo changedInfo) {
    if (changedInfo.version() > info.version() + 1) {
      extents.clear();
      dropClean();
      sizeBytes = Math.max(sizeBytes, changedInfo.bytes());
    }
    if (changedInfo.version() >= info.version()) {
      info = changedInfo;
    }
  }

  private void beginResizing() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (resizing) {
        changed.await();
      }
      resizing = true;
      try {
        while (reads.isLoading() || writes.isWriting()) {
          changed.await();
        }
      } catch (InterruptedException e) {
        resizing = false;
        changed.signalAll();
        throw e;
      }
    } finally {
      lock.unlock();
    }
  }

  private void endResizing() {
    lock.lock();
    try {
      resizing = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Needs the lock, and that nothing is loading or being written. */
  private void cutBlocks(long toBytes) {
    writes.discard(toBytes);
    int tail = (int) (toBytes % Block.BYTES);
    long last = toBytes / Block.BYTES;
    Iterator<Block> all = blocks.values().iterator();
    while (all.hasNext()) {
      Block block = all.next();
      if (block.index == last && tail > 0) {
        block.clearBytes(tail);
      } else if (block.index >= last) {
        all.remove();
        cache.pool().giveBack(block);
      }
    }
  }

  private void learnPlaces(List<ExtentGrant> grants) {
    for (ExtentGrant grant : grants) {
      if (grant.endpoint() != null) {
        cache.storage().learn(grant.component(), grant.endpoint());
      }
    }
  }

  /** Needs the lock. */
  @Nullable Place placeOf(long offset) {
    return extents.at(ExtentMap.extentOf(offset));
  }

  private static long now() {
    Instant now = Instant.now();
    return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
  }
}
