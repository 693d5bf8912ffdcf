package org.splitrack.pcomponent.internal.wasi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.splitrack.pcomponent.internal.file.Errno;

class HostCallTest {
  @Test
  void shouldNameTheFortySixFunctionsOfPreview1() {
    assertThat(Arrays.stream(HostCall.values()).filter(HostCall::ofPreview1)).hasSize(46);
    assertThat(HostCall.FD_PRESTAT_DIR_NAME.importName()).isEqualTo("fd_prestat_dir_name");
    assertThat(HostCall.THREAD_SPAWN.importName()).isEqualTo("thread-spawn");
  }

  @ParameterizedTest
  @EnumSource
  void shouldAnswerEveryFunctionWhateverTheParameters(HostCall call) {
    if (!call.ofPreview1() || call == HostCall.PROC_EXIT) {
      return;
    }
    for (long value : new long[] {0, 1, 3, 7, -1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      WasiFixture wasi = new WasiFixture();
      wasi.input.ended = true;
      long[] parameters = new long[call.parameters().length()];
      Arrays.fill(parameters, value);
      assertThat(callOrSignal(wasi, call, parameters)).isInstanceOf(Errno.class);
    }
  }

  private static Errno callOrSignal(WasiFixture wasi, HostCall call, long[] parameters) {
    try {
      return wasi.call(call, parameters);
    } catch (ProgramSignal signal) {
      assertThat(call).isEqualTo(HostCall.PROC_RAISE);
      return Errno.SUCCESS;
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SOCK_ACCEPT", "SOCK_RECV", "SOCK_SEND", "SOCK_SHUTDOWN"})
  void shouldRefuseSockets(HostCall call) {
    assertThat(new WasiFixture().call(call, new long[call.parameters().length()]))
        .isEqualTo(Errno.NOTSUP);
  }
}
