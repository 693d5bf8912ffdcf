package org.splitrack.pcomponent.internal.wasm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.splitrack.pcomponent.internal.wasm.ModuleBytes.F32;
import static org.splitrack.pcomponent.internal.wasm.ModuleBytes.I32;
import static org.splitrack.pcomponent.internal.wasm.ModuleBytes.I64;
import static org.splitrack.pcomponent.internal.wasm.ModuleBytes.bytes;
import static org.splitrack.pcomponent.internal.wasm.ModuleBytes.i32Const;
import static org.splitrack.pcomponent.internal.wasm.ModuleBytes.u;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
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
import org.splitrack.pcomponent.internal.excache.ProgramStopped;
import run.endive.runtime.Instance;
import run.endive.wasm.WasmEngineException;

/** Compiled code over paged memory, instruction by instruction. */
class ProgramModuleTest {
  private static final int[] NONE = {};
  private static final int LOCAL_0 = 0x20;

  private final FramePool pool = new FramePool(256);
  private final ExCache cache = new ExCache(pool);
  private final FakeHome home = new FakeHome(pool, 4096, 1, true);

  @AfterEach
  void close() {
    home.close();
    cache.close();
  }

  private AddressSpace open(ProgramModule module) {
    MemoryShape shape = module.shape();
    return cache.open(
        new AddressSpaceSettings(
            "module",
            shape.minPages(),
            shape.maxPages(),
            shape.shared(),
            new CacheLimit.All(),
            Eviction.CLOCK,
            Prefetch.LEAP),
        home,
        (from, to) -> to <= 4096);
  }

  private static ProgramModule load(ModuleBytes module) throws BadModule {
    return new ProgramCompiler().load(module.build());
  }

  @ParameterizedTest
  @CsvSource({
    // store opcode, load opcode, type, stored, loaded
    "54, 40, 127, -2, -2", // i32
    "55, 41, 126, -3, -3", // i64
    "56, 42, 125, 1078530011, 1078530011", // f32
    "57, 43, 124, 4614253070214989087, 4614253070214989087", // f64
    "58, 44, 127, 200, -56", // i32 8 signed
    "58, 45, 127, 456, 200",
    "59, 46, 127, 65535, -1", // i32 16
    "59, 47, 127, 65535, 65535",
    "60, 48, 126, 255, -1", // i64 8
    "60, 49, 126, 255, 255",
    "61, 50, 126, 40000, -25536", // i64 16
    "61, 51, 126, 40000, 40000",
    "62, 52, 126, 4294967295, -1", // i64 32
    "62, 53, 126, 4294967295, 4294967295"
  })
  void shouldLoadWhatItStores(int store, int load, int type, long stored, long loaded)
      throws Exception {
    int offset = 4090;
    ProgramModule module =
        load(
            new ModuleBytes()
                .memory(1, 1, false)
                .function(
                    "store",
                    new int[] {I32, type},
                    NONE,
                    bytes(LOCAL_0, 0, LOCAL_0, 1, store, 0, u(offset)))
                .function(
                    "load",
                    new int[] {I32},
                    new int[] {type},
                    bytes(LOCAL_0, 0, load, 0, u(offset))));
    try (AddressSpace space = open(module);
        PagedMemory memory = PagedMemory.open(space)) {
      Instance instance = module.instantiate(memory, List.of());
      // then within a page, over the end of one, and at the end of the memory
      int width = width(store);
      for (int base = 0; base < 16; base++) {
        instance.export("store").apply(base, stored);
        assertThat(result(instance.export("load").apply(base)[0], type)).isEqualTo(loaded);
      }
      int last = 65_536 - width - offset;
      instance.export("store").apply(last, stored);
      assertThat(result(instance.export("load").apply(last)[0], type)).isEqualTo(loaded);
      traps(() -> instance.export("store").apply(last + 1, stored));
      traps(() -> instance.export("load").apply(last + 1));
      traps(() -> instance.export("load").apply(-1));
      traps(() -> instance.export("load").apply(-offset));
    }
  }

