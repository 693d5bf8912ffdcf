package org.splitrack.pcomponent.internal.file;

import java.nio.ByteBuffer;

/**
 * Bytes of a program's memory that one call reads or fills, perhaps in several pieces. All pieces
 * have been checked to lie within the memory. Copies go page by page, so nothing is allocated by
 * the length, which is the program's number. Used only by the thread that made the call.
 */
public interface GuestBytes {
  /** Length of all pieces together; 0 to 4 GiB and more. */
  long length();

  /**
   * Copies {@code from.remaining()} bytes into the program's memory, from byte {@code at} of these
   * on; {@code at + from.remaining()} is at most {@link #length}. Advances {@code from} to its
   * limit.
   */
  void put(long at, ByteBuffer from);

  /**
   * Copies bytes of the program's memory, from byte {@code at} of these on, until {@code into} is
   * full; {@code at + into.remaining()} is at most {@link #length}.
   */
  void get(long at, ByteBuffer into);
}
