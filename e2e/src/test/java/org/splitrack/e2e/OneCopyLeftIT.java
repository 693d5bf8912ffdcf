package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A rack of two mComponents, one of which dies: there is no room for a second copy. */
class OneCopyLeftIT {
  private static final String[] SMALL = {"--processors", "1", "--memories", "2", "--storages", "1"};

  /** Longer than a failover holds a program up, and than the tables are behind. */
  private static final Duration STANDSTILL = Duration.ofSeconds(4);

  private static Rack rack;

  @BeforeAll
  static void start() {
    rack = Rack.up(SMALL);
  }

  @AfterAll
  static void stop() {
    rack.close();
  }

  @AfterEach
  void mend() {
    List<String> up = new ArrayList<>(List.of("up"));
    up.addAll(List.of(SMALL));
    rack.succeed(up.toArray(String[]::new));
  }

  @Test
  void shouldGoOnUnprotectedAndShowItUntilThereIsRoomAgain() {
    // given
    RunningProgram program = RunningProgram.startProtected(rack, Memcheck.PROGRAM);
    RunningProgram.Lies before = program.mostlyLies();
    String left = before.secondaries().getFirst();
    program.awaitWritesTo(before);
    assertThat(unprotectedWrites(left)).isZero();

    // when
    rack.succeed("kill", before.home());

    // then
    awaitOneCopy(before.region());
    Rack.Outcome asked = rack.command("protected");
    assertThat(asked.exitCode()).isEqualTo(1);
    assertThat(asked.err().strip().lines()).hasSize(1);
    assertThat(asked.err()).contains("not protected");
    rack.awaitRow(
        "SELECT 1 FROM api.events WHERE kind = 'region_unprotected' AND region = "
            + before.region());
    await().atMost(Duration.ofSeconds(30)).until(() -> unprotectedWrites(left) > 0);
    program.assertRuns("with one copy");

    // when
    rack.succeed("start", before.home());

    // then
    rack.succeed("protected", "--wait");
    rack.awaitRow(
        "SELECT 1 FROM api.regions WHERE copies = 2 AND protection <> 'none' AND region = "
            + before.region());
    program.assertRuns("with two copies again");
    Memcheck.assertRight(program.end());
  }

  @Test
  @LongTest
  void shouldStandStillUntilThereIsRoomAgainWhenItIsStrict() {
    // given
    List<String> strict = new ArrayList<>(List.of("--strict"));
    strict.addAll(List.of(Memcheck.program(12)));
    RunningProgram program = RunningProgram.startProtected(rack, strict.toArray(String[]::new));
    RunningProgram.Lies before = program.mostlyLies();
    String left = before.secondaries().getFirst();
    program.awaitWritesTo(before);
    long unprotected = unprotectedWrites(left);

    // when
    rack.succeed("kill", before.home());

    // then
    awaitOneCopy(before.region());
    await()
        .during(STANDSTILL)
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                rack.rows(
                            "SELECT 1 FROM api.components WHERE load = 0 AND component = '%s'"
                                .formatted(left))
                        .size()
                    == 1);
    program.assertRuns("while it stands still");
    assertThat(unprotectedWrites(left)).isEqualTo(unprotected);

    // when
    rack.succeed("start", before.home());

    // then
    Memcheck.assertRight(program.end());
  }

  private static void awaitOneCopy(long region) {
    rack.awaitRow(
        """
        SELECT 1 FROM api.regions
         WHERE copies = 1 AND copies_wanted = 2 AND protection = 'none' AND region = %d
        """
            .formatted(region));
  }

  private static long unprotectedWrites(String component) {
    return rack.health(component).path("unprotected_writes").asLong(-1);
  }
}