  private static long result(long raw, int type) {
    return type == I32 || type == F32 ? (int) raw : raw;
  }

  private static int width(int store) {
    return switch (store) {
      case 58, 60 -> 1;
      case 59, 61 -> 2;
      case 54, 56, 62 -> 4;
      default -> 8;
    };
  }

  private static void traps(Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOf(WasmEngineException.class)
        .hasMessage("out of bounds memory access");
  }

  @Test
  void shouldTrapWhereBaseAndOffsetTogetherPass4GiB() throws Exception {
    ProgramModule module =
        load(
            new ModuleBytes()
                .memory(1, 1, false)
                .function(
                    "load",
                    new int[] {I32},
                    new int[] {I32},
                    bytes(LOCAL_0, 0, 40, 0, u(0xFFFF_FFF0L)))
                .function(
                    "atomic",
                    new int[] {I32},
                    new int[] {I32},
                    bytes(LOCAL_0, 0, 0xFE, 0x10, 2, u(0xFFFF_FFF0L))));
    try (AddressSpace space = open(module);
        PagedMemory memory = PagedMemory.open(space)) {
      Instance instance = module.instantiate(memory, List.of());
      for (int base : new int[] {0, 16, 32, -1, Integer.MAX_VALUE}) {
        traps(() -> instance.export("load").apply(base));
      }
      for (int base : new int[] {0, 16, 32, -16}) {
        traps(() -> instance.export("atomic").apply(base));
      }
    }
  }

  @Test
  void shouldFillCopyInitAndGrow() throws Exception {
    byte[] text = "disaggregated".getBytes(UTF_8);
    ProgramModule module =
        load(
            new ModuleBytes()
                .memory(1, 3, false)
                .passiveData(text)
                .function("size", NONE, new int[] {I32}, bytes(0x3F, 0))
                .function("grow", new int[] {I32}, new int[] {I32}, bytes(LOCAL_0, 0, 0x40, 0))
                .function("fill", new int[] {I32, I32, I32}, NONE, three(0xFC, 11, 0))
                .function("copy", new int[] {I32, I32, I32}, NONE, three(0xFC, 10, 0, 0))
                .function("init", new int[] {I32, I32, I32}, NONE, three(0xFC, 8, 0, 0))
                .function("drop", NONE, NONE, bytes(0xFC, 9, 0)));
    try (AddressSpace space = open(module);
        PagedMemory memory = PagedMemory.open(space)) {
      Instance instance = module.instantiate(memory, List.of());
      // when
      instance.export("init").apply(4090, 0, text.length);
      instance.export("copy").apply(4096, 4090, text.length);
      // then
      assertThat(memory.readString(4090, 6)).isEqualTo("disagg");
      assertThat(memory.readString(4096, text.length)).isEqualTo("disaggregated");
      traps(() -> instance.export("init").apply(0, 1, text.length));
      traps(() -> instance.export("init").apply(65_530, 0, text.length));
      traps(() -> instance.export("copy").apply(65_530, 0, 7));
      traps(() -> instance.export("fill").apply(0, 1, -1));
      traps(() -> instance.export("fill").apply(65_535, 1, 2));
      instance.export("fill").apply(65_535, 1, 1);
      instance.export("fill").apply(65_536, 1, 0);
      // when dropped, only nothing can be taken
      instance.export("drop").apply();
      instance.export("init").apply(0, 0, 0);
      traps(() -> instance.export("init").apply(0, 0, 1));
      // when
      assertThat(instance.export("size").apply()[0]).isEqualTo(1);
      assertThat(instance.export("grow").apply(2)[0]).isEqualTo(1);
      assertThat(instance.export("size").apply()[0]).isEqualTo(3);
      assertThat((int) instance.export("grow").apply(1)[0]).isEqualTo(-1);
      instance.export("fill").apply(131_072, 7, 65_536);
      assertThat(memory.read(196_607)).isEqualTo((byte) 7);
    }
  }

