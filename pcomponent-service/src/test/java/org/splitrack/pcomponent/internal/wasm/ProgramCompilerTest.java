package org.splitrack.pcomponent.internal.wasm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.splitrack.pcomponent.internal.wasm.ModuleBytes.bytes;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ProgramCompilerTest {
  private static final int[] NONE = {};

  private final ProgramCompiler compiler = new ProgramCompiler();

  @Test
  void shouldCompileAModuleOnce() throws Exception {
    byte[] octets = plain().build();
    ProgramModule first = compiler.load(octets);
    assertThat(compiler.load(octets.clone())).isSameAs(first);
    assertThat(compiler.kept(first.digest())).isSameAs(first);
    assertThat(compiler.kept("00")).isNull();
    assertThat(first.shape()).isEqualTo(new MemoryShape(1, 2, false, null));
    assertThat(first.exportsFunction("run")).isTrue();
    assertThat(first.exportsFunction("walk")).isFalse();
    assertThat(first.interpretedFunctions()).isEmpty();
  }

  @Test
  void shouldRefuseWhatIsNoModule() {
    refuses("no wasm here, this is text".getBytes(UTF_8), "not a WebAssembly module");
    refuses(new byte[0], "not a WebAssembly module");
    refuses(bytes(0, (int) 'a', (int) 's', (int) 'm', 0xD, 0, 1, 0), "not a WebAssembly module");
    refuses(bytes(0, (int) 'a', (int) 's', (int) 'm', 1, 0, 1, 0), "component");
    byte[] whole = plain().build();
    for (int length = 9; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> compiler.load(cut)).isInstanceOf(BadModule.class);
    }
  }

  @Test
  void shouldNameTheFlagThatLeavesOutSimd() {
    byte[] simd =
        plain().function("simd", NONE, NONE, bytes(0xFD, 0x0C, new byte[16], 0x1A)).build();
    refuses(simd, "-mno-simd128");
  }

  @Test
  void shouldRefuseWhatIsOutOfBounds() {
    refuses(new ModuleBytes().function("run", NONE, NONE, bytes()).build(), "no memory");
    refuses(plain().memory(1, 1, false).build(), "several memories");
    refuses(new ModuleBytes().memory(40_000, 65_536, false).build(), "2047 MiB");
    refuses(plain().table(2_000_000, 3_000_000).build(), "table");
    refuses(new byte[ModuleLimits.MAX_OCTETS + 1], "at most");
  }

  @Test
  void shouldRefuseAFunctionThatDoesNotValidate() {
    refuses(plain().function("bad", NONE, NONE, bytes(0x6A)).build(), "not a runnable module");
  }

  private static ModuleBytes plain() {
    return new ModuleBytes().memory(1, 2, false).function("run", NONE, NONE, bytes());
  }

  private void refuses(byte[] octets, String why) {
    assertThatThrownBy(() -> compiler.load(octets))
        .isInstanceOf(BadModule.class)
        .hasMessageContaining(why)
        .hasMessageNotContaining("\n");
  }
}
