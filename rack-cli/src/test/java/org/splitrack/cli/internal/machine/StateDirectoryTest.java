package org.splitrack.cli.internal.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.Progress;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.RackId;
import org.splitrack.fabric.embedded.PostgresAccount;

class StateDirectoryTest {
  @TempDir Path folder;

  private final Progress progress =
      new Progress(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));

  private StateDirectory state() {
    return new StateDirectory(folder.resolve("state"));
  }

  private static RackFile rack(String machineBoot, ProcessMark process) {
    return new RackFile(
        new RackId(7),
        "0.1.0",
        RackFile.UP,
        Instant.parse("2026-01-02T03:04:05Z"),
        machineBoot,
        List.of(
            new RackFile.Component(
                ComponentId.parse("mcomponent-0"),
                process.pid(),
                process.startTicks(),
                12_001,
                12_002,
                "/log")),
        new RackFile.PostgresPorts(12_003),
        new RackFile.KafkaPorts(12_004, 12_005),
        new RackFile.Manager(new Endpoint("127.0.0.1", 12_006), new Endpoint("127.0.0.1", 12_007)),
        RackCounts.DEFAULT,
        LinkSecurity.MTLS);
  }

  private static ProcessMark self() {
    return ProcessMark.of(ProcessHandle.current().pid()).orElseThrow();
  }

  @Test
  void shouldBeItsOwnersAlone() throws IOException {
    // when
    state().prepare();
    Path token = state().secrets().operatorToken();

    // then
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state().path())))
        .isEqualTo("rwx------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(token)))
        .isEqualTo("rw-------");
    assertThat(Secrets.read(token)).matches("[0-9a-f]{64}");
    assertThat(Secrets.read(state().secrets().operatorToken())).isEqualTo(Secrets.read(token));
  }

  @Test
  void shouldReadWhatItWrote() {
    // given
    state().prepare();
    RackFile rack = rack(StateDirectory.machineBoot(), self());

    // when
    state().write(rack);

    // then
    assertThat(state().read()).contains(rack);
    assertThat(state().running().living()).hasSize(1);
  }

  @Test
  void shouldNotTakeAnotherProcessOfTheSameNumberForTheComponent() {
    // given
    state().prepare();
    ProcessMark reused = new ProcessMark(self().pid(), self().startTicks() - 1);

    // when
    state().write(rack(StateDirectory.machineBoot(), reused));

    // then
    assertThatExceptionOfType(RackFailure.class)
        .isThrownBy(() -> state().running())
        .satisfies(e -> assertThat(e.exitCode()).isEqualTo(ExitCode.NO_RACK));
  }

  @Test
  void shouldNotTakeARackOfAnEarlierStartOfTheMachineForRunning() {
    state().prepare();
    state().write(rack("another-boot", self()));
    assertThat(state().read().orElseThrow().living()).isEmpty();
  }

  @Test
  void shouldSayInOneLineThatItsFileIsBroken() throws IOException {
    state().prepare();
    Files.writeString(state().path().resolve("rack.json"), "{\"rack_id\": 7,\n");
    assertThatThrownBy(() -> state().read())
        .isInstanceOf(RackFailure.class)
        .hasMessageContaining("rack.json");
  }

  @Test
  void shouldBeHeldByOneCommandAtATime() {
    // given
    state().prepare();

    try (var _ = state().lock(progress, Duration.ofSeconds(1))) {
      // when, then
      assertThatThrownBy(() -> state().lock(progress, Duration.ZERO))
          .isInstanceOf(RackFailure.class)
          .hasMessageContaining("another rack up or down");
    }
    state().lock(progress, Duration.ZERO).close();
  }

  @Test
  void shouldSayInOneLineThatItCannotBeWritten() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> new StateDirectory(file.resolve("state")).prepare())
        .isInstanceOf(RackFailure.class)
        .hasMessageContaining("cannot write to the state directory")
        .hasMessageContaining("--state");
  }

  @Test
  void shouldSayInOneLineThatItIsNearlyFull() throws Exception {
    assumeTrue(PostgresAccount.isRoot(), "only root can mount a small disk");
    Path disk = Files.createDirectory(folder.resolve("disk"));
    assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk.toString()));
    try {
      assertThatThrownBy(() -> new StateDirectory(disk.resolve("state")).prepare())
          .isInstanceOf(RackFailure.class)
          .hasMessageContaining("has 4 MiB free and needs 256");
    } finally {
      run("umount", disk.toString());
    }
  }

  @Test
  void shouldSayInOneLineThatItIsReadOnly() throws Exception {
    assumeTrue(PostgresAccount.isRoot(), "only root can mount a read-only disk");
    Path disk = Files.createDirectory(folder.resolve("disk"));
    assumeTrue(run("mount", "-t", "tmpfs", "-o", "ro", "tmpfs", disk.toString()));
    try {
      assertThatThrownBy(() -> new StateDirectory(disk.resolve("state")).prepare())
          .isInstanceOf(RackFailure.class)
          .hasMessageContaining("Read-only file system");
    } finally {
      run("umount", disk.toString());
    }
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
  }

  @Test
  void shouldFindTheLastErrorInALog() throws IOException {
    Path log = Files.writeString(folder.resolve("log"), "INFO a\nERROR the reason\nINFO bye\n\n");
    assertThat(StateDirectory.lastWords(log)).isEqualTo("ERROR the reason");
    Files.writeString(log, "INFO a\nINFO bye\n\n");
    assertThat(StateDirectory.lastWords(log)).isEqualTo("INFO bye");
    assertThat(StateDirectory.lastWords(folder.resolve("missing")))
        .isEqualTo(StateDirectory.WROTE_NOTHING);
  }

  @Test
  void shouldHandNoSecretOrSettingOfTheUserToAComponent() {
    assertThat(StateDirectory.plainEnvironment().keySet())
        .isSubsetOf("PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR", "LC_ALL");
  }
}
