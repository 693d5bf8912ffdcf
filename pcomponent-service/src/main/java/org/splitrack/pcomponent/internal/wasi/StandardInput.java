package org.splitrack.pcomponent.internal.wasi;

import java.nio.ByteBuffer;

/** What a program reads as its standard input. Safe from any thread. */
public interface StandardInput {
  /**
   * Takes bytes that are there, waiting for the first.
   *
   * @return bytes taken, or −1 at the end
   * @throws InterruptedException when the thread is interrupted while it waits
   */
  int read(ByteBuffer into) throws InterruptedException;

  /** Bytes that can be read without waiting; −1 at the end. */
  int available();

  /**
   * Waits until {@link #read} would not wait, or {@code timeoutNs} have passed.
   *
   * @return whether it would not
   */
  boolean awaitReadable(long timeoutNs) throws InterruptedException;
}
