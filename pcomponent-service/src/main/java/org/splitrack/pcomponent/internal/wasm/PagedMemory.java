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
 * The linear memory of a program as one of its threads has it. One object a thread, since a thread
 * polls and misses for itself.
 *
 * <p>Compiled programs load and store by way of {@link PageAccess}. The methods here serve host
 * functions and interpreted functions; they poll, because interpreted code does not.
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

  // ---- for PageAccess ----

  void pollIfCalled() {
    if (isCalled()) {
      attend();
    }
  }

  // ---- where the page table says no ----

  long loadSlowly(long at, int bytes) {
    checkBounds(at, bytes);
    int page = (int) (at >>> PAGE_SHIFT);
    if (((int) at & PAGE_OFFSET_MASK) + bytes > PAGE_BYTES) {
      long value = 0;
      for (int i = bytes - 1; i >= 0; i--) {
        value = (value << 8) | (PageAccess.loadByte(this, at + i) & 0xFF);
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

  void storeSlowly(long at, long value, int bytes) {
    checkBounds(at, bytes);
    int page = (int) (at >>> PAGE_SHIFT);
    if (((int) at & PAGE_OFFSET_MASK) + bytes > PAGE_BYTES) {
      for (int i = 0; i < bytes; i++) {
        PageAccess.storeByte(this, at + i, (byte) (value >>> (8 * i)));
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

  private static long unsigned(int value) {
    return value & 0xFFFF_FFFFL;
  }

  private long toRead(long at) {
    long entry = PageAccess.readEntry(entries(), at);
    return at + (entry != 0 ? entry : readFault((int) (at >>> PAGE_SHIFT)));
  }

  private long toWrite(long at) {
    long entry = PageAccess.writeEntry(entries(), at);
    return at + (entry != 0 ? entry : writeFault((int) (at >>> PAGE_SHIFT)));
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
    pollIfCalled();
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
    pollIfCalled();
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
    pollIfCalled();
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
    pollIfCalled();
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

  void fillRange(long from, byte value, long size) {
    checkBounds(from, size);
    long at = from;
    long end = from + size;
    while (at < end) {
      pollIfCalled();
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
      pollIfCalled();
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
      pollIfCalled();
      long chunk = Math.min(upToInPage(from + left), upToInPage(to + left));
      chunk = Math.min(chunk, left);
      left -= chunk;
      copyWithinPages(to + left, from + left, chunk);
    }
  }

  private void copyWithinPages(long to, long from, long bytes) {
    long destination = toWrite(to);
    long source = PageAccess.readEntry(entries(), from);
    while (source == 0) {
      // Making one page accessible may cost the other its mapping: go on until both have one.
      source = readFault((int) (from >>> PAGE_SHIFT));
      long entry = PageAccess.writeEntry(entries(), to);
      if (entry == 0) {
        destination = toWrite(to);
        source = PageAccess.readEntry(entries(), from);
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
    pollIfCalled();
    return PageAccess.loadByte(this, unsigned(addr));
  }

  @Override
  public void writeByte(int addr, byte data) {
    pollIfCalled();
    PageAccess.storeByte(this, unsigned(addr), data);
  }

  @Override
  public short readShort(int addr) {
    pollIfCalled();
    return PageAccess.loadShort(this, unsigned(addr));
  }

  @Override
  public void writeShort(int addr, short data) {
    pollIfCalled();
    PageAccess.storeShort(this, unsigned(addr), data);
  }

  @Override
  public int readInt(int addr) {
    pollIfCalled();
    return PageAccess.loadInt(this, unsigned(addr));
  }

  @Override
  public void writeI32(int addr, int data) {
    pollIfCalled();
    PageAccess.storeInt(this, unsigned(addr), data);
  }

  @Override
  public long readLong(int addr) {
    pollIfCalled();
    return PageAccess.loadLong(this, unsigned(addr));
  }

  @Override
  public void writeLong(int addr, long data) {
    pollIfCalled();
    PageAccess.storeLong(this, unsigned(addr), data);
  }

  @Override
  public float readFloat(int addr) {
    pollIfCalled();
    return PageAccess.loadFloat(this, unsigned(addr));
  }

  @Override
  public void writeF32(int addr, float data) {
    pollIfCalled();
    PageAccess.storeFloat(this, unsigned(addr), data);
  }

  @Override
  public double readDouble(int addr) {
    pollIfCalled();
    return PageAccess.loadDouble(this, unsigned(addr));
  }

  @Override
  public void writeF64(int addr, double data) {
    pollIfCalled();
    PageAccess.storeDouble(this, unsigned(addr), data);
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
    pollIfCalled();
    long at = unsigned(addr);
    checkBounds(at, bytes);
    if ((addr & (bytes - 1)) != 0) {
      throw new TrapException("unaligned atomic");
    }
    return toWrite(at);
  }

  private long toObserve(int addr, int bytes) {
    pollIfCalled();
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
