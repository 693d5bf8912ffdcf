package org.splitrack.pcomponent.internal.wasm;

import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;
import static org.splitrack.fabric.PageGeometry.PAGE_OFFSET_MASK;
import static org.splitrack.fabric.PageGeometry.PAGE_SHIFT;

import org.splitrack.pcomponent.internal.excache.AbsoluteMemory;
import run.endive.runtime.Memory;

/**
 * Loads and stores of a program: a look-up in the page table, an addition and the access itself;
 * everything else is on the slow path of {@link PagedMemory}.
 *
 * <p>This is the hottest code there is, and it is pasted into programs thousands of times. So it is
 * in pieces of at most 35 bytecodes, which the optimising compiler inlines without asking whether a
 * place is hot; and compiled programs run {@link DirectAccess}'s copy of it.
 *
 * <p>Methods that begin with {@code memory} have the name and the arguments of those that the
 * compiler's code calls: see {@link AccessorRewriter}.
 */
public final class PageAccess {
  /** From one page's pair of entries to the next's. */
  private static final int ENTRIES_BYTES = 2 * Long.BYTES;

  private PageAccess() {}

  /** A poll: at every call and backward branch. */
  public static void poll(Memory memory) {
    ((PagedMemory) memory).pollIfCalled();
  }

  /** The address of an access; out of every memory's bounds when it is not below 2 GiB. */
  public static int address(int base, int offset) {
    long at = effective(base, offset);
    return at > Integer.MAX_VALUE ? Integer.MIN_VALUE : (int) at;
  }

  public static byte memoryReadByte(int base, int offset, Memory memory) {
    return loadByte((PagedMemory) memory, effective(base, offset));
  }

  public static short memoryReadShort(int base, int offset, Memory memory) {
    return loadShort((PagedMemory) memory, effective(base, offset));
  }

  public static int memoryReadInt(int base, int offset, Memory memory) {
    return loadInt((PagedMemory) memory, effective(base, offset));
  }

  public static long memoryReadLong(int base, int offset, Memory memory) {
    return loadLong((PagedMemory) memory, effective(base, offset));
  }

  public static float memoryReadFloat(int base, int offset, Memory memory) {
    return loadFloat((PagedMemory) memory, effective(base, offset));
  }

  public static double memoryReadDouble(int base, int offset, Memory memory) {
    return loadDouble((PagedMemory) memory, effective(base, offset));
  }

  public static void memoryWriteByte(int base, byte value, int offset, Memory memory) {
    storeByte((PagedMemory) memory, effective(base, offset), value);
  }

  public static void memoryWriteShort(int base, short value, int offset, Memory memory) {
    storeShort((PagedMemory) memory, effective(base, offset), value);
  }

  public static void memoryWriteInt(int base, int value, int offset, Memory memory) {
    storeInt((PagedMemory) memory, effective(base, offset), value);
  }

  public static void memoryWriteLong(int base, long value, int offset, Memory memory) {
    storeLong((PagedMemory) memory, effective(base, offset), value);
  }

  public static void memoryWriteFloat(int base, float value, int offset, Memory memory) {
    storeFloat((PagedMemory) memory, effective(base, offset), value);
  }

  public static void memoryWriteDouble(int base, double value, int offset, Memory memory) {
    storeDouble((PagedMemory) memory, effective(base, offset), value);
  }

  public static void memoryFill(int from, byte value, int size, Memory memory) {
    ((PagedMemory) memory).fillRange(unsigned(from), value, unsigned(size));
  }

  private static long effective(int base, int offset) {
    return unsigned(base) + unsigned(offset);
  }

  private static long unsigned(int value) {
    return value & 0xFFFF_FFFFL;
  }

  /** The entry for reading; 0 also where the access goes over the end of its page. */
  private static long readEntry(PagedMemory memory, long at, int lastOffset) {
    return ((int) at & PAGE_OFFSET_MASK) <= lastOffset ? readEntry(memory.entries(), at) : 0;
  }