  private static byte[] three(Object... instruction) {
    return bytes(LOCAL_0, 0, LOCAL_0, 1, LOCAL_0, 2, bytes(instruction));
  }

  @Test
  void shouldRefuseToGrowWhenTheRackDoes() throws Exception {
    ProgramModule module =
        load(
            new ModuleBytes()
                .memory(1, 30_000, false)
                .function("grow", new int[] {I32}, new int[] {I32}, bytes(LOCAL_0, 0, 0x40, 0)));
    try (AddressSpace space = open(module);
        PagedMemory memory = PagedMemory.open(space)) {
      Instance instance = module.instantiate(memory, List.of());
      assertThat((int) instance.export("grow").apply(300)[0]).isEqualTo(-1);
      assertThat((int) instance.export("grow").apply(200)[0]).isEqualTo(1);
      assertThat(memory.pages()).isEqualTo(201);
    }
  }

  @Test
  void shouldUpdateAtomicallyInEveryWidth() throws Exception {
    ProgramModule module =
        load(
            new ModuleBytes()
                .memory(1, 1, true)
                .function("add8", new int[] {I32, I32}, new int[] {I32}, two(0xFE, 0x20, 0, 0))
                .function("sub16", new int[] {I32, I32}, new int[] {I32}, two(0xFE, 0x28, 1, 0))
                .function("or32", new int[] {I32, I32}, new int[] {I32}, two(0xFE, 0x33, 2, 0))
                .function("xchg64", new int[] {I32, I64}, new int[] {I64}, two(0xFE, 0x42, 3, 0))
                .function(
                    "cas32", new int[] {I32, I32, I32}, new int[] {I32}, three(0xFE, 0x48, 2, 0)));
    try (AddressSpace space = open(module);
        PagedMemory memory = PagedMemory.open(space)) {
      Instance instance = module.instantiate(memory, List.of());
      memory.writeLong(4096, 0x0102_0304_0506_07F0L);
      assertThat(instance.export("add8").apply(4096, 0x20)[0]).isEqualTo(0xF0);
      assertThat(instance.export("sub16").apply(4098, 0x0600)[0]).isEqualTo(0x0506);
      assertThat(memory.readLong(4096)).isEqualTo(0x0102_0304_FF06_0710L);
      assertThat(instance.export("or32").apply(4100, 0x1000_0000)[0]).isEqualTo(0x0102_0304);
      assertThat(instance.export("cas32").apply(4100, 5, 6)[0]).isEqualTo(0x1102_0304);
      assertThat(instance.export("cas32").apply(4100, 0x1102_0304, 6)[0]).isEqualTo(0x1102_0304);
      assertThat(instance.export("xchg64").apply(4096, 9)[0]).isEqualTo(0x6_FF06_0710L);
      assertThat(memory.readLong(4096)).isEqualTo(9);
      assertThatThrownBy(() -> instance.export("or32").apply(4097, 1))
          .isInstanceOf(WasmEngineException.class)
          .hasMessageContaining("unaligned atomic");
    }
  }

  private static byte[] two(Object... instruction) {
    return bytes(LOCAL_0, 0, LOCAL_0, 1, bytes(instruction));
  }

  @Test
  void shouldStopAnEndlessLoop() throws Exception {
    ProgramModule module =
        load(
            new ModuleBytes()
                .memory(1, 1, false)
                .function("spin", NONE, NONE, bytes(0x03, 0x40, 0x0C, 0, 0x0B)));
    try (AddressSpace space = open(module)) {
      CountDownLatch running = new CountDownLatch(1);
      CompletableFuture<Void> program =
          CompletableFuture.runAsync(
              () -> {
                try (PagedMemory memory = PagedMemory.open(space)) {
                  Instance instance = module.instantiate(memory, List.of());
                  running.countDown();
                  instance.export("spin").apply();
                }
              },
              task -> Thread.ofPlatform().start(task));
      running.await();
      // when
      space.stop("told to");
      // then
      assertThat(program)
          .failsWithin(Duration.ofSeconds(30))
          .withThrowableThat()
          .withCauseInstanceOf(ProgramStopped.class)
          .withMessageContaining("told to");
      assertThat(space.failure()).isNull();
    }
  }

