package org.splitrack.pcomponent.internal.wasi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.splitrack.pcomponent.internal.wasi.WasiFixture.HEAP;
import static org.splitrack.pcomponent.internal.wasi.WasiFixture.MEMORY_BYTES;
import static org.splitrack.pcomponent.internal.wasi.WasiFixture.RESULT;

import org.junit.jupiter.api.Test;
import org.splitrack.pcomponent.internal.file.Errno;

class PollCallTest {
  private static final int EVENTS = HEAP + 8192;

  private final WasiFixture wasi = new WasiFixture();
  private int subscriptions;

  private void subscribeClock(long userData, int clock, long timeoutNs, int flags) {
    int at = HEAP + subscriptions++ * 48;
    wasi.memory.writeLong(at, userData);
    wasi.memory.writeByte(at + 8, (byte) 0);
    wasi.memory.writeInt(at + 16, clock);
    wasi.memory.writeLong(at + 24, timeoutNs);
    wasi.memory.writeShort(at + 40, (short) flags);
  }

  private void subscribe(long userData, int type, int fd) {
    int at = HEAP + subscriptions++ * 48;
    wasi.memory.writeLong(at, userData);
    wasi.memory.writeByte(at + 8, (byte) type);
    wasi.memory.writeInt(at + 16, fd);
  }

  private Errno poll() {
    return wasi.call(HostCall.POLL_ONEOFF, HEAP, EVENTS, subscriptions, RESULT);
  }

  private void assertEvent(int index, long userData, Errno errno, int type, long bytes) {
    int at = EVENTS + index * 32;
    assertThat(wasi.memory.readLong(at)).isEqualTo(userData);
    assertThat(wasi.memory.readShort(at + 8)).isEqualTo((short) errno.code());
    assertThat(wasi.memory.readByte(at + 10)).isEqualTo((byte) type);
    assertThat(wasi.memory.readLong(at + 16)).isEqualTo(bytes);
  }

  @Test
  void shouldRefuseNothingTooMuchAndBadPointers() {
    assertThat(poll()).isEqualTo(Errno.INVAL);
    subscriptions = PollCall.MAX_SUBSCRIPTIONS + 1;
    assertThat(poll()).isEqualTo(Errno.INVAL);
    subscriptions = -1;
    assertThat(poll()).isEqualTo(Errno.INVAL);
    assertThat(wasi.call(HostCall.POLL_ONEOFF, MEMORY_BYTES - 47, EVENTS, 1, RESULT))
        .isEqualTo(Errno.FAULT);
    assertThat(wasi.call(HostCall.POLL_ONEOFF, HEAP, MEMORY_BYTES - 31, 1, RESULT))
        .isEqualTo(Errno.FAULT);
  }

  @Test
  void shouldReturnAtOnceWithEverythingThatIsReady() {
    int file = wasi.create("f");
    wasi.write(file, "12345");
    wasi.call(HostCall.FD_SEEK, file, 2, 0, RESULT);
    subscribeClock(1, 1, 3_600_000_000_000L, 0);
    subscribe(2, 1, file);
    subscribe(3, 2, 1);
    subscribe(4, 1, 99);
    subscribe(5, 9, 0);

    assertThat(poll()).isEqualTo(Errno.SUCCESS);

    assertThat(wasi.result()).isEqualTo(4);
    assertEvent(0, 2, Errno.SUCCESS, 1, 3);
    assertEvent(1, 3, Errno.SUCCESS, 2, Caller.SCRATCH_BYTES);
    assertEvent(2, 4, Errno.BADF, 1, 0);
    assertEvent(3, 5, Errno.INVAL, 9, 0);
  }

  @Test
  void shouldFireAClockWhoseTimeHasPassed() {
    subscribeClock(7, 0, 5, 1);
    subscribeClock(8, 1, Long.MAX_VALUE, 0);
    subscribeClock(9, 1, -1, 0);

    assertThat(poll()).isEqualTo(Errno.SUCCESS);

    assertThat(wasi.result()).isEqualTo(1);
    assertEvent(0, 7, Errno.SUCCESS, 0, 0);
  }

  @Test
  void shouldNotWaitOnTheClockOfACpu() {
    subscribeClock(7, 2, 5, 0);
    assertThat(poll()).isEqualTo(Errno.SUCCESS);
    assertEvent(0, 7, Errno.NOTSUP, 0, 0);
  }

  @Test
  void shouldWaitForStandardInput() {
    subscribe(1, 1, 0);
    subscribeClock(2, 1, 1_000_000_000L, 0);
    wasi.input.onAwait = () -> wasi.input.add("hello");

    assertThat(poll()).isEqualTo(Errno.SUCCESS);

    assertThat(wasi.result()).isEqualTo(1);
    assertEvent(0, 1, Errno.SUCCESS, 1, 5);
  }

  @Test
  void shouldTellTheEndOfStandardInputAsAHangup() {
    subscribe(1, 1, 0);
    wasi.input.ended = true;

    assertThat(poll()).isEqualTo(Errno.SUCCESS);

    assertEvent(0, 1, Errno.SUCCESS, 1, 0);
    assertThat(wasi.memory.readShort(EVENTS + 24)).isEqualTo((short) 1);
  }

  @Test
  void shouldStopWaitingWhenItsThreadIsInterrupted() {
    subscribeClock(2, 1, 3_600_000_000_000L, 0);
    Thread.currentThread().interrupt();

    assertThat(poll()).isEqualTo(Errno.SUCCESS);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(wasi.result()).isZero();
  }
}
