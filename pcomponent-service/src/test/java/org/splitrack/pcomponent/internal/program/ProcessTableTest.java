package org.splitrack.pcomponent.internal.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ProcessSpec;

@Timeout(180)
class ProcessTableTest {
  private static final int SMALL_HOME_BYTES = 1 << 20;

  @TempDir Path folder;
  private ProgramRig rig;

  @BeforeEach
  void open() throws IOException {
    Files.createDirectories(folder.resolve("output"));
    Files.writeString(folder.resolve("output/process-99.log"), "of an earlier start");
    rig = new ProgramRig(folder, SMALL_HOME_BYTES);
  }

  @AfterEach
  void close() {
    rig.close();
  }

  private static ProcessSpec detached(byte[] octets, String... args) {
    return ProgramRig.detached(ProgramRig.spec(octets, args));
  }

  @Test
  void shouldForgetTheOutputOfAnEarlierStart() {
    assertThat(folder.resolve("output")).isEmptyDirectory();
  }

  @Test
  void shouldRunSoManyProcessesAndNoMore() {
    byte[] octets = ProgramRig.example("cat");
    ProcessSpec waitsForInput = ProgramRig.spec(octets, "cat");
    for (int i = 0; i < ProcessTable.MAX_RUNNING; i++) {
      rig.start(octets, waitsForInput);
    }

    ControlFault fault =
        catchThrowableOfType(ControlFault.class, () -> rig.start(octets, waitsForInput));

    assertThat(fault.code()).isEqualTo(ControlFault.Code.FULL);
    ProcessId first = new ProcessId(rig.table.runningIds().getFirst());
    Objects.requireNonNull(rig.process(first)).stop("to make room");
    await()
        .atMost(ProgramRig.SOON)
        .until(() -> rig.table.runningIds().size() < ProcessTable.MAX_RUNNING);
    rig.start(octets, waitsForInput);
  }

  @Test
  void shouldKeepTheOutputOfTheLastThatEnded() throws IOException {
    byte[] octets = ProgramRig.example("testbed/exitcode");
    int more = 3;
    for (int i = 0; i < ProcessTable.MAX_ENDED + more; i++) {
      rig.start(octets, detached(octets, "exitcode", "0"));
      // The first ends before all others: those that run together end in any order.
      if (i == 0 || i % 16 == more) {
        await().atMost(ProgramRig.SOON).until(() -> rig.table.runningIds().isEmpty());
      }
    }
    await().atMost(ProgramRig.SOON).until(() -> rig.table.runningIds().isEmpty());

    assertThat(rig.process(new ProcessId(1))).isNull();
    assertThat(rig.process(new ProcessId(ProcessTable.MAX_ENDED + more))).isNotNull();
    try (Stream<Path> logs = Files.list(folder.resolve("output"))) {
      assertThat(logs).hasSize(ProcessTable.MAX_ENDED);
    }
  }

  @Test
  void shouldGiveADetachedProcessNoInput() {
    byte[] octets = ProgramRig.example("cat");
    rig.start(octets, detached(octets, "cat"));

    await().atMost(ProgramRig.SOON).until(() -> rig.ends.size() == 1);
    assertThat(rig.ends.getFirst().exitCode()).isZero();
  }

  @Test
  void shouldRefuseOptionsThatItDoesNotKnow() {
    byte[] octets = ProgramRig.example("cat");
    ProcessSpec bad = ProgramRig.withCache(ProgramRig.spec(octets, "cat"), "lots");

    ControlFault fault = catchThrowableOfType(ControlFault.class, () -> rig.start(octets, bad));

    assertThat(fault.code()).isEqualTo(ControlFault.Code.BAD_REQUEST);
    assertThat(fault).hasMessageContaining("lots");
  }
}
