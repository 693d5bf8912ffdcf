package org.splitrack.pcomponent.internal.file;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.control.FileCalls.Caller;
import org.splitrack.fabric.storage.StorageClient.Place;
import org.splitrack.fabric.storage.StorageFault;
import org.splitrack.fabric.storage.StorageGeometry;

/** Fills a file's blocks from its extents; each request on a thread of its own. */
final class BlockReads {
  /** Blocks that one request fills at most. */
  static final int MAX_RUN = StorageGeometry.MAX_TRANSFER_BYTES / Block.BYTES;

  private final CachedFile file;
  private final FileCache cache;

  /** Guarded by the file's lock. */
  private int loads;

  BlockReads(CachedFile file, FileCache cache) {
    this.file = file;
    this.cache = cache;
  }

  /** Needs the file's lock. */
  boolean isLoading() {
    return loads > 0;
  }

  /** Needs the file's lock. What the block is being filled with is not wanted any more. */
  void forget(Block block) {
    block.owner = null;
  }

  /**
   * Copies bytes from {@code offset} on into {@code into}, at most to the end of its block.
   *
   * @param runBlocks how many blocks to fetch together when the first is missing
   * @return bytes copied; 0 at the end of the file
   */
  int read(long offset, ByteBuffer into, int runBlocks, Caller caller) throws InterruptedException {
    long index = offset / Block.BYTES;
    int from = (int) (offset % Block.BYTES);
    file.lock.lockInterruptibly();
    try {
      while (true) {
        int length =
            (int)
                Math.min(Math.min(Block.BYTES - from, into.remaining()), file.sizeBytes() - offset);
        if (length <= 0) {
          return 0;
        }
        Block block = file.blocks.get(index);
        if (block != null && block.load == null) {
          block.referenced = true;
          into.limit(into.position() + length);
          block.get(from, into);
          return length;
        }
        if (block == null && isHole(offset)) {
          into.limit(into.position() + length);
          while (into.hasRemaining()) {
            into.put((byte) 0);
          }
          return length;
        }
        obtain(index, runBlocks, caller);
      }
    } finally {
      file.lock.unlock();
    }
  }

  /**
   * Needs the file's lock, once, and gives it up meanwhile: waits for the load of a block, or
   * begins one. Whatever was seen before may have changed after.
   */
  void obtain(long index, int runBlocks, Caller caller) throws InterruptedException {
    Block block = file.blocks.get(index);
    if (file.isResizing()) {
      while (file.isResizing()) {
        file.changed.await();
      }
    } else if (block == null) {
      file.lock.unlock();
      try {
        begin(index, runBlocks, caller);
      } finally {
        file.lock.lock();
      }
    } else {
      await(block.load);
    }
  }

  /**
   * Begins to fetch blocks of {@code [fromOffset, toOffset)} that are missing; waits for nothing.
   */
  void prefetch(long fromOffset, long toOffset) {
    long index = fromOffset / Block.BYTES;
    long endExclusive = Math.ceilDiv(toOffset, Block.BYTES);
    while (index < endExclusive) {
      int count = (int) Math.min(MAX_RUN, endExclusive - index);
      start(index, takeWhatIsFree(count));
      index += count;
    }
  }

  private void await(Block.@Nullable Load load) throws InterruptedException {
    if (load == null) {
      return;
    }
    while (!load.done) {
      file.changed.await();
    }
    if (load.fault != null) {
      throw load.fault;
    }
  }

  private void begin(long index, int runBlocks, Caller caller) throws InterruptedException {
    long extent = ExtentMap.extentOf(index * Block.BYTES);
    boolean known;
    file.lock.lockInterruptibly();
    try {
      known = file.extents.isKnown(extent);
    } finally {
      file.lock.unlock();
    }
    if (!known) {
      file.askForExtents(extent, caller);
      return;
    }
    List<Block> blocks = new ArrayList<>(runBlocks);
    blocks.add(cache.pool().take());
    blocks.addAll(takeWhatIsFree(runBlocks - 1));
    start(index, blocks);
  }

  private List<Block> takeWhatIsFree(int count) {
    List<Block> blocks = new ArrayList<>(count);
    while (blocks.size() < count) {
      Block block = cache.pool().tryTake();
      if (block == null) {
        break;
      }
      blocks.add(block);
    }
    return blocks;
  }

  /** Fills as many of the blocks as are missing one after the other, within one extent and file. */
  private void start(long index, List<Block> blocks) {
    Block.Load load = new Block.Load();
    List<Block> run = new ArrayList<>(blocks.size());
    Place place = null;
    file.lock.lock();
    try {
      long extent = ExtentMap.extentOf(index * Block.BYTES);
      place = file.extents.at(extent);
      if (place != null && !file.isResizing()) {
        for (Block block : blocks) {
          long at = index + run.size();
          if (file.blocks.containsKey(at)
              || at * Block.BYTES >= file.sizeBytes()
              || ExtentMap.extentOf(at * Block.BYTES) != extent) {
            break;
          }
          file.adopt(block, at, load);
          run.add(block);
        }
      }
      if (!run.isEmpty()) {
        loads++;
      }
    } finally {
      file.lock.unlock();
    }
    blocks.subList(run.size(), blocks.size()).forEach(cache.pool()::giveBack);
    if (!run.isEmpty() && place != null) {
      Place from = place;
      Thread.ofVirtual().name("file-read").start(() -> fill(index, run, from, load));
    }
  }

  private void fill(long index, List<Block> run, Place place, Block.Load load) {
    ByteBuffer[] into = new ByteBuffer[run.size()];
    for (int i = 0; i < into.length; i++) {
      into[i] = run.get(i).bytes.duplicate().clear();
    }
    FileFault fault = new FileFault(Errno.IO, "a read failed");
    boolean gone = false;
    try {
      cache.storage().read(place, ExtentMap.offsetInExtent(index * Block.BYTES), into);
      fault = null;
    } catch (StorageFault e) {
      gone = e.reason() == StorageFault.Reason.NO_SUCH_EXTENT;
      fault = gone ? null : new FileFault(Errno.IO, String.valueOf(e.getMessage()));
    } finally {
      finish(run, load, fault, gone);
    }
  }

  /**
   * @param gone the extent is not there any more: another pComponent has cut the file, so the map
   *     is asked for anew and the read starts over
   */
  private void finish(List<Block> run, Block.Load load, @Nullable FileFault fault, boolean gone) {
    file.lock.lock();
    try {
      loads--;
      for (Block block : run) {
        block.load = null;
        if (block.owner != file) {
          cache.pool().giveBack(block);
        } else if (fault != null || gone) {
          file.abandon(block);
        }
      }
      if (gone) {
        file.extents.clear();
      }
      load.fault = fault;
      load.done = true;
      file.changed.signalAll();
    } finally {
      file.lock.unlock();
    }
  }

  /** Needs the file's lock. */
  private boolean isHole(long offset) {
    long extent = ExtentMap.extentOf(offset);
    return file.extents.isKnown(extent) && file.extents.at(extent) == null;
  }
}