  private static long writeEntry(PagedMemory memory, long at, int lastOffset) {
    return ((int) at & PAGE_OFFSET_MASK) <= lastOffset ? writeEntry(memory.entries(), at) : 0;
  }

  static long readEntry(long entries, long at) {
    return AbsoluteMemory.longAt(entries + (at >>> PAGE_SHIFT) * ENTRIES_BYTES);
  }

  static long writeEntry(long entries, long at) {
    return AbsoluteMemory.longAt(entries + (at >>> PAGE_SHIFT) * ENTRIES_BYTES + Long.BYTES);
  }

  static byte loadByte(PagedMemory memory, long at) {
    long entry = readEntry(memory, at, PAGE_BYTES - 1);
    return entry != 0 ? AbsoluteMemory.byteAt(entry + at) : (byte) memory.loadSlowly(at, 1);
  }

  static short loadShort(PagedMemory memory, long at) {
    long entry = readEntry(memory, at, PAGE_BYTES - 2);
    return entry != 0 ? AbsoluteMemory.shortAt(entry + at) : (short) memory.loadSlowly(at, 2);
  }

  static int loadInt(PagedMemory memory, long at) {
    long entry = readEntry(memory, at, PAGE_BYTES - 4);
    return entry != 0 ? AbsoluteMemory.intAt(entry + at) : (int) memory.loadSlowly(at, 4);
  }

  static long loadLong(PagedMemory memory, long at) {
    long entry = readEntry(memory, at, PAGE_BYTES - 8);
    return entry != 0 ? AbsoluteMemory.longAt(entry + at) : memory.loadSlowly(at, 8);
  }

  static float loadFloat(PagedMemory memory, long at) {
    long entry = readEntry(memory, at, PAGE_BYTES - 4);
    return entry != 0
        ? AbsoluteMemory.floatAt(entry + at)
        : Float.intBitsToFloat((int) memory.loadSlowly(at, 4));
  }

  static double loadDouble(PagedMemory memory, long at) {
    long entry = readEntry(memory, at, PAGE_BYTES - 8);
    return entry != 0
        ? AbsoluteMemory.doubleAt(entry + at)
        : Double.longBitsToDouble(memory.loadSlowly(at, 8));
  }

  static void storeByte(PagedMemory memory, long at, byte value) {
    long entry = writeEntry(memory, at, PAGE_BYTES - 1);
    if (entry != 0) {
      AbsoluteMemory.setByte(entry + at, value);
    } else {
      memory.storeSlowly(at, value, 1);
    }
  }

  static void storeShort(PagedMemory memory, long at, short value) {
    long entry = writeEntry(memory, at, PAGE_BYTES - 2);
    if (entry != 0) {
      AbsoluteMemory.setShort(entry + at, value);
    } else {
      memory.storeSlowly(at, value, 2);
    }
  }

  static void storeInt(PagedMemory memory, long at, int value) {
    long entry = writeEntry(memory, at, PAGE_BYTES - 4);
    if (entry != 0) {
      AbsoluteMemory.setInt(entry + at, value);
    } else {
      memory.storeSlowly(at, value, 4);
    }
  }

  static void storeLong(PagedMemory memory, long at, long value) {
    long entry = writeEntry(memory, at, PAGE_BYTES - 8);
    if (entry != 0) {
      AbsoluteMemory.setLong(entry + at, value);
    } else {
      memory.storeSlowly(at, value, 8);
    }
  }

  static void storeFloat(PagedMemory memory, long at, float value) {
    long entry = writeEntry(memory, at, PAGE_BYTES - 4);
    if (entry != 0) {
      AbsoluteMemory.setFloat(entry + at, value);
    } else {
      memory.storeSlowly(at, Float.floatToRawIntBits(value), 4);
    }
  }

  static void storeDouble(PagedMemory memory, long at, double value) {
    long entry = writeEntry(memory, at, PAGE_BYTES - 8);
    if (entry != 0) {
      AbsoluteMemory.setDouble(entry + at, value);
    } else {
      memory.storeSlowly(at, Double.doubleToRawLongBits(value), 8);
    }
  }
}
