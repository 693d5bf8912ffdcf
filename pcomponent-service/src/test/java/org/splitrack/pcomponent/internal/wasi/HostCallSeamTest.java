package org.splitrack.pcomponent.internal.wasi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.splitrack.fabric.ProcessId;
import org.splitrack.pcomponent.internal.excache.ProgramStopped;

class HostCallSeamTest {
  private final AtomicInteger done = new AtomicInteger();

  @ParameterizedTest
  @EnumSource(
      value = HostCall.class,
      names = {
        "FD_WRITE",
        "FD_PWRITE",
        "FD_ALLOCATE",
        "FD_FILESTAT_SET_SIZE",
        "FD_FILESTAT_SET_TIMES",
        "PATH_CREATE_DIRECTORY",
        "PATH_FILESTAT_SET_TIMES",
        "PATH_REMOVE_DIRECTORY",
        "PATH_RENAME",
        "PATH_UNLINK_FILE"
      })
  void shouldRefuseWhatOthersCanSeeToAnIncarnationThatWasGivenUp(HostCall call) {
    HostCallSeam seam = seam(new GivenUp());

    assertThatThrownBy(() -> seam.pass(call, done::incrementAndGet))
        .isInstanceOf(ProgramStopped.class)
        .hasMessage(call.importName());
    assertThat(done.get()).isZero();
  }

  @ParameterizedTest
  @EnumSource(
      value = HostCall.class,
      names = {"FD_READ", "PATH_OPEN", "CLOCK_TIME_GET", "RANDOM_GET", "FD_SEEK", "MEMORY_GROW"})
  void shouldNotAskBeforeWhatNobodyElseSees(HostCall call) {
    assertThat(seam(new GivenUp()).pass(call, done::incrementAndGet)).isEqualTo(1);
  }

  @Test
  void shouldCountWhatWasAdmitted() {
    HostCallSeam.Counts counts = new HostCallSeam.Counts();
    HostCallSeam seam = new HostCallSeam(new ProcessId(1), 1, new GivenUp(), passage -> {}, counts);

    seam.pass(HostCall.FD_READ, done::incrementAndGet);

    assertThat(counts.of(HostCall.FD_READ)).isEqualTo(1);
  }

  private static HostCallSeam seam(HostThread thread) {
    return new HostCallSeam(new ProcessId(1), 1, thread, passage -> {}, new HostCallSeam.Counts());
  }

  /** A thread of a process that may have no effects any more. */
  private static final class GivenUp implements HostThread {
    @Override
    public int number() {
      return 0;
    }

    @Override
    public void checkStop() {}

    @Override
    public void beforeEffect(String what) {
      throw new ProgramStopped(what);
    }

    @Override
    public void awayFromProgram() {}

    @Override
    public void backToProgram() {}
  }
}
