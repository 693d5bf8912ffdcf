package org.splitrack.fabric.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;

/**
 * A two-way stream of bytes to another component, over TCP, TLS or within this JVM.
 *
 * <p>A link starts out blocking: reads wait for at least one byte, writes until all is taken; a
 * {@link Deadline} bounds them. After {@code blocking(false)} reads and writes do what they can at
 * once and a {@link WaitPoint} waits. One thread may read while another writes.
 */
public interface Link extends AutoCloseable {
  /**
   * Reads up to {@code target.remaining()} bytes.
   *
   * @return how many; 0 when none is there (non-blocking only); -1 when the other end has closed
   */
  int read(ByteBuffer target) throws IOException;

  /** Writes from {@code source}; returns how many bytes were taken. */
  int write(ByteBuffer source) throws IOException;

  /** Chooses the mode of reads and writes. */
  void blocking(boolean blocking) throws IOException;

  boolean isOpen();

  /** The role that the other end's certificate proves; null where links need none. */
  default @Nullable Role certifiedRole() {
    return null;
  }

  /** Where the other end is, for people. */
  default String remote() {
    return "this JVM";
  }

  /** Told once by the handshake: who is at the other end. */
  default void peer(ComponentId peer) {}

  /** Runs {@code action} once when this end is closed; at once when it is already. */
  void onClose(Runnable action);

  /** Ends reads and writes in progress in other threads; repeating it does nothing. */
  @Override
  void close();
}
