package org.splitrack.pcomponent.internal.file;

/** Waits that end with {@link Errno#INTR} when their thread is interrupted. */
final class Interruptions {
  private Interruptions() {}

  /** What may be interrupted. */
  interface Wait {
    void run() throws InterruptedException;
  }

  static void run(Wait wait) {
    try {
      wait.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FileFault(Errno.INTR);
    }
  }
}