  @Test
  void shouldTrapOnUnboundedRecursionAndGoOn() throws Exception {
    ProgramModule module =
        load(
            new ModuleBytes()
                .memory(1, 1, false)
                .function("recurse", NONE, NONE, bytes(0x10, 0))
                .function("answer", NONE, new int[] {I32}, i32Const(42)));
    try (AddressSpace space = open(module);
        PagedMemory memory = PagedMemory.open(space)) {
      Instance instance = module.instantiate(memory, List.of());
      assertThatThrownBy(() -> instance.export("recurse").apply())
          .isInstanceOf(WasmEngineException.class)
          .hasMessage("call stack exhausted");
      assertThat(instance.export("answer").apply()[0]).isEqualTo(42);
    }
  }

  @Test
  void shouldFillInDataAndRunTheStartFunctionForTheFirstThreadOnly() throws Exception {
    byte[] increment = bytes(i32Const(64), i32Const(64), 0x28, 2, 0, i32Const(1), 0x6A, 0x36, 2, 0);
    ProgramModule module =
        load(
            new ModuleBytes()
                .memory(1, 1, true)
                .data(0, "data".getBytes(UTF_8))
                .function("begin", NONE, NONE, increment)
                .startsWithIt());
    try (AddressSpace space = open(module);
        PagedMemory memory = PagedMemory.open(space)) {
      module.instantiate(memory, List.of());
      assertThat(memory.readString(0, 4)).isEqualTo("data");
      assertThat(memory.readInt(64)).isEqualTo(1);
      memory.writeString(0, "DATA");
      // when
      try (PagedMemory second = PagedMemory.openForThread(space)) {
        module.instantiateThread(second, List.of());
        // then
        assertThat(second.readString(0, 4)).isEqualTo("DATA");
        assertThat(second.readInt(64)).isEqualTo(1);
      }
    }
  }

  @Test
  void shouldGiveEveryInstanceATableOfItsOwnSize() throws Exception {
    ProgramModule module =
        load(
            new ModuleBytes()
                .memory(1, 1, false)
                .table(2, 10)
                .function(
                    "grow", NONE, new int[] {I32}, bytes(0xD0, 0x70, i32Const(3), 0xFC, 15, 0)));
    for (int process = 0; process < 2; process++) {
      try (AddressSpace space = open(module);
          PagedMemory memory = PagedMemory.open(space)) {
        Instance instance = module.instantiate(memory, List.of());
        assertThat(instance.export("grow").apply()[0]).isEqualTo(2);
        assertThat(instance.table(0).size()).isEqualTo(5);
      }
    }
  }

  @Test
  void shouldListAFunctionThatIsTooLargeForAJavaMethod() throws Exception {
    byte[] some = bytes(LOCAL_0, 0, LOCAL_0, 0, 0x28, 2, 0, i32Const(1), 0x6A, 0x36, 2, 0);
    byte[][] all = new byte[9_000][];
    Arrays.fill(all, some);
    byte[] longCode = bytes((Object[]) all);
    ProgramModule module =
        load(
            new ModuleBytes()
                .memory(1, 1, false)
                .function("long", new int[] {I32}, NONE, longCode));
    assertThat(module.interpretedFunctions()).containsExactly("function 0");
    try (AddressSpace space = open(module);
        PagedMemory memory = PagedMemory.open(space)) {
      Instance instance = module.instantiate(memory, List.of());
      instance.export("long").apply(128);
      assertThat(memory.readInt(128)).isEqualTo(9_000);
    }
  }
}
