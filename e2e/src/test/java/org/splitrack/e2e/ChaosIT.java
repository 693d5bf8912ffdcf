package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Seeded faults, one after the other, under programs that never stop. {@code -Dsplitrack.seed=}
 * repeats their order, {@code -Dsplitrack.chaos.kills=} sets how many kills there are: 6 of 9
 * faults, 200 kills with {@code rack test --long}.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ChaosIT {
  private static final long SEED = Long.getLong("splitrack.seed", System.nanoTime());
  private static final boolean LONG = Boolean.getBoolean("splitrack.slow");
  private static final List<Fault> ONE_OF_MOST =
      List.of(
          Fault.KILL_HOME,
          Fault.KILL_HOME,
          Fault.KILL_COPY,
          Fault.KILL_PCOMPONENT,
          Fault.KILL_MANAGER,
          Fault.KILL_TABLES,
          Fault.PAUSE_HOME,
          Fault.CUT_COPY,
          Fault.MOVE);

  private static final List<Fault> ALL_BY_WEIGHT =
      List.of(
          Fault.KILL_HOME,
          Fault.KILL_HOME,
          Fault.KILL_HOME,
          Fault.KILL_HOME,
          Fault.KILL_HOME,
          Fault.KILL_COPY,
          Fault.KILL_COPY,
          Fault.KILL_PCOMPONENT,
          Fault.KILL_MANAGER,
          Fault.KILL_MANAGER,
          Fault.KILL_TABLES,
          Fault.KILL_TABLES,
          Fault.PAUSE_HOME,
          Fault.PAUSE_COPY,
          Fault.CUT_HOME,
          Fault.CUT_COPY,
          Fault.CUT_FROM_COPY,
          Fault.MOVE);

  private static final List<Fault> DECK = LONG ? ALL_BY_WEIGHT : ONE_OF_MOST;

  private static final int KILLS_A_DECK = (int) DECK.stream().filter(Fault::isKill).count();
  private static final int KILLS =
      Integer.getInteger("splitrack.chaos.kills", LONG ? 200 : KILLS_A_DECK);
  private static final Duration QUIET = LONG ? Duration.ofMinutes(10) : Duration.ofSeconds(40);

  /** Programs at a time: one for each pComponent. */
  private static final int FULL_LOAD = 2;

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final List<List<String>> PROGRAMS =
      List.of(
          List.of(Rack.example("kmeans"), "--points", "1M", "--iterations", "12"),
          List.of(Memcheck.PROGRAM),
          List.of(
              Rack.example("kmeans"), "--points", "500K", "--clusters", "64", "--iterations", "8"));

  private static Rack rack;
  private static SteadyPrograms programs;

  private final Random random = new Random(SEED);
  private final Map<Fault, Integer> hits = new EnumMap<>(Fault.class);

  /** What befalls a rack; each as often as it stands in {@link #DECK}. */
  private enum Fault {
    KILL_HOME,
    KILL_COPY,
    KILL_PCOMPONENT,
    KILL_MANAGER,
    KILL_TABLES,
    PAUSE_HOME,
    PAUSE_COPY,
    CUT_HOME,
    CUT_COPY,
    CUT_FROM_COPY,
    MOVE;

    boolean isKill() {
      return name().startsWith("KILL");
    }
  }

  @BeforeAll
  static void start() {
    System.out.println("ChaosIT seed " + SEED + ", " + KILLS + " kills");
    rack = Rack.up("--storages", "1");
    programs = new SteadyPrograms(rack, PROGRAMS);
  }

  @AfterAll
  static void stop() {
    programs.close();
    rack.close();
  }

  @Test
  @Order(1)
  void shouldTakeNobodyForDeadUnderFullLoad() throws InterruptedException {
    // given
    programs.begin(FULL_LOAD);

    // when
    TimeUnit.MILLISECONDS.sleep(QUIET.toMillis());

    // then
    assertThat(programs.wrong()).isEmpty();
    assertThat(programs.right()).as("programs that have ended meanwhile").isPositive();
    await().atMost(LIMIT).until(() -> !programs.running().isEmpty());
    assertThat(count("SELECT 1 FROM api.failovers")).isZero();
    assertThat(count("SELECT 1 FROM api.components WHERE state <> 'up'")).isZero();
    assertThat(count("SELECT 1 FROM api.region_history WHERE reason LIKE 'mcomponent-%'")).isZero();
    programs.close();
  }

  @Test
  @Order(2)
  void shouldGiveRightResultsWhateverBefallsTheRack() {
    // One at a time leaves cores for what comes back: twice as many faults in the same time.
    programs.begin(1);
    long beganNs = System.nanoTime();
    int kills = 0;
    int misses = 0;
    List<Fault> deck = new ArrayList<>();
    while (kills < KILLS || !deck.isEmpty()) {
      if (deck.isEmpty()) {
        deck.addAll(DECK);
        Collections.shuffle(deck, random);
      }
      Fault fault = deck.getFirst();
      // Nothing hurts before what the last one has taken is made up for.
      rack.succeed("protected", "--wait");
      if (meets(fault)) {
        deck.removeFirst();
        kills += fault.isKill() ? 1 : 0;
        hits.merge(fault, 1, Integer::sum);
        System.out.printf(
            "fault %d after %d s: %s%n",
            hits.values().stream().mapToInt(n -> n).sum(),
            TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - beganNs),
            fault);
      } else {
        // The program came to its end before the fault could meet it.
        misses++;
      }
      assertThat(programs.wrong()).as("after %s, seed %d", fault, SEED).isEmpty();
    }
    rack.succeed("protected", "--wait");
    programs.close();

    assertThat(programs.wrong()).as("seed %d", SEED).isEmpty();
    assertThat(programs.right()).isGreaterThan(kills / KILLS_A_DECK);
    assertThat(misses).isLessThan(kills);
    await().atMost(LIMIT).until(() -> count("SELECT 1 FROM api.regions") == 0);
    System.out.println(
        hits + ", " + misses + " missed, " + programs.right() + " programs ended right");
  }

  @Test
  @Order(3)
  void shouldLoseAProgramWithOneCopyToTheSameKill() {
    // given: the control, without which the kills might as well have hit nothing
    RunningProgram program =
        RunningProgram.start(rack, "none", PROGRAMS.getFirst().toArray(String[]::new));
    RunningProgram.Lies lies = program.mostlyLies();
    await().atMost(LIMIT).until(() -> program.isDirty(lies));
    program.assertRuns("before the kill");

    // when
    kill(lies.home());

    // then
    assertThat(program.end().exitCode()).isEqualTo(125);
  }

  /** Lets it happen to a program that runs; whether that still ran when it had happened. */
  private boolean meets(Fault fault) {
    await().atMost(LIMIT).until(() -> !programs.running().isEmpty());
    List<RunningProgram> running = programs.running();
    RunningProgram program = running.get(random.nextInt(running.size()));
    RunningProgram.Lies lies = program.mostlyLies();
    if (lies.secondaries().isEmpty() || !program.isDirty(lies)) {
      return false;
    }
    String home = lies.home();
    String copy = lies.secondaries().getFirst();
    return switch (fault) {
      case KILL_HOME -> failsOver(program, home, "kill", "start");
      case PAUSE_HOME -> failsOver(program, home, "pause", "resume");
      case CUT_HOME -> failsOver(program, home, "cut", "heal");
      case KILL_COPY -> isGoneAsCopy(program, lies, copy, "kill", "start");
      case PAUSE_COPY -> isGoneAsCopy(program, lies, copy, "pause", "resume");
      case CUT_COPY -> isGoneAsCopy(program, lies, copy, "cut", "heal");
      case CUT_FROM_COPY -> isCutFromCopy(program, lies, copy);
      case MOVE -> moves(program, lies);
      case KILL_PCOMPONENT -> isKilledWithItsPComponent(program);
      case KILL_MANAGER -> computesOnWithout(program, "global-manager-0");
      case KILL_TABLES -> computesOnWithout(program, "table-service-0");
    };
  }

  /** The home of most of its regions is gone, silent or not heard, until others have taken over. */
  private static boolean failsOver(
      RunningProgram program, String home, String fault, String mending) {
    int before = failovers(home);
    int homes = program.homesAt(home);
    befall(fault, home);
    boolean hit = homes > 0 && program.runs();
    await().atMost(LIMIT).until(() -> program.homesAt(home) == 0);
    if (hit) {
      // A program that has ended before anybody misses its home leaves nothing to take over.
      await().atMost(LIMIT).until(() -> failovers(home) > before || !program.runs());
    }
    mend(mending, home);
    return hit && failovers(home) > before;
  }

  /** What holds a second copy is gone, silent or not heard, until the region does without it. */
  private static boolean isGoneAsCopy(
      RunningProgram program, RunningProgram.Lies lies, String copy, String fault, String mending) {
    befall(fault, copy);
    boolean hit = program.runs();
    await()
        .atMost(LIMIT)
        .until(() -> !program.runs() || !program.lies(lies.region()).secondaries().contains(copy));
    hit &= program.runs();
    mend(mending, copy);
    return hit;
  }

  /** All but the home and its copy hear each other: the region has to do without one of the two. */
  private static boolean isCutFromCopy(
      RunningProgram program, RunningProgram.Lies lies, String copy) {
    rack.succeed("cut", lies.home(), copy);
    boolean hit = program.runs();
    await()
        .atMost(LIMIT)
        .until(() -> !program.runs() || program.lies(lies.region()).epoch() > lies.epoch());
    rack.succeed("heal", lies.home());
    rack.succeed("heal", copy);
    return hit && program.runs();
  }

  private boolean moves(RunningProgram program, RunningProgram.Lies lies) {
    List<String> targets =
        Rack.MEMORIES.stream().filter(name -> !name.equals(lies.home())).toList();
    String target = targets.get(random.nextInt(targets.size()));
    Rack.Outcome move = rack.command("migrate", Long.toString(lies.region()), target);
    if (move.err().contains("its process ended")) {
      await().atMost(LIMIT).until(() -> !program.runs());
    }
    boolean hit = program.runs();
    if (hit) {
      assertThat(move.exitCode()).as(move.err()).isZero();
      assertThat(
              count(
                  "SELECT 1 FROM api.region_history WHERE region = %d AND home = '%s'"
                      .formatted(lies.region(), target)))
          .isPositive();
    }
    return hit;
  }

  private static boolean isKilledWithItsPComponent(RunningProgram program) {
    programs.holdStarts();
    try {
      String component = program.component();
      for (RunningProgram each : programs.running()) {
        if (each.component().equals(component)) {
          programs.excuse(each.process());
        }
      }
      boolean hit = program.runs();
      kill(component);
      await().atMost(LIMIT).until(() -> !program.runs() || !program.component().equals(component));
      mend("start", component);
      return hit && (program.runs() || !program.component().equals(component));
    } finally {
      programs.goOnStarting();
    }
  }

  private static boolean computesOnWithout(RunningProgram program, String component) {
    programs.holdStarts();
    try {
      kill(component);
      boolean hit = program.runs();
      mend("start", component);
      return hit;
    } finally {
      programs.goOnStarting();
    }
  }

  private static void befall(String fault, String component) {
    if (fault.equals("kill")) {
      kill(component);
    } else {
      rack.succeed(fault, component);
    }
  }

  private static void kill(String component) {
    ProcessHandle process = rack.processOf(component);
    assertThat(Rack.runs(process)).as(component + " runs before it is killed").isTrue();
    rack.succeed("kill", component);
    assertThat(Rack.runs(process)).as(component + " runs after it was killed").isFalse();
  }

  private static void mend(String how, String component) {
    rack.succeed(how, component);
    rack.awaitUp(component);
  }

  private static int failovers(String component) {
    return count(
        "SELECT 1 FROM api.failovers WHERE regions > 0 AND component = '%s'".formatted(component));
  }

  private static int count(String query) {
    return rack.rows(query).size();
  }
}
