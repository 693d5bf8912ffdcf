package org.splitrack.fabric.transport;

import java.io.IOException;

/**
 * Where one thread waits for many non-blocking links of one {@link Transport}. Only {@link #wakeup}
 * may be called from other threads. Waiting allocates nothing.
 */
public interface WaitPoint extends AutoCloseable {
  /** Watches a link for bytes, and for its end, from now on until it is closed. */
  <T> void watch(Link link, T subject, Ready<T> ready) throws IOException;

  /** What to watch this link for from now on; at first {@link Interest#READ}. */
  void watchFor(Link link, Interest interest);

  /**
   * Calls {@code Ready} for each link that can be read (or written, if that is watched) or has
   * ended.
   *
   * @param waitNs how long to wait for the first; 0 = not at all. Rounded up to what the system
   *     offers (1 ms for TCP)
   * @return links that were ready; 0 also after {@link #wakeup}
   */
  int await(long waitNs) throws IOException;

  /** Ends the present or the next {@link #await}. */
  void wakeup();

  @Override
  void close();

  /** What makes a link ready. Its end always does, except while nothing is wanted of it. */
  enum Interest {
    READ(true, false),
    /** Room to write: who cannot get rid of replies takes no more requests. */
    WRITE(false, true),
    EITHER(true, true),
    NOTHING(false, false);

    private final boolean reads;
    private final boolean writes;

    Interest(boolean reads, boolean writes) {
      this.reads = reads;
      this.writes = writes;
    }

    boolean reads() {
      return reads;
    }

    boolean writes() {
      return writes;
    }
  }

  /** What to do with a link that is ready, on the waiting thread. */
  interface Ready<T> {
    void ready(T subject);
  }
}
