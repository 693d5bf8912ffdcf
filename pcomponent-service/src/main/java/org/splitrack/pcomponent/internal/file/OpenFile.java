package org.splitrack.pcomponent.internal.file;

/**
 * An open regular file. It has no position; who reads or writes says where. Whether it was opened
 * for reading or writing is checked by the caller.
 */
public non-sealed interface OpenFile extends OpenNode {
  /**
   * Reads at most {@code into.length()} bytes from byte {@code offset} of the file on.
   *
   * @return bytes read; less than asked for only at the end of the file, or where the
   *     implementation ends a long read early; 0 only at or beyond the end or when nothing was
   *     asked
   */
  long read(long offset, GuestBytes into);

  /**
   * Writes at byte {@code offset}, beyond the end too: the hole reads as zeros.
   *
   * @return bytes written, at least 1 unless {@code from} is empty
   */
  long write(long offset, GuestBytes from);

  /** Writes at the end of the file as it is now, wherever other writers have moved it. */
  Appended append(GuestBytes from);

  /** Cuts the file, or lengthens it with zeros. */
  void truncate(long size);

  /** Makes sure that bytes up to {@code offset + length} can be written; lengthens the file. */
  void allocate(long offset, long length);

  /** Returns when what was written, with size and times, survives a kill of its component. */
  void sync();

  /** As {@link #sync}, without times. */
  void syncData();

  /** Where appended bytes went. */
  record Appended(long offset, long bytes) {}
}
