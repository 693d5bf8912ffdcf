package org.splitrack.pcomponent.internal.wasi;

import java.nio.ByteBuffer;
import org.splitrack.pcomponent.internal.file.Errno;
import org.splitrack.pcomponent.internal.file.FileFault;

/**
 * A program's memory as host calls use it: little-endian, addressed by unsigned 32-bit numbers.
 * Whoever uses an address of the program calls {@link #check} first. Used only by the program's
 * threads; each access may wait for a page.
 */
public interface GuestMemory {
  /** Bytes that the memory has now; it never shrinks. */
  long sizeBytes();

  byte readByte(int address);

  short readShort(int address);

  int readInt(int address);

  long readLong(int address);

  void writeByte(int address, byte value);

  void writeShort(int address, short value);

  void writeInt(int address, int value);

  void writeLong(int address, long value);

  /** Copies from the memory until {@code into} is full. */
  void read(int address, ByteBuffer into);

  /** Copies what remains in {@code from} into the memory. */
  void write(int address, ByteBuffer from);

  /**
   * Refuses a range that does not lie within the memory.
   *
   * @param length 0 to 2^32 − 1
   * @throws FileFault with {@link Errno#FAULT}
   */
  default void check(int address, long length) {
    if (Integer.toUnsignedLong(address) + length > sizeBytes()) {
      throw new FileFault(Errno.FAULT);
    }
  }
}
