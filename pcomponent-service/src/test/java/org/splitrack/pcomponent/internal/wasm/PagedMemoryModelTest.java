package org.splitrack.pcomponent.internal.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.splitrack.fabric.memory.FramePool;
import org.splitrack.pcomponent.internal.excache.AddressSpace;
import org.splitrack.pcomponent.internal.excache.AddressSpaceSettings;
import org.splitrack.pcomponent.internal.excache.CacheLimit;
import org.splitrack.pcomponent.internal.excache.Eviction;
import org.splitrack.pcomponent.internal.excache.ExCache;
import org.splitrack.pcomponent.internal.excache.FakeHome;
import org.splitrack.pcomponent.internal.excache.Prefetch;
import run.endive.runtime.TrapException;

/** Random accesses of all kinds, compared with a plain array; the cache holds a few pages of it. */
class PagedMemoryModelTest {
  private static final int STEPS = 60_000;
  private static final int INITIAL_PAGES = 24;
  private static final int MAX_PAGES = 40;
  private static final int WASM_PAGE = 65_536;

  private final long seed = Long.getLong("splitrack.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private byte[] model = new byte[INITIAL_PAGES * WASM_PAGE];

  @ParameterizedTest
  @CsvSource({"CLOCK,LEAP", "CLOCK,NEXT", "FIFO,LEAP", "RANDOM,LEAP", "CLOCK,OFF"})
  void shouldBehaveAsAPlainArrayWhateverIsEvictedAndPrefetched(
      Eviction eviction, Prefetch prefetch) {
    System.out.println("seed " + seed);
    // given a cache far smaller than the memory, and a home that answers late and out of order
    FramePool pool = new FramePool(128);
    try (ExCache cache = new ExCache(pool);
        FakeHome home = new FakeHome(pool, MAX_PAGES * 16, seed, false)) {
      AddressSpace space =
          cache.open(
              new AddressSpaceSettings(
                  "model",
                  INITIAL_PAGES,
                  MAX_PAGES,
                  false,
                  new CacheLimit.Frames(64),
                  eviction,
                  prefetch),
              home,
              (from, to) -> true);
      try (PagedMemory memory = PagedMemory.open(space)) {
        // when
        for (int step = 0; step < STEPS; step++) {
          step(memory);
        }
        // then
        assertThat(memory.readBytes(0, model.length)).as("seed " + seed).isEqualTo(model);
      }
      assertThat(space.failure()).isNull();
      assertThat(space.statistics().misses()).isPositive();
      assertThat(space.statistics().writeBacks()).isPositive();
      space.close();
      assertThat(cache.usedFrames()).isZero();
    }
  }

  private void step(PagedMemory memory) {
    switch (random.nextInt(24)) {
      case 0 -> fill(memory);
      case 1, 2 -> copy(memory);
      case 3 -> bytes(memory);
      case 4 -> atomic(memory);
      case 5 -> outside(memory);
      case 6 -> grow(memory);
      case 7, 8, 9, 10 -> sweep(memory);
      default -> scalar(memory, address(8));
    }
  }

  /** Often near the end of a page. */
  private int address(int room) {
    int at = random.nextInt(model.length - room);
    return random.nextInt(4) == 0
        ? Math.min(model.length - room, (at | 4095) - random.nextInt(8))
        : at;
  }

  private ByteBuffer at(int address) {
    return ByteBuffer.wrap(model).order(ByteOrder.LITTLE_ENDIAN).position(address);
  }

  private void scalar(PagedMemory memory, int at) {
    long value = random.nextInt(4) == 0 ? 0 : random.nextLong();
    int offset = random.nextInt(3) == 0 ? Math.min(at, random.nextInt(5000)) : 0;
    int base = at - offset;
    boolean write = random.nextBoolean();
    switch (random.nextInt(6)) {
      case 0 -> {
        if (write) {
          PageAccess.memoryWriteByte(base, (byte) value, offset, memory);
          model[at] = (byte) value;
        }
        assertThat(PageAccess.memoryReadByte(base, offset, memory)).isEqualTo(model[at]);
      }
      case 1 -> {
        if (write) {
          PageAccess.memoryWriteShort(base, (short) value, offset, memory);
          at(at).putShort((short) value);
        }
        assertThat(PageAccess.memoryReadShort(base, offset, memory)).isEqualTo(at(at).getShort());
      }
      case 2 -> {
        if (write) {
          PageAccess.memoryWriteInt(base, (int) value, offset, memory);
          at(at).putInt((int) value);
        }
        assertThat(PageAccess.memoryReadInt(base, offset, memory)).isEqualTo(at(at).getInt());
      }
      case 3 -> {
        if (write) {
          PageAccess.memoryWriteLong(base, value, offset, memory);
          at(at).putLong(value);
        }
        assertThat(PageAccess.memoryReadLong(base, offset, memory)).isEqualTo(at(at).getLong());
      }
      case 4 -> {
        if (write) {
          PageAccess.memoryWriteFloat(base, (int) value, offset, memory);
          at(at).putFloat((int) value);
        }
        int bits = Float.floatToRawIntBits(PageAccess.memoryReadFloat(base, offset, memory));
        assertThat(bits).isEqualTo(Float.floatToRawIntBits(at(at).getFloat()));
      }
      default -> {
        if (write) {
          PageAccess.memoryWriteDouble(base, (double) value, offset, memory);
          at(at).putDouble((double) value);
        }
        long bits = Double.doubleToRawLongBits(PageAccess.memoryReadDouble(base, offset, memory));
        assertThat(bits).isEqualTo(Double.doubleToRawLongBits(at(at).getDouble()));
      }
    }
  }

  private void sweep(PagedMemory memory) {
    int stride = 1 + random.nextInt(3);
    int page = random.nextInt(model.length >> 12);
    for (int i = 0; i < 16 && page < model.length >> 12; i++, page += stride) {
      scalar(memory, (page << 12) + random.nextInt(4000));
    }
  }

  private void fill(PagedMemory memory) {
    int from = random.nextInt(model.length);
    int size = random.nextInt(Math.min(20_000, model.length - from + 1));
    byte value = (byte) (random.nextInt(3) == 0 ? random.nextInt() : 0);
    PageAccess.memoryFill(from, value, size, memory);
    Arrays.fill(model, from, from + size, value);
  }

  private void copy(PagedMemory memory) {
    int size = random.nextInt(12_000);
    int from = random.nextInt(model.length - size);
    int to =
        random.nextBoolean()
            ? random.nextInt(model.length - size)
            : Math.clamp(from + random.nextInt(9000) - 4500, 0, model.length - size);
    memory.copy(to, from, size);
    System.arraycopy(model, from, model, to, size);
  }

  private void bytes(PagedMemory memory) {
    int size = random.nextInt(9000);
    int at = random.nextInt(model.length - size);
    byte[] some = new byte[size];
    if (random.nextBoolean()) {
      random.nextBytes(some);
      memory.write(at, some, 0, size);
      System.arraycopy(some, 0, model, at, size);
    } else {
      ByteBuffer direct = ByteBuffer.allocateDirect(size);
      memory.read(at, direct);
      direct.flip().get(some);
      assertThat(some).isEqualTo(Arrays.copyOfRange(model, at, at + size));
    }
  }

  private void atomic(PagedMemory memory) {
    int at = random.nextInt(model.length - 8) & ~7;
    int operand = random.nextInt();
    switch (random.nextInt(8)) {
      case 0 -> {
        assertThat(memory.atomicAddInt(at, operand)).isEqualTo(at(at).getInt());
        at(at).putInt(at(at).getInt() + operand);
      }
      case 1 -> {
        assertThat(memory.atomicXorLong(at, operand)).isEqualTo(at(at).getLong());
        at(at).putLong(at(at).getLong() ^ operand);
      }
      case 2 -> {
        int byteAt = at + random.nextInt(8);
        assertThat(memory.atomicAddByte(byteAt, (byte) operand)).isEqualTo(model[byteAt]);
        model[byteAt] += (byte) operand;
      }
      case 3 -> {
        int shortAt = at + 2 * random.nextInt(4);
        short before = at(shortAt).getShort();
        assertThat(memory.atomicXchgShort(shortAt, (short) operand)).isEqualTo(before);
        at(shortAt).putShort((short) operand);
      }
      case 4 -> {
        int before = at(at).getInt();
        int expected = random.nextBoolean() ? before : operand;
        assertThat(memory.atomicCmpxchgInt(at, expected, operand)).isEqualTo(before);
        at(at).putInt(before == expected ? operand : before);
      }
      case 5 -> {
        int byteAt = at + random.nextInt(8);
        byte before = model[byteAt];
        byte expected = random.nextBoolean() ? before : (byte) operand;
        assertThat(memory.atomicCmpxchgByte(byteAt, expected, (byte) operand)).isEqualTo(before);
        model[byteAt] = before == expected ? (byte) operand : before;
      }
      case 6 -> {
        memory.atomicWriteShort(at + 6, (short) operand);
        at(at + 6).putShort((short) operand);
        assertThat(memory.atomicReadShort(at + 6)).isEqualTo((short) operand);
        assertThat(memory.atomicReadByte(at + 7)).isEqualTo(model[at + 7]);
      }
      default -> {
        memory.atomicWriteLong(at, operand);
        at(at).putLong(operand);
        assertThat(memory.atomicReadLong(at)).isEqualTo(operand);
        assertThat(memory.atomicReadInt(at)).isEqualTo(operand);
      }
    }
  }

  private void outside(PagedMemory memory) {
    int end = model.length;
    switch (random.nextInt(6)) {
      case 0 -> traps(() -> PageAccess.memoryReadInt(end - 3, 0, memory));
      case 1 -> traps(() -> PageAccess.memoryWriteLong(0, 1, end - 7, memory));
      case 2 -> traps(() -> PageAccess.memoryReadByte(-1, 0, memory));
      case 3 -> traps(() -> PageAccess.memoryReadByte(Integer.MAX_VALUE, -5, memory));
      case 4 -> traps(() -> memory.copy(end - 10, 0, 11));
      default -> traps(() -> PageAccess.memoryFill(5, (byte) 1, -1, memory));
    }
  }

  private static void traps(Runnable access) {
    assertThatThrownBy(access::run)
        .isInstanceOf(TrapException.class)
        .hasMessage("out of bounds memory access");
  }

  private void grow(PagedMemory memory) {
    if (random.nextInt(20) != 0) {
      return;
    }
    int pages = model.length / WASM_PAGE;
    int more = random.nextInt(3);
    int answer = memory.grow(more);
    if (pages + more > MAX_PAGES) {
      assertThat(answer).isEqualTo(-1);
    } else {
      assertThat(answer).isEqualTo(pages);
      model = Arrays.copyOf(model, (pages + more) * WASM_PAGE);
    }
    assertThat(memory.pages()).isEqualTo(model.length / WASM_PAGE);
  }
}
