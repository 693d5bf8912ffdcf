package org.splitrack.pcomponent.internal.wasm;

import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;
import static org.splitrack.fabric.PageGeometry.PAGE_OFFSET_MASK;
import static org.splitrack.fabric.PageGeometry.PAGE_SHIFT;
import static org.splitrack.pcomponent.internal.excache.AbsoluteMemory.ALL;
import static org.splitrack.pcomponent.internal.excache.AbsoluteMemory.ATOMIC_INT;
import static org.splitrack.pcomponent.internal.excache.AbsoluteMemory.ATOMIC_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.splitrack.pcomponent.internal.excache.AbsoluteMemory;
import org.splitrack.pcomponent.internal.excache.AddressSpace;
import org.splitrack.pcomponent.internal.excache.PageView;
import run.endive.runtime.ConstantEvaluators;
import run.endive.runtime.Instance;
import run.endive.runtime.Memory;
import run.endive.runtime.TrapException;
import run.endive.wasm.types.ActiveDataSegment;
import run.endive.wasm.types.DataSegment;
import run.endive.wasm.types.PassiveDataSegment;

/**
 * The linear memory of a program as one of its threads has it: every load and store of the program
 * goes through here to the pages of its {@link AddressSpace}. One object a thread, since a thread
 * polls and misses for itself.
 *
 * <p>Compiled programs call the static accessors (see {@link AccessorRewriter}): they are written
 * in pieces of at most 35 bytecodes, which the optimising compiler inlines without asking whether a
 * place is hot. The methods of {@link Memory} serve host functions and interpreted functions; they
 * poll, because interpreted code does not.
 */
public final class PagedMemory extends PageView implements Memory {
  private static final String OUT_OF_BOUNDS = "out of bounds memory access";

  private final boolean skipsDataSegments;
  private DataSegment @Nullable [] segments;

  private PagedMemory(AddressSpace space, boolean skipsDataSegments) {
    super(space);
    this.skipsDataSegments = skipsDataSegments;
  }

  /** The view of a program's first thread, which fills in the data segments. */
  public static PagedMemory open(AddressSpace space) {
    return new PagedMemory(space, false);
  }

  /** The view of a further thread: the data segments are in memory already. */
  public static PagedMemory openForThread(AddressSpace space) {
    return new PagedMemory(space, true);
  }

  // ---- called by compiled programs ----

