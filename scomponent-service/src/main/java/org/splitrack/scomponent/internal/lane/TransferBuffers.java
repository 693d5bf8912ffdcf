package org.splitrack.scomponent.internal.lane;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import org.splitrack.fabric.storage.StorageGeometry;

/** A bounded number of buffers for one request's bytes each; who finds none waits. */
final class TransferBuffers {
  private final ConcurrentLinkedDeque<ByteBuffer> idle = new ConcurrentLinkedDeque<>();
  private final Semaphore permits;

  TransferBuffers(int count) {
    permits = new Semaphore(count);
  }

  /** A buffer of the longest transfer, cleared. */
  ByteBuffer take() {
    permits.acquireUninterruptibly();
    ByteBuffer buffer = idle.pollFirst();
    return buffer == null
        ? ByteBuffer.allocateDirect(StorageGeometry.MAX_TRANSFER_BYTES)
        : buffer.clear();
  }

  void giveBack(ByteBuffer buffer) {
    idle.addFirst(buffer);
    permits.release();
  }
}
