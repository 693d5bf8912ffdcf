package org.splitrack.pcomponent.internal.excache;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Memory by absolute address: one segment over everything, so that an access to a frame is an add
 * and a load once the page table has given the frame's address. Nothing is checked here; whoever
 * passes an address has it from a page table or a frame pool.
 */
public final class AbsoluteMemory {
  public static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private static final ValueLayout.OfLong ALIGNED_LONG =
      ValueLayout.JAVA_LONG.withOrder(LITTLE_ENDIAN);
  private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();
  private static final VarHandle SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN).varHandle();
  private static final VarHandle INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN).varHandle();
  private static final VarHandle LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN).varHandle();
  private static final VarHandle FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN).varHandle();
  private static final VarHandle DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(LITTLE_ENDIAN).varHandle();

  /** For accesses of a WebAssembly atomic instruction: sequentially consistent modes only. */
  public static final VarHandle ATOMIC_INT =
      ValueLayout.JAVA_INT.withOrder(LITTLE_ENDIAN).varHandle();

  public static final VarHandle ATOMIC_LONG = ALIGNED_LONG.varHandle();

  private AbsoluteMemory() {}

  public static byte byteAt(long address) {
    return (byte) BYTE.get(ALL, address);
  }

  public static short shortAt(long address) {
    return (short) SHORT.get(ALL, address);
  }

  public static int intAt(long address) {
    return (int) INT.get(ALL, address);
  }

  public static long longAt(long address) {
    return (long) LONG.get(ALL, address);
  }

  public static float floatAt(long address) {
    return (float) FLOAT.get(ALL, address);
  }

  public static double doubleAt(long address) {
    return (double) DOUBLE.get(ALL, address);
  }

  public static void setByte(long address, byte value) {
    BYTE.set(ALL, address, value);
  }

  public static void setShort(long address, short value) {
    SHORT.set(ALL, address, value);
  }

  public static void setInt(long address, int value) {
    INT.set(ALL, address, value);
  }

  public static void setLong(long address, long value) {
    LONG.set(ALL, address, value);
  }

  public static void setFloat(long address, float value) {
    FLOAT.set(ALL, address, value);
  }

  public static void setDouble(long address, double value) {
    DOUBLE.set(ALL, address, value);
  }

  /** Copies bytes; overlapping ranges as if by way of a third place. */
  public static void copy(long from, long to, long bytes) {
    MemorySegment.copy(ALL, from, ALL, to, bytes);
  }

  public static void copyOut(long from, byte[] to, int offset, int bytes) {
    MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, from, to, offset, bytes);
  }

  public static void copyIn(byte[] from, int offset, long to, int bytes) {
    MemorySegment.copy(from, offset, ALL, ValueLayout.JAVA_BYTE, to, bytes);
  }

  public static void fill(long from, long bytes, byte value) {
    long eight = (value & 0xFFL) * 0x0101_0101_0101_0101L;
    long at = from;
    long end = from + bytes;
    for (; at <= end - Long.BYTES; at += Long.BYTES) {
      LONG.set(ALL, at, eight);
    }
    for (; at < end; at++) {
      BYTE.set(ALL, at, value);
    }
  }

  public static void zeroPage(long address) {
    for (int i = 0; i < PAGE_BYTES; i += Long.BYTES) {
      ATOMIC_LONG.set(ALL, address + i, 0L);
    }
  }

  /** Whether all 4096 bytes of the page-aligned address are zero. */
  public static boolean isZeroPage(long address) {
    // The first word alone decides for nearly every page that is not all zeros.
    if (longAt(address) != 0) {
      return false;
    }
    for (int i = 0; i < PAGE_BYTES; i += 4 * Long.BYTES) {
      long at = address + i;
      if ((longAt(at) | longAt(at + 8) | longAt(at + 16) | longAt(at + 24)) != 0) {
        return false;
      }
    }
    return true;
  }
}
