package org.splitrack.pcomponent.internal.wasi;

/** A program thread as the functions that it calls see it. Used by that thread only. */
public interface HostThread {
  /** 0 for the first thread of the process; then the numbers that thread-spawn returned. */
  int number();

  /** Throws when the process is ending, in long loops and after waits. */
  void checkStop();

  /**
   * From here to {@link #backToProgram} the thread may wait and must not touch the program's
   * memory, so that write-back and eviction need not wait for it.
   */
  void awayFromProgram();

  /** Ends {@link #awayFromProgram}. */
  void backToProgram();
}
