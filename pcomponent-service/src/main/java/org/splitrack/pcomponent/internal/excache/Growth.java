package org.splitrack.pcomponent.internal.excache;

/** Reserves memory for a process before its program may use it. */
@FunctionalInterface
public interface Growth {
  /**
   * Reserves the pages {@code [fromPage, toPageExclusive)} on their homes, all or none. May block;
   * called by one thread of the process at a time.
   *
   * @return false when there is no room: {@code memory.grow} answers −1
   * @throws MemoryRefused when that cannot be found out
   */
  boolean grow(int fromPage, int toPageExclusive);
}
