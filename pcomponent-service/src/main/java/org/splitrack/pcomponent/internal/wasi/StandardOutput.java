package org.splitrack.pcomponent.internal.wasi;

import java.nio.ByteBuffer;

/** Where a program's standard output or error goes. Safe from any thread. */
@FunctionalInterface
public interface StandardOutput {
  /**
   * Takes everything that remains in {@code bytes}, waiting while its reader is behind.
   *
   * @throws InterruptedException when the thread is interrupted while it waits
   */
  void write(ByteBuffer bytes) throws InterruptedException;
}
