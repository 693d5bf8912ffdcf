package org.splitrack.pcomponent.internal.wasi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.splitrack.pcomponent.internal.wasi.WasiFixture.HEAP;
import static org.splitrack.pcomponent.internal.wasi.WasiFixture.MEMORY_BYTES;
import static org.splitrack.pcomponent.internal.wasi.WasiFixture.RESULT;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.splitrack.pcomponent.internal.file.Errno;

class ProgramCallsTest {
  private final WasiFixture wasi = new WasiFixture();

  @Test
  void shouldHandOverArgumentsWithTheirClosingZeros() {
    assertThat(wasi.call(HostCall.ARGS_SIZES_GET, RESULT, RESULT + 4)).isEqualTo(Errno.SUCCESS);
    assertThat(wasi.call(HostCall.ARGS_GET, RESULT + 8, HEAP)).isEqualTo(Errno.SUCCESS);

    assertThat(wasi.memory.readInt(RESULT)).isEqualTo(2);
    assertThat(wasi.memory.readInt(RESULT + 4)).isEqualTo(11);
    assertThat(wasi.memory.readInt(RESULT + 8)).isEqualTo(HEAP);
    assertThat(wasi.memory.readInt(RESULT + 12)).isEqualTo(HEAP + 8);
    assertThat(wasi.text(HEAP, 11)).isEqualTo("program\0α\0");
  }

  @Test
  void shouldHandOverTheEnvironment() {
    assertThat(wasi.call(HostCall.ENVIRON_SIZES_GET, RESULT, RESULT + 4)).isEqualTo(Errno.SUCCESS);
    assertThat(wasi.call(HostCall.ENVIRON_GET, RESULT + 8, HEAP)).isEqualTo(Errno.SUCCESS);

    assertThat(wasi.memory.readInt(RESULT)).isEqualTo(1);
    assertThat(wasi.memory.readInt(RESULT + 4)).isEqualTo(10);
    assertThat(wasi.text(HEAP, 10)).isEqualTo("KEY=value\0");
  }

  @Test
  void shouldRefuseToHandOverWhereTheMemoryEnds() {
    assertThat(wasi.call(HostCall.ARGS_GET, MEMORY_BYTES - 4, HEAP)).isEqualTo(Errno.FAULT);
    assertThat(wasi.call(HostCall.ARGS_GET, RESULT, MEMORY_BYTES - 10)).isEqualTo(Errno.FAULT);
    assertThat(wasi.call(HostCall.ARGS_SIZES_GET, RESULT, -1)).isEqualTo(Errno.FAULT);
    assertThat(wasi.memory.readInt(RESULT)).isZero();
  }

  @ParameterizedTest
  @CsvSource({"0,1000000000000", "1,5000", "2,70", "3,60"})
  void shouldTellTheTimeOfEachClock(int clock, long expectedNs) {
    assertThat(wasi.call(HostCall.CLOCK_TIME_GET, clock, 0, RESULT)).isEqualTo(Errno.SUCCESS);
    assertThat(wasi.memory.readLong(RESULT)).isEqualTo(expectedNs);
  }

  @ParameterizedTest
  @CsvSource({"0,1000", "1,1", "2,1", "3,1"})
  void shouldTellTheResolutionOfEachClock(int clock, long expectedNs) {
    assertThat(wasi.call(HostCall.CLOCK_RES_GET, clock, RESULT)).isEqualTo(Errno.SUCCESS);
    assertThat(wasi.memory.readLong(RESULT)).isEqualTo(expectedNs);
  }

  @Test
  void shouldRefuseAnUnknownClockAndABadPointer() {
    assertThat(wasi.call(HostCall.CLOCK_TIME_GET, 4, 0, RESULT)).isEqualTo(Errno.INVAL);
    assertThat(wasi.call(HostCall.CLOCK_RES_GET, -1, RESULT)).isEqualTo(Errno.INVAL);
    assertThat(wasi.call(HostCall.CLOCK_TIME_GET, 0, 0, MEMORY_BYTES - 7)).isEqualTo(Errno.FAULT);
  }

  @Test
  void shouldFillExactlyTheBytesAskedForWithRandomOnes() {
    int length = 10_000;

    assertThat(wasi.call(HostCall.RANDOM_GET, HEAP, length)).isEqualTo(Errno.SUCCESS);

    byte[] filled = new byte[length];
    wasi.memory.read(HEAP, java.nio.ByteBuffer.wrap(filled));
    assertThat(filled).contains((byte) 1, (byte) 77, (byte) -1);
    assertThat(wasi.memory.readByte(HEAP + length)).isZero();
    assertThat(wasi.memory.readByte(HEAP - 1)).isZero();
  }

  @Test
  void shouldRefuseRandomBytesBeyondTheMemoryBeforeWritingAny() {
    assertThat(wasi.call(HostCall.RANDOM_GET, HEAP, MEMORY_BYTES)).isEqualTo(Errno.FAULT);
    assertThat(wasi.call(HostCall.RANDOM_GET, HEAP, -1)).isEqualTo(Errno.FAULT);
    assertThat(wasi.memory.readLong(HEAP)).isZero();
  }

  @Test
  void shouldUnwindWithTheExitCode() {
    assertThatThrownBy(() -> wasi.call(HostCall.PROC_EXIT, 42))
        .isInstanceOfSatisfying(
            ProgramExit.class, exit -> assertThat(exit.exitCode()).isEqualTo(42));
  }

  @Test
  void shouldEndByASignalThatEndsPrograms() {
    assertThatThrownBy(() -> wasi.call(HostCall.PROC_RAISE, 6))
        .isInstanceOfSatisfying(
            ProgramSignal.class, signal -> assertThat(signal.number()).isEqualTo(6));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 16, 17, 22, 27})
  void shouldIgnoreSignalsThatAreIgnoredByDefault(int signal) {
    assertThat(wasi.call(HostCall.PROC_RAISE, signal)).isEqualTo(Errno.SUCCESS);
  }

  @Test
  void shouldRefuseAnUnknownSignal() {
    assertThat(wasi.call(HostCall.PROC_RAISE, 31)).isEqualTo(Errno.INVAL);
    assertThat(wasi.call(HostCall.PROC_RAISE, -1)).isEqualTo(Errno.INVAL);
  }

  @Test
  void shouldYield() {
    assertThat(wasi.call(HostCall.SCHED_YIELD)).isEqualTo(Errno.SUCCESS);
  }
}
