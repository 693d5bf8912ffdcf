package org.splitrack.pcomponent.internal.file;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where bytes wait between a block and a program's memory: touching that memory may fetch pages
 * over the network, which nobody does with a file locked. One buffer a call that is in progress.
 */
final class StagingBuffers {
  private static final int MAX_IDLE = 16;

  private final ConcurrentLinkedDeque<ByteBuffer> idle = new ConcurrentLinkedDeque<>();
  private final AtomicInteger idleCount = new AtomicInteger();

  /** A buffer of one block's length. */
  ByteBuffer take() {
    ByteBuffer buffer = idle.pollFirst();
    if (buffer == null) {
      return ByteBuffer.allocate(Block.BYTES);
    }
    idleCount.decrementAndGet();
    return buffer.clear();
  }

  void giveBack(ByteBuffer buffer) {
    if (idleCount.get() < MAX_IDLE) {
      idleCount.incrementAndGet();
      idle.addFirst(buffer);
    }
  }
}
