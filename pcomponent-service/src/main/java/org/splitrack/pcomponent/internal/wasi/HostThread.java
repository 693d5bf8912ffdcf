package org.splitrack.pcomponent.internal.wasi;

/** A program thread as the functions that it calls see it. Used by that thread only. */
public interface HostThread {
  /** 0 for the first thread of the process; then the numbers that thread-spawn returned. */
  int number();

  /** Throws when the process is ending, in long loops and after waits. */
  void checkStop();

  /**
   * To be called before something leaves the process that others can see; may wait, and throws,
   * unwinding the thread, when it may not leave. The thread is not away from the program.
   *
   * @param what one clause: {@code output}
   */
  void beforeEffect(String what);

  /**
   * From here to {@link #backToProgram} the thread may wait and must not touch the program's
   * memory, so that write-back and eviction need not wait for it.
   */
  void awayFromProgram();

  /** Ends {@link #awayFromProgram}. */
  void backToProgram();
}