  /** A poll: at every call and backward branch. */
  public static void poll(Memory memory) {
    PagedMemory paged = (PagedMemory) memory;
    if (paged.isCalled()) {
      paged.attend();
    }
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

  private static long readableEntry(PagedMemory memory, long at, int lastOffset) {
    int page = (int) (at >>> PAGE_SHIFT);
    return ((int) at & PAGE_OFFSET_MASK) <= lastOffset && page < memory.readable.length
        ? memory.readable[page]
        : 0;
  }

  private static long writableEntry(PagedMemory memory, long at, int lastOffset) {
    int page = (int) (at >>> PAGE_SHIFT);
    return ((int) at & PAGE_OFFSET_MASK) <= lastOffset && page < memory.writable.length
        ? memory.writable[page]
        : 0;
  }

  private static byte loadByte(PagedMemory memory, long at) {
    long entry = readableEntry(memory, at, PAGE_BYTES - 1);
    return entry != 0 ? AbsoluteMemory.byteAt(entry + at) : (byte) memory.loadSlowly(at, 1);
  }

  private static short loadShort(PagedMemory memory, long at) {
    long entry = readableEntry(memory, at, PAGE_BYTES - 2);
    return entry != 0 ? AbsoluteMemory.shortAt(entry + at) : (short) memory.loadSlowly(at, 2);
  }

  private static int loadInt(PagedMemory memory, long at) {
    long entry = readableEntry(memory, at, PAGE_BYTES - 4);
    return entry != 0 ? AbsoluteMemory.intAt(entry + at) : (int) memory.loadSlowly(at, 4);
  }

  private static long loadLong(PagedMemory memory, long at) {
    long entry = readableEntry(memory, at, PAGE_BYTES - 8);
    return entry != 0 ? AbsoluteMemory.longAt(entry + at) : memory.loadSlowly(at, 8);
  }

  private static float loadFloat(PagedMemory memory, long at) {
    long entry = readableEntry(memory, at, PAGE_BYTES - 4);
    return entry != 0
        ? AbsoluteMemory.floatAt(entry + at)
        : Float.intBitsToFloat((int) memory.loadSlowly(at, 4));
  }

  private static double loadDouble(PagedMemory memory, long at) {
    long entry = readableEntry(memory, at, PAGE_BYTES - 8);
    return entry != 0
        ? AbsoluteMemory.doubleAt(entry + at)
        : Double.longBitsToDouble(memory.loadSlowly(at, 8));
  }

  private static void storeByte(PagedMemory memory, long at, byte value) {
    long entry = writableEntry(memory, at, PAGE_BYTES - 1);
    if (entry != 0) {
      AbsoluteMemory.setByte(entry + at, value);
    } else {
      memory.storeSlowly(at, value, 1);
    }
  }

  private static void storeShort(PagedMemory memory, long at, short value) {
    long entry = writableEntry(memory, at, PAGE_BYTES - 2);
    if (entry != 0) {
      AbsoluteMemory.setShort(entry + at, value);
    } else {
      memory.storeSlowly(at, value, 2);
    }
  }

  private static void storeInt(PagedMemory memory, long at, int value) {
    long entry = writableEntry(memory, at, PAGE_BYTES - 4);
    if (entry != 0) {
      AbsoluteMemory.setInt(entry + at, value);
    } else {
      memory.storeSlowly(at, value, 4);
    }
  }

  private static void storeLong(PagedMemory memory, long at, long value) {
    long entry = writableEntry(memory, at, PAGE_BYTES - 8);
    if (entry != 0) {
      AbsoluteMemory.setLong(entry + at, value);
    } else {
      memory.storeSlowly(at, value, 8);
    }
  }

  private static void storeFloat(PagedMemory memory, long at, float value) {
    long entry = writableEntry(memory, at, PAGE_BYTES - 4);
    if (entry != 0) {
      AbsoluteMemory.setFloat(entry + at, value);
    } else {
      memory.storeSlowly(at, Float.floatToRawIntBits(value), 4);
    }
  }

  private static void storeDouble(PagedMemory memory, long at, double value) {
    long entry = writableEntry(memory, at, PAGE_BYTES - 8);
    if (entry != 0) {
      AbsoluteMemory.setDouble(entry + at, value);
    } else {
      memory.storeSlowly(at, Double.doubleToRawLongBits(value), 8);
    }
  }

  // ---- where the page table says no ----

  private long loadSlowly(long at, int bytes) {
    checkBounds(at, bytes);
    int page = (int) (at >>> PAGE_SHIFT);
    if (((int) at & PAGE_OFFSET_MASK) + bytes > PAGE_BYTES) {
      long value = 0;
      for (int i = bytes - 1; i >= 0; i--) {
        value = (value << 8) | (loadByte(this, at + i) & 0xFF);
      }
      return value;
    }
    long absolute = readFault(page) + at;
    return switch (bytes) {
      case 1 -> AbsoluteMemory.byteAt(absolute);
      case 2 -> AbsoluteMemory.shortAt(absolute);
      case 4 -> AbsoluteMemory.intAt(absolute);
      default -> AbsoluteMemory.longAt(absolute);
    };
  }

  private void storeSlowly(long at, long value, int bytes) {
    checkBounds(at, bytes);
    int page = (int) (at >>> PAGE_SHIFT);
    if (((int) at & PAGE_OFFSET_MASK) + bytes > PAGE_BYTES) {
      for (int i = 0; i < bytes; i++) {
        storeByte(this, at + i, (byte) (value >>> (8 * i)));
      }
      return;
    }
    long absolute = writeFault(page) + at;
    switch (bytes) {
      case 1 -> AbsoluteMemory.setByte(absolute, (byte) value);
      case 2 -> AbsoluteMemory.setShort(absolute, (short) value);
      case 4 -> AbsoluteMemory.setInt(absolute, (int) value);
      default -> AbsoluteMemory.setLong(absolute, value);
    }
  }

  private void checkBounds(long at, long length) {
    if (!isInBounds(at, length)) {
      throw new TrapException(OUT_OF_BOUNDS);
    }
  }

  private long toRead(long at) {
    int page = (int) (at >>> PAGE_SHIFT);
    long entry = readable[page];
    return at + (entry != 0 ? entry : readFault(page));
  }

  private long toWrite(long at) {
    int page = (int) (at >>> PAGE_SHIFT);
    long entry = writable[page];
    return at + (entry != 0 ? entry : writeFault(page));
  }

  // ---- ranges ----

  /**
   * Traps unless the range is within the memory.
   *
   * @param addr unsigned
   * @param length unsigned
   */
  public void checkRange(int addr, int length) {
    checkBounds(unsigned(addr), unsigned(length));
  }

  /** Copies out of the program's memory. */
  public void read(int addr, byte[] into, int offset, int size) {
    Objects.checkFromIndexSize(offset, size, into.length);
    poll(this);
    checkRange(addr, size);
    long at = unsigned(addr);
    int done = 0;
    while (done < size) {
      int chunk = Math.min(size - done, leftInPage(at));
      AbsoluteMemory.copyOut(toRead(at), into, offset + done, chunk);
      at += chunk;
      done += chunk;
    }
  }

  @Override
  public void write(int addr, byte[] data, int offset, int size) {
    Objects.checkFromIndexSize(offset, size, data.length);
    poll(this);
    checkRange(addr, size);
    long at = unsigned(addr);
    int done = 0;
    while (done < size) {
      int chunk = Math.min(size - done, leftInPage(at));
      AbsoluteMemory.copyIn(data, offset + done, toWrite(at), chunk);
      at += chunk;
      done += chunk;
    }
  }

  /** Copies out of the program's memory until the buffer is full. */
  public void read(int addr, ByteBuffer into) {
    int size = into.remaining();
    if (into.hasArray()) {
      read(addr, into.array(), into.arrayOffset() + into.position(), size);
      into.position(into.limit());
      return;
    }
    poll(this);
    checkRange(addr, size);
    MemorySegment to = MemorySegment.ofBuffer(into);
    long at = unsigned(addr);
    for (int done = 0; done < size; ) {
      int chunk = Math.min(size - done, leftInPage(at));
      MemorySegment.copy(ALL, toRead(at), to, done, chunk);
      at += chunk;
      done += chunk;
    }
    into.position(into.limit());
  }

  /** Copies what remains in the buffer into the program's memory. */
  public void write(int addr, ByteBuffer from) {
    int size = from.remaining();
    if (from.hasArray()) {
      write(addr, from.array(), from.arrayOffset() + from.position(), size);
      from.position(from.limit());
      return;
    }
    poll(this);
    checkRange(addr, size);
    MemorySegment source = MemorySegment.ofBuffer(from);
    long at = unsigned(addr);
    for (int done = 0; done < size; ) {
      int chunk = Math.min(size - done, leftInPage(at));
      MemorySegment.copy(source, done, ALL, toWrite(at), chunk);
      at += chunk;
      done += chunk;
    }
    from.position(from.limit());
  }

  @Override
  public byte[] readBytes(int addr, int len) {
    checkRange(addr, len);
    byte[] bytes = new byte[len];
    read(addr, bytes, 0, len);
    return bytes;
  }

  @Override
  public void fill(byte value, int fromIndex, int toIndex) {
    // The difference is the size that the instruction had, whatever wrapped around.
    fillRange(unsigned(fromIndex), value, unsigned(toIndex - fromIndex));
  }

  private void fillRange(long from, byte value, long size) {
    checkBounds(from, size);
    long at = from;
    long end = from + size;
    while (at < end) {
      poll(this);
      long chunk = Math.min(end - at, leftInPage(at));
      AbsoluteMemory.fill(toWrite(at), chunk, value);
      at += chunk;
    }
  }

  @Override
  public void copy(int dest, int src, int size) {
    long to = unsigned(dest);
    long from = unsigned(src);
    long bytes = unsigned(size);
    checkBounds(from, bytes);
    checkBounds(to, bytes);
    if (to <= from) {
      copyUpwards(to, from, bytes);
    } else {
      copyDownwards(to, from, bytes);
    }
  }

  private void copyUpwards(long to, long from, long bytes) {
    long done = 0;
    while (done < bytes) {
      poll(this);
      long chunk = Math.min(leftInPage(from + done), leftInPage(to + done));
      chunk = Math.min(chunk, bytes - done);
      copyWithinPages(to + done, from + done, chunk);
      done += chunk;
    }
  }

  /** From the end, so that an overlapping source is read before it is overwritten. */
  private void copyDownwards(long to, long from, long bytes) {
    long left = bytes;
    while (left > 0) {
      poll(this);
      long chunk = Math.min(upToInPage(from + left), upToInPage(to + left));
      chunk = Math.min(chunk, left);
      left -= chunk;
      copyWithinPages(to + left, from + left, chunk);
    }
  }

  private void copyWithinPages(long to, long from, long bytes) {
    int sourcePage = (int) (from >>> PAGE_SHIFT);
    long destination = toWrite(to);
    long source = readable[sourcePage];
    while (source == 0) {
      // Making one page accessible may cost the other its mapping: go on until both have one.
      source = readFault(sourcePage);
      long entry = writable[(int) (to >>> PAGE_SHIFT)];
      if (entry == 0) {
        destination = toWrite(to);
        source = readable[sourcePage];
      } else {
        destination = to + entry;
      }
    }
    AbsoluteMemory.copy(source + from, destination, bytes);
  }

  private static int leftInPage(long at) {
    return PAGE_BYTES - ((int) at & PAGE_OFFSET_MASK);
  }

  /** Bytes of the page that ends at or contains the byte before {@code end}. */
  private static int upToInPage(long end) {
    return ((int) (end - 1) & PAGE_OFFSET_MASK) + 1;
  }

  // ---- data segments ----

  @Override
  public void initialize(Instance instance, DataSegment[] dataSegments) {
    initialize(instance, dataSegments, 0);
  }

  @Override
  public void initialize(Instance instance, DataSegment[] dataSegments, int memoryIndex) {
    segments = dataSegments;
    if (skipsDataSegments) {
      return;
    }
    for (DataSegment segment : dataSegments) {
      if (segment instanceof ActiveDataSegment active) {
        int at =
            (int) ConstantEvaluators.computeConstantValue(instance, active.offsetInstructions())[0];
        write(at, active.data(), 0, active.data().length);
      }
    }
  }

  @Override
  public void initPassiveSegment(int segmentId, int dest, int offset, int size) {
    byte[] data = segment(segmentId).data();
    if (unsigned(offset) + unsigned(size) > data.length) {
      throw new TrapException(OUT_OF_BOUNDS);
    }
    checkRange(dest, size);
    write(dest, data, offset, size);
  }

  @Override
  public void drop(int segmentId) {
    if (segments != null) {
      segments[segmentId] = PassiveDataSegment.EMPTY;
    }
  }

  private DataSegment segment(int segmentId) {
    if (segments == null) {
      throw new TrapException("unknown data segment " + segmentId);
    }
    return segments[segmentId];
  }

  @Override
  public void zero() {
    // A new memory's pages are zeros, and it is given to one program only.
  }

  // ---- size ----

  @Override
  public int pages() {
    return space().wasmPages();
  }

  @Override
  public int grow(int size) {
    return growBy(size);
  }

  @Override
  public int initialPages() {
    return space().wasmPages();
  }

  @Override
  public int maximumPages() {
    return space().maxWasmPages();
  }

  @Override
  public boolean shared() {
    return space().shared();
  }

  // ---- single values, for host functions and interpreted code ----

  @Override
  public byte read(int addr) {
    poll(this);
    return loadByte(this, unsigned(addr));
  }

  @Override
  public void writeByte(int addr, byte data) {
    poll(this);
    storeByte(this, unsigned(addr), data);
  }

  @Override
  public short readShort(int addr) {
    poll(this);
    return loadShort(this, unsigned(addr));
  }

  @Override
  public void writeShort(int addr, short data) {
    poll(this);
    storeShort(this, unsigned(addr), data);
  }

  @Override
  public int readInt(int addr) {
    poll(this);
    return loadInt(this, unsigned(addr));
  }

  @Override
  public void writeI32(int addr, int data) {
    poll(this);
    storeInt(this, unsigned(addr), data);
  }

  @Override
  public long readLong(int addr) {
    poll(this);
    return loadLong(this, unsigned(addr));
  }

  @Override
  public void writeLong(int addr, long data) {
    poll(this);
    storeLong(this, unsigned(addr), data);
  }

  @Override
  public float readFloat(int addr) {
    poll(this);
    return loadFloat(this, unsigned(addr));
  }

  @Override
  public void writeF32(int addr, float data) {
    poll(this);
    storeFloat(this, unsigned(addr), data);
  }

  @Override
  public double readDouble(int addr) {
    poll(this);
    return loadDouble(this, unsigned(addr));
  }

  @Override
  public void writeF64(int addr, double data) {
    poll(this);
    storeDouble(this, unsigned(addr), data);
  }

  @Override
  public long readU16(int addr) {
    return readShort(addr) & 0xFFFF;
  }

  @Override
  public long readF32(int addr) {
    return readInt(addr);
  }

  @Override
  public long readF64(int addr) {
    return readLong(addr);
  }

  // ---- atomics ----

  private long toUpdate(int addr, int bytes) {
    poll(this);
    long at = unsigned(addr);
    checkBounds(at, bytes);
    if ((addr & (bytes - 1)) != 0) {
      throw new TrapException("unaligned atomic");
    }
    return toWrite(at);
  }

  private long toObserve(int addr, int bytes) {
    poll(this);
    long at = unsigned(addr);
    checkBounds(at, bytes);
    if ((addr & (bytes - 1)) != 0) {
      throw new TrapException("unaligned atomic");
    }
    return toRead(at);
  }

  @Override
  public void atomicFence() {
    VarHandle.fullFence();
  }

  @Override
  public int atomicWait(int addr, int expected, long timeout) {
    requireShared();
    long absolute = toObserve(addr, Integer.BYTES);
    return awaitAt(unsigned(addr), absolute, false, expected, timeout);
  }

  @Override
  public int atomicWait(int addr, long expected, long timeout) {
    requireShared();
    long absolute = toObserve(addr, Long.BYTES);
    return awaitAt(unsigned(addr), absolute, true, expected, timeout);
  }

  private void requireShared() {
    if (!shared()) {
      throw new TrapException("expected shared memory");
    }
  }

  @Override
  public int atomicNotify(int addr, int maxThreads) {
    toObserve(addr, Integer.BYTES);
    return shared() ? wakeAt(unsigned(addr), maxThreads) : 0;
  }

  @Override
  public int atomicReadInt(int addr) {
    return (int) ATOMIC_INT.getVolatile(ALL, toObserve(addr, Integer.BYTES));
  }

  @Override
  public void atomicWriteInt(int addr, int value) {
    ATOMIC_INT.setVolatile(ALL, toUpdate(addr, Integer.BYTES), value);
  }

  @Override
  public int atomicAddInt(int addr, int delta) {
    return (int) ATOMIC_INT.getAndAdd(ALL, toUpdate(addr, Integer.BYTES), delta);
  }

  @Override
  public int atomicAndInt(int addr, int mask) {
    return (int) ATOMIC_INT.getAndBitwiseAnd(ALL, toUpdate(addr, Integer.BYTES), mask);
  }

  @Override
  public int atomicOrInt(int addr, int mask) {
    return (int) ATOMIC_INT.getAndBitwiseOr(ALL, toUpdate(addr, Integer.BYTES), mask);
  }

  @Override
  public int atomicXorInt(int addr, int mask) {
    return (int) ATOMIC_INT.getAndBitwiseXor(ALL, toUpdate(addr, Integer.BYTES), mask);
  }

  @Override
  public int atomicXchgInt(int addr, int value) {
    return (int) ATOMIC_INT.getAndSet(ALL, toUpdate(addr, Integer.BYTES), value);
  }

  @Override
  public int atomicCmpxchgInt(int addr, int expected, int replacement) {
    return (int)
        ATOMIC_INT.compareAndExchange(ALL, toUpdate(addr, Integer.BYTES), expected, replacement);
  }

  @Override
  public long atomicReadLong(int addr) {
    return (long) ATOMIC_LONG.getVolatile(ALL, toObserve(addr, Long.BYTES));
  }

  @Override
  public void atomicWriteLong(int addr, long value) {
    ATOMIC_LONG.setVolatile(ALL, toUpdate(addr, Long.BYTES), value);
  }

  @Override
  public long atomicAddLong(int addr, long delta) {
    return (long) ATOMIC_LONG.getAndAdd(ALL, toUpdate(addr, Long.BYTES), delta);
  }

  @Override
  public long atomicAndLong(int addr, long mask) {
    return (long) ATOMIC_LONG.getAndBitwiseAnd(ALL, toUpdate(addr, Long.BYTES), mask);
  }

  @Override
  public long atomicOrLong(int addr, long mask) {
    return (long) ATOMIC_LONG.getAndBitwiseOr(ALL, toUpdate(addr, Long.BYTES), mask);
  }

  @Override
  public long atomicXorLong(int addr, long mask) {
    return (long) ATOMIC_LONG.getAndBitwiseXor(ALL, toUpdate(addr, Long.BYTES), mask);
  }

  @Override
  public long atomicXchgLong(int addr, long value) {
    return (long) ATOMIC_LONG.getAndSet(ALL, toUpdate(addr, Long.BYTES), value);
  }

  @Override
  public long atomicCmpxchgLong(int addr, long expected, long replacement) {
    return (long)
        ATOMIC_LONG.compareAndExchange(ALL, toUpdate(addr, Long.BYTES), expected, replacement);
  }

  /** Narrow updates are done on the aligned word around them: the processor has no others here. */
  private enum Narrow {
    ADD,
    AND,
    OR,
    XOR,
    SET
  }

  private int updateNarrow(int addr, int bytes, Narrow how, int operand) {
    long absolute = toUpdate(addr, bytes);
    long word = absolute & ~3L;
    int shift = (int) (absolute & 3) * 8;
    int mask = (bytes == 1 ? 0xFF : 0xFFFF) << shift;
    while (true) {
      int before = (int) ATOMIC_INT.getVolatile(ALL, word);
      int value = (before & mask) >>> shift;
      int changed =
          switch (how) {
            case ADD -> value + operand;
            case AND -> value & operand;
            case OR -> value | operand;
            case XOR -> value ^ operand;
            case SET -> operand;
          };
      int after = (before & ~mask) | ((changed << shift) & mask);
      if (ATOMIC_INT.compareAndSet(ALL, word, before, after)) {
        return value;
      }
    }
  }

  private int exchangeNarrow(int addr, int bytes, int expected, int replacement) {
    long absolute = toUpdate(addr, bytes);
    long word = absolute & ~3L;
    int shift = (int) (absolute & 3) * 8;
    int mask = (bytes == 1 ? 0xFF : 0xFFFF) << shift;
    while (true) {
      int before = (int) ATOMIC_INT.getVolatile(ALL, word);
      int value = (before & mask) >>> shift;
      if (value != ((expected << shift) & mask) >>> shift) {
        return value;
      }
      int after = (before & ~mask) | ((replacement << shift) & mask);
      if (ATOMIC_INT.compareAndSet(ALL, word, before, after)) {
        return value;
      }
    }
  }

  @Override
  public short atomicReadShort(int addr) {
    long absolute = toObserve(addr, 2);
    int word = (int) ATOMIC_INT.getVolatile(ALL, absolute & ~3L);
    return (short) (word >>> ((int) (absolute & 3) * 8));
  }

  @Override
  public void atomicWriteShort(int addr, short value) {
    updateNarrow(addr, 2, Narrow.SET, value);
  }

  @Override
  public short atomicAddShort(int addr, short delta) {
    return (short) updateNarrow(addr, 2, Narrow.ADD, delta);
  }

  @Override
  public short atomicAndShort(int addr, short mask) {
    return (short) updateNarrow(addr, 2, Narrow.AND, mask);
  }

  @Override
  public short atomicOrShort(int addr, short mask) {
    return (short) updateNarrow(addr, 2, Narrow.OR, mask);
  }

  @Override
  public short atomicXorShort(int addr, short mask) {
    return (short) updateNarrow(addr, 2, Narrow.XOR, mask);
  }

  @Override
  public short atomicXchgShort(int addr, short value) {
    return (short) updateNarrow(addr, 2, Narrow.SET, value);
  }

  @Override
  public short atomicCmpxchgShort(int addr, short expected, short replacement) {
    return (short) exchangeNarrow(addr, 2, expected, replacement);
  }

  @Override
  public byte atomicReadByte(int addr) {
    long absolute = toObserve(addr, 1);
    int word = (int) ATOMIC_INT.getVolatile(ALL, absolute & ~3L);
    return (byte) (word >>> ((int) (absolute & 3) * 8));
  }

  @Override
  public void atomicWriteByte(int addr, byte value) {
    updateNarrow(addr, 1, Narrow.SET, value);
  }

  @Override
  public byte atomicAddByte(int addr, byte delta) {
    return (byte) updateNarrow(addr, 1, Narrow.ADD, delta);
  }

  @Override
  public byte atomicAndByte(int addr, byte mask) {
    return (byte) updateNarrow(addr, 1, Narrow.AND, mask);
  }

  @Override
  public byte atomicOrByte(int addr, byte mask) {
    return (byte) updateNarrow(addr, 1, Narrow.OR, mask);
  }

  @Override
  public byte atomicXorByte(int addr, byte mask) {
    return (byte) updateNarrow(addr, 1, Narrow.XOR, mask);
  }

  @Override
  public byte atomicXchgByte(int addr, byte value) {
    return (byte) updateNarrow(addr, 1, Narrow.SET, value);
  }

  @Override
  public byte atomicCmpxchgByte(int addr, byte expected, byte replacement) {
    return (byte) exchangeNarrow(addr, 1, expected, replacement);
  }

  // ---- what the runtime has replaced by the methods above ----

  @Override
  @Deprecated
  @SuppressWarnings("removal")
  public Object lock(int address) {
    throw notUsed();
  }

  @Override
  @Deprecated
  @SuppressWarnings("removal")
  public int waitOn(int address, int expected, long timeout) {
    throw notUsed();
  }

  @Override
  @Deprecated
  @SuppressWarnings("removal")
  public int waitOn(int address, long expected, long timeout) {
    throw notUsed();
  }

  @Override
  @Deprecated
  @SuppressWarnings("removal")
  public int notify(int address, int maxThreads) {
    throw notUsed();
  }

  private static UnsupportedOperationException notUsed() {
    return new UnsupportedOperationException("the runtime uses the atomic methods");
  }
}
