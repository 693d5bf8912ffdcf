package org.splitrack.pcomponent.internal.wasi;

/** The clocks that a program sees, in ns. */
public interface ProgramClocks {
  /** Since 1970. */
  long realtimeNs();

  /** Since the start of the process; never goes back. */
  long monotonicNs();

  /** CPU time of all threads that the process has had. */
  long processCpuNs();

  /** CPU time of the calling thread. */
  long threadCpuNs();
}
