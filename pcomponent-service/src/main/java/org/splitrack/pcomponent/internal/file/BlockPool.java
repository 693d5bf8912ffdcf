package org.splitrack.pcomponent.internal.file;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * All blocks of a pComponent. A block is given out empty; when none is, a clean one that was not
 * used lately is taken from its file (second chance). Whoever asks holds no file's lock: a file's
 * lock is taken before the pool's, and here only tried.
 */
final class BlockPool {
  private static final long RESCAN_NS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Block[] blocks;
  private final ArrayDeque<Block> free;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final long patienceNs;
  private int hand;

  BlockPool(int count, Duration patience) {
    blocks = new Block[count];
    free = new ArrayDeque<>(count);
    for (int i = 0; i < count; i++) {
      blocks[i] = new Block();
      free.add(blocks[i]);
    }
    patienceNs = patience.toNanos();
  }

  int size() {
    return blocks.length;
  }

  int freeCount() {
    lock.lock();
    try {
      return free.size();
    } finally {
      lock.unlock();
    }
  }

  /**
   * A block that is nobody's; waits for one.
   *
   * @throws FileFault IO when none gets clean for too long
   */
  Block take() throws InterruptedException {
    long deadlineNs = System.nanoTime() + patienceNs;
    lock.lockInterruptibly();
    try {
      while (true) {
        Block block = takeNow();
        if (block != null) {
          return block;
        }
        if (System.nanoTime() > deadlineNs) {
          throw new FileFault(Errno.IO, "no file buffer gets free");
        }
        long _ = changed.awaitNanos(RESCAN_NS);
      }
    } finally {
      lock.unlock();
    }
  }

  /** As {@link #take}, or null at once. */
  @Nullable Block tryTake() {
    lock.lock();
    try {
      return takeNow();
    } finally {
      lock.unlock();
    }
  }

  /** Takes a block back; its file has let go of it. */
  void giveBack(Block block) {
    block.owner = null;
    block.load = null;
    block.referenced = false;
    block.dirty.clear();
    lock.lock();
    try {
      free.addFirst(block);
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Block takeNow() {
    Block block = free.pollFirst();
    for (int step = 0; block == null && step < 2 * blocks.length; step++) {
      Block candidate = blocks[hand];
      hand = (hand + 1) % blocks.length;
      CachedFile owner = candidate.owner;
      if (owner != null && owner.tryEvict(candidate)) {
        block = candidate;
      }
    }
    return block;
  }
}
