package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Faults at seeded moments under a program that computes in memory which does not fit into its
 * cache. {@code -Dsplitrack.seed=} repeats a run.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FailoverIT {
  private static final long SEED = Long.getLong("splitrack.seed", System.nanoTime());
  private static final SplittableRandom RANDOM = new SplittableRandom(SEED);
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** A program waits 60 s for a region that has no home. */
  private static final Duration WITHOUT_COPIES = Duration.ofSeconds(100);

  /** How often, and how long, a copy stands still that is slow. */
  private static final int HALTS = 4;

  /** Longer than the program verifies without writing, and too short to count as silent. */
  private static final int HALT_MS = 1_000;

  private static final int ATTEMPTS = 3;

  private static final int ROUNDS = 12;
  private static final int MORE_ROUNDS = 20;

  /** In each round it changes and verifies every page, so what its homes hold is never idle. */
  private static final String[] PROGRAM = Memcheck.program(ROUNDS);

  /** The same for longer: many commands are given while it runs. */
  private static final String[] LONG_PROGRAM = Memcheck.program(MORE_ROUNDS);

  private static Rack rack;
  private static String plain;
  private static String plainLong;

  private final Set<String> hurt = new LinkedHashSet<>();

  @BeforeAll
  static void start() {
    System.out.println("FailoverIT seed " + SEED);
    rack = Rack.up("--storages", "1");
    // Everything resident and nothing killed: what the faulted runs must print too.
    CompletableFuture<String> beside =
        CompletableFuture.supplyAsync(() -> undisturbed(LONG_PROGRAM));
    plain = undisturbed(PROGRAM);
    plainLong = beside.join();
  }

  private static String undisturbed(String... program) {
    List<String> words = new ArrayList<>(List.of("run"));
    words.addAll(List.of(program));
    Rack.Outcome outcome = rack.command(words.toArray(String[]::new));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out()).isNotBlank();
    return outcome.out();
  }

  @AfterAll
  static void stop() {
    rack.close();
  }

  /** A fault that a failed test has left behind would fail all that come after it. */
  @AfterEach
  void mend() {
    for (String component : hurt) {
      rack.command("resume", component);
      rack.command("heal", component);
    }
    if (!hurt.isEmpty()) {
      bringBack();
    }
  }

  @Test
  @Order(1)
  void shouldGoOnWhenTheHomeOfAProgramsMemoryIsKilled() throws InterruptedException {
    // given
    RunningProgram program = RunningProgram.startProtected(rack, PROGRAM);
    RunningProgram.Lies before;
    try (FollowedEvents events = FollowedEvents.start(rack, "-o", "json")) {
      before = atASeededMoment(program);

      // when
      program.assertRuns("before the kill");
      hurt("kill", before.home());
      program.assertRuns("after the kill");

      // then every region has two copies again, by itself, while the program goes on
      rack.succeed("protected", "--wait");
      program.awaitTwoCopies(before.region(), before.home());
      assertThat(program.homesAt(before.home())).isZero();
      refuse("takes no region", "migrate", Long.toString(before.region()), before.home());
      program.assertRuns("with two copies again");

      // and it is told as it happens, a row a line
      JsonNode told = JsonMapper.shared().readTree(events.first(isFailoverOf(before)));
      assertThat(told.propertyNames())
          .containsExactly(
              "event",
              "at",
              "component",
              "boot_id",
              "seq",
              "kind",
              "process",
              "region",
              "cause",
              "message",
              "details");
      assertThat(told.path("kind").asString()).isEqualTo("region_failed_over");
      assertThat(told.path("message").asString()).matches(failoverOf(before, "(silent|gone)"));
    }
    assertEndsRight(program, plain);

    // and the tables tell it, each row with the one that led to it
    JsonNode history = history(before.region());
    assertThat(history.size()).isGreaterThan(1);
    assertThat(epochs(history)).isSorted().doesNotHaveDuplicates();
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(whatLedTo("region_protected", before.region()))
                    .startsWith("region_protected")
                    .containsSubsequence("region_failed_over", "component_suspected"));
    rack.awaitRow(
        """
        SELECT 1 FROM api.failovers
         WHERE component = '%s' AND regions > 0 AND committed_at >= suspected_at
           AND protected_at >= committed_at
        """
            .formatted(before.home()));
    restore(before.home());
  }

  @Test
  @Order(2)
  void shouldLoseAProgramWithOneCopyWhenItsHomeIsKilled() throws InterruptedException {
    // given: the same without a second copy; the control that shows that the kill hits memory
    RunningProgram program = RunningProgram.start(rack, "none", PROGRAM);
    RunningProgram.Lies before = atASeededMoment(program);
    assertThat(before.secondaries()).isEmpty();

    // when
    program.assertRuns("before the kill");
    hurt("kill", before.home());

    // then it ends, and says why in one line
    Rack.Outcome end = program.end();
    assertThat(end.exitCode()).as(end.out() + end.err()).isEqualTo(125);
    assertThat(end.out()).isNotEqualTo(plain);
    assertThat(end.lastErrorLine())
        .contains("process " + program.process() + " lost: ")
        .contains(before.home())
        .contains("last copy");
    restore(before.home());
    assertThat(
            rack.sql("SELECT state FROM api.processes WHERE process = " + program.process())
                .path(0)
                .path("state")
                .asString())
        .isEqualTo("lost");
  }

  @Test
  @Order(3)
  void shouldMakeAnotherSecondCopyWhenOneIsGone() throws InterruptedException {
    assertIsReplacedAsCopy("kill", "start");
  }

  @ParameterizedTest
  @CsvSource({"pause, resume", "cut, heal"})
  @Order(3)
  @LongTest
  void shouldMakeAnotherSecondCopyWhenOneIsSilent(String fault, String mending)
      throws InterruptedException {
    assertIsReplacedAsCopy(fault, mending);
  }

  private void assertIsReplacedAsCopy(String fault, String mending) throws InterruptedException {
    // given
    RunningProgram program = RunningProgram.startProtected(rack, LONG_PROGRAM);
    RunningProgram.Lies before = atASeededMoment(program);
    String copy = before.secondaries().getFirst();

    // when
    hurt(fault, copy);
    program.assertRuns("after the " + fault);

    // then there is another, which has everything: the program does without its home, too
    program.awaitTwoCopies(before.region(), copy);
    program.assertRuns("with another second copy");
    mend(mending, copy);
    rack.succeed("protected", "--wait");
    hurt("kill", before.home());
    program.assertRuns("after the kill of its home");
    assertEndsRight(program, plainLong);
    restore(before.home());
  }

  @Test
  @Order(4)
  void shouldServeNothingStaleWhenAPausedHomeIsHeardAgain() throws InterruptedException {
    assertServesNothingStale("pause", "resume");
  }

  @Test
  @Order(4)
  @LongTest
  void shouldServeNothingStaleWhenACutHomeIsHeardAgain() throws InterruptedException {
    assertServesNothingStale("cut", "heal");
  }

  private void assertServesNothingStale(String fault, String mending) throws InterruptedException {
    // given
    RunningProgram program = RunningProgram.startProtected(rack, LONG_PROGRAM);
    try (FollowedEvents events = FollowedEvents.start(rack)) {
      RunningProgram.Lies before = atASeededMoment(program);

      // when nobody hears of it until others have taken its regions over
      hurt(fault, before.home());
      program.assertRuns("after the " + fault);
      String told = events.first(isFailoverOf(before));
      await().atMost(LIMIT).until(() -> program.homesAt(before.home()) == 0);
      program.assertRuns("when its regions have moved");
      // What it was doing, or was sent to it, goes on now, late.
      mend(mending, before.home());

      // then
      rack.succeed("protected", "--wait");
      program.awaitTwoCopies(before.region(), before.home());
      program.assertRuns("after the " + mending + ", with two copies again");
      assertThat(told).matches(" *\\+\\d+\\.\\d{3} s " + failoverOf(before, "silent"));
    }
    assertEndsRight(program, plainLong);
  }

  @Test
  @Order(5)
  void shouldKnowAHomeThatIsStartedAgainAtOnceByItsBoot() throws InterruptedException {
    // given
    RunningProgram program = RunningProgram.startProtected(rack, LONG_PROGRAM);
    RunningProgram.Lies before = atASeededMoment(program);
    String boot =
        rack.rows("SELECT boot_id FROM api.components WHERE component = '" + before.home() + "'")
            .path(0)
            .path("boot_id")
            .asString();

    // when
    hurt("kill", before.home(), "--restart-after", "0s");
    program.assertRuns("when its home is there again, with nothing in its memory");

    // then
    rack.awaitRow(
        "SELECT 1 FROM api.components WHERE state = 'up' AND component = '%s' AND boot_id <> '%s'"
            .formatted(before.home(), boot));
    hurt.remove(before.home());
    rack.succeed("protected", "--wait");
    rack.awaitRow(
        "SELECT 1 FROM api.regions WHERE region = %d AND copies = 2 AND epoch > %d"
            .formatted(before.region(), before.epoch()));
    program.assertRuns("with two copies again");
    assertEndsRight(program, plainLong);
  }

  @Test
  @Order(6)
  void shouldMoveRegionsUnderAProgramAndRefuseWhatCannotBe() throws Exception {
    // given
    RunningProgram program = RunningProgram.startProtected(rack, LONG_PROGRAM);

    // when one region goes round
    RunningProgram.Lies before = program.mostlyLies();
    program.awaitWritesTo(before);
    List<String> others =
        Rack.MEMORIES.stream().filter(name -> !name.equals(before.home())).toList();
    for (String target : others) {
      rack.succeed("migrate", Long.toString(before.region()), target);
      assertThat(homeOf(before.region())).isEqualTo(target);
    }
    program.assertRuns("after two moves");

    // then what cannot be is refused with the reason, and changes nothing
    String home = homeOf(before.region());
    refuse("itself|already|home", "migrate", Long.toString(before.region()), home);
    refuse("region", "migrate", "999999999", "mcomponent-0");
    refuse("mcomponent-9", "migrate", Long.toString(before.region()), "mcomponent-9");
    assertThat(homeOf(before.region())).isEqualTo(home);

    // and it is drawn where it is
    assertThat(drawnUnder(home, rack.command("map").out())).contains("[" + before.region() + "]");
    assertThat(titles(rack.command("map", "-o", "svg").out()))
        .anyMatch(
            title ->
                title.matches(
                    "region %d of process %s, epoch \\d+: home %s, copies mcomponent-\\d"
                        .formatted(before.region(), program.process(), home)));
    program.assertRuns("while it is drawn");

    assertEndsRight(program, plainLong);
    List<JsonNode> moves =
        rack.list("migrations")
            .valueStream()
            .filter(move -> move.path("region").asLong() == before.region())
            .toList();
    assertThat(moves)
        .allSatisfy(
            move -> {
              assertThat(move.propertyNames())
                  .containsExactly(
                      "migration",
                      "region",
                      "source",
                      "target",
                      "state",
                      "reason",
                      "bytes",
                      "rounds",
                      "write_pause_ms",
                      "error",
                      "started_at",
                      "ended_at");
              assertThat(move.path("state").asString()).isEqualTo("done");
            });
    assertThat(moves).extracting(move -> move.path("target").asString()).isEqualTo(others);
    assertThat(moves)
        .extracting(move -> move.path("source").asString())
        .containsExactly(before.home(), others.getFirst());
    // One of them was to the second copy, which had everything; the other was to be made a copy.
    List<Long> bytes = moves.stream().map(move -> move.path("bytes").asLong()).sorted().toList();
    assertThat(bytes.getFirst()).isZero();
    assertThat(bytes.getLast()).isPositive();
    assertThat(moves.stream().map(move -> move.path("rounds").asInt()).sorted())
        .containsExactly(0, 1);
  }

  @Test
  @Order(7)
  void shouldEndAProgramWithItsPComponentInOneLine() throws InterruptedException {
    // given
    RunningProgram program = RunningProgram.start(rack, "safe", PROGRAM);
    letItRun();
    String component = program.component();

    // when
    program.assertRuns("before the kill");
    hurt("kill", component);

    // then
    Rack.Outcome end = program.end();
    assertThat(end.exitCode()).as(end.err()).isEqualTo(137);
    assertThat(end.err().strip().lines()).hasSize(1);
    assertThat(end.err()).contains(program.process()).contains(component);
    await()
        .atMost(LIMIT)
        .until(
            () ->
                rack.rows("SELECT 1 FROM api.regions WHERE process = " + program.process())
                    .isEmpty());
    restore(component);
  }

  @Test
  @Order(8)
  void shouldComputeOnWhenEverythingElseIsKilled() {
    // given
    RunningProgram program = RunningProgram.startProtected(rack, LONG_PROGRAM);

    // when
    for (String victim :
        List.of("table-service-0", "kafka-0", "scomponent-0", "postgres-0", "global-manager-0")) {
      hurt("kill", victim);
      program.assertRuns("after the kill of " + victim);
    }

    // then
    assertPrints(program, plainLong);

    // and all of it comes back, with the tables as they were
    bringBack();
    Rack.Outcome next = rack.command("run", Rack.example("testbed/exitcode"), "7");
    assertThat(next.exitCode()).as(next.err()).isEqualTo(7);
    rack.awaitRow(
        "SELECT 1 FROM api.processes WHERE state = 'exited' AND process = " + program.process());
  }

  @Test
  @Order(9)
  void shouldFailOverWithoutKafkaAndTellItAfterwards() throws InterruptedException {
    // given
    RunningProgram program = RunningProgram.startProtected(rack, LONG_PROGRAM);
    RunningProgram.Lies before = atASeededMoment(program);
    long failovers = newestFailover();

    // when
    hurt("kill", "kafka-0");
    hurt("kill", before.home());

    // then at once by the authority, which needs no Kafka
    awaitNewHome(before);
    program.assertRuns("when its region has another home");
    assertPrints(program, plainLong);

    // and in all tables when there is a Kafka again
    bringBack();
    awaitFailoverAfter(failovers, before.home());
    assertWroteAllTheTime(program);
  }

  @Test
  @Order(10)
  @LongTest
  void shouldFailOverWhenADatabaseThatWasSilentAnswers() throws InterruptedException {
    // given
    RunningProgram program = RunningProgram.startProtected(rack, LONG_PROGRAM);
    RunningProgram.Lies before = atASeededMoment(program);
    long failovers = newestFailover();

    // when a new home is wanted, and nobody can store who that is
    long waits = waitsForAuthority();
    hurt("pause", "postgres-0");
    hurt("kill", before.home());
    await().atMost(LIMIT).until(() -> waitsForAuthority() > waits);
    program.assertRuns("without its home and a database");
    rack.succeed("resume", "postgres-0");
    hurt.remove("postgres-0");

    // then
    awaitNewHome(before);
    assertEndsRight(program, plainLong);
    awaitFailoverAfter(failovers, before.home());
  }

  /** It answers the manager and the other copies; only the program cannot reach it. */
  @Test
  @Order(11)
  @LongTest
  void shouldGoOnWhenOnlyTheProgramCannotReachTheHome() throws InterruptedException {
    // given
    RunningProgram program = RunningProgram.startProtected(rack, PROGRAM);
    RunningProgram.Lies before = atASeededMoment(program);
    String component = program.component();

    // when
    program.assertRuns("before the cut");
    rack.succeed("cut", component, before.home());
    try {
      // then
      await().atMost(LIMIT).until(() -> program.homesAt(before.home()) == 0);
      assertEndsRight(program, plain);
    } finally {
      rack.succeed("heal", component);
    }
  }

  /** The control for another second copy: what has none when its home dies is lost. */
  @Test
  @Order(12)
  @LongTest
  void shouldEndAProgramInOneLineWhenBothCopiesAreKilledAndStayDead() throws InterruptedException {
    // given
    RunningProgram program = RunningProgram.startProtected(rack, LONG_PROGRAM);
    RunningProgram.Lies before = atASeededMoment(program);
    List<String> victims = List.of(before.home(), before.secondaries().getFirst());
    List<ProcessHandle> killed = victims.stream().map(rack::processOf).toList();
    program.assertRuns("before the kills");

    // when
    hurt.addAll(victims);
    long sinceNs = System.nanoTime();
    killed.forEach(ProcessHandle::destroyForcibly);
    await().atMost(LIMIT).until(() -> killed.stream().noneMatch(Rack::runs));
    program.assertRuns("after the kills");

    // then
    Rack.Outcome end = program.end();
    Duration took = Duration.ofNanos(System.nanoTime() - sinceNs);
    System.out.println("both copies dead: ended after " + took.toMillis() + " ms: " + end.err());
    assertThat(took).isLessThan(WITHOUT_COPIES);
    assertThat(end.exitCode()).as(end.out() + end.err()).isEqualTo(125);
    assertThat(end.err().strip().lines()).as(end.err()).hasSize(1);
    assertThat(end.err())
        .contains("process " + program.process())
        .containsPattern(String.join("|", victims));
    assertThat(killed).as("nobody has started them again").noneMatch(Rack::runs);
    await()
        .atMost(LIMIT)
        .until(
            () ->
                rack.rows("SELECT 1 FROM api.regions WHERE process = " + program.process())
                    .isEmpty());
  }

  /** It stands still again and again, for less time than it takes to count as silent. */
  @Test
  @Order(13)
  @LongTest
  void shouldDropNothingWhenASecondCopyIsSlow() throws InterruptedException {
    // given
    RunningProgram program = RunningProgram.startProtected(rack, LONG_PROGRAM);
    RunningProgram.Lies before = atASeededMoment(program);
    long dropped = droppedPages();

    // when
    for (int i = 0; i < HALTS; i++) {
      halt(before.secondaries().getFirst());
      program.assertRuns("while a second copy is slow");
    }

    // then
    assertEndsRight(program, plainLong);
    assertThat(droppedPages()).isEqualTo(dropped);
  }

  /** The control: so slow a copy cannot take what a home that does not wait for it sends. */
  @Test
  @Order(14)
  @LongTest
  void shouldDropPagesWhenASecondCopyIsSlowAndNobodyWaitsForIt() throws InterruptedException {
    long dropped = droppedPages();
    // A halt may fall into a time in which the program only reads.
    for (int run = 0; run < ATTEMPTS && droppedPages() == dropped; run++) {
      // given
      RunningProgram program = RunningProgram.start(rack, "lego", LONG_PROGRAM);
      RunningProgram.Lies before = program.liesCopied();
      program.awaitWritesTo(before);

      // when
      while (program.runs() && droppedPages() == dropped) {
        halt(before.secondaries().getFirst());
      }

      // then what was dropped is missed by nobody, for nothing has died
      assertPrints(program, plainLong);
    }
    assertThat(droppedPages()).isGreaterThan(dropped);
  }

  private static void halt(String component) throws InterruptedException {
    rack.pauseAtOnce(component);
    TimeUnit.MILLISECONDS.sleep(HALT_MS);
    rack.resumeAtOnce(component);
    TimeUnit.MILLISECONDS.sleep(HALT_MS);
  }

  /** Pages that were not sent to a second copy for want of room, since the components' starts. */
  private static long droppedPages() {
    return Rack.MEMORIES.stream()
        .mapToLong(name -> rack.health(name).path("dropped_replications").asLong())
        .sum();
  }

  /** Where it lies at the moment of the fault, in a region that is being written to. */
  private static RunningProgram.Lies atASeededMoment(RunningProgram program)
      throws InterruptedException {
    RunningProgram.Lies lies = program.mostlyLies();
    program.awaitWritesTo(lies);
    letItRun();
    return lies;
  }

  private static void letItRun() throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(RANDOM.nextInt(1_000));
  }

  private static void assertEndsRight(RunningProgram program, String expected) {
    assertPrints(program, expected);
    assertWroteAllTheTime(program);
  }

  private static void assertPrints(RunningProgram program, String expected) {
    Rack.Outcome end = program.end();
    assertThat(end.exitCode()).as(end.out() + end.err()).isZero();
    assertThat(end.out()).isEqualTo(expected);
  }

  /** A page came home changed once a round or oftener, on average. */
  private static void assertWroteAllTheTime(RunningProgram program) {
    rack.awaitRow(
        "SELECT 1 FROM api.processes WHERE process = %s AND write_backs > pages_touched * %d"
            .formatted(program.process(), ROUNDS));
  }

  private static void refuse(String reason, String... words) {
    Rack.Outcome outcome = rack.command(words);
    assertThat(outcome.exitCode()).as(String.join(" ", words)).isPositive();
    assertThat(outcome.err().strip().lines()).hasSize(1);
    assertThat(outcome.err()).containsPattern(reason);
  }

  private void hurt(String how, String component, String... options) {
    hurt.add(component);
    List<String> words = new ArrayList<>(List.of(how, component));
    words.addAll(List.of(options));
    rack.succeed(words.toArray(String[]::new));
  }

  private void restore(String component) {
    mend("start", component);
  }

  private void mend(String how, String component) {
    rack.succeed(how, component);
    rack.awaitUp(component);
    hurt.remove(component);
  }

  private void bringBack() {
    rack.succeed("up", "--storages", "1");
    hurt.clear();
  }

  private static String homeOf(long region) {
    return rack.sql("SELECT home FROM api.regions WHERE region = " + region)
        .path(0)
        .path("home")
        .asString();
  }

  private static JsonNode history(long region) {
    return rack.sql(
        "SELECT epoch FROM api.region_history WHERE region = %d ORDER BY epoch".formatted(region));
  }

  private static List<Long> epochs(JsonNode rows) {
    return rows.valueStream().map(row -> row.path("epoch").asLong()).toList();
  }

  private static void awaitNewHome(RunningProgram.Lies before) {
    rack.awaitRow(
        "SELECT 1 FROM api.region_history WHERE region = %d AND epoch > %d AND home <> '%s'"
            .formatted(before.region(), before.epoch(), before.home()));
  }

  /** How often the manager has had to wait with changes of regions, by its log. */
  private static long waitsForAuthority() {
    try (Stream<String> log = Files.lines(rack.logOf("global-manager-0"))) {
      return log.filter(line -> line.contains("regions wait for the authority")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long newestFailover() {
    return rack.rows("SELECT coalesce(max(failover), 0) AS newest FROM api.failovers")
        .path(0)
        .path("newest")
        .asLong();
  }

  private static void awaitFailoverAfter(long failover, String component) {
    rack.awaitRow(
        "SELECT 1 FROM api.failovers WHERE failover > %d AND component = '%s' AND regions > 0"
            .formatted(failover, component));
  }

  /** The sentence that a home was replaced, as a pattern; {@code why} is one too. */
  private static String failoverOf(RunningProgram.Lies before, String why) {
    return "region %d: home %s → %s \\(epoch %d→%d, %s %s.*\\)"
        .formatted(
            before.region(),
            before.home(),
            before.secondaries().getFirst(),
            before.epoch(),
            before.epoch() + 1,
            before.home(),
            why);
  }

  private static Predicate<String> isFailoverOf(RunningProgram.Lies before) {
    String beginning = "region %d: home %s ".formatted(before.region(), before.home());
    return line -> line.contains(beginning);
  }

  /** Kinds of events: the newest of this kind about a region, the one that led to it, and so on. */
  private static List<String> whatLedTo(String kind, long region) {
    return rack.rows(
            """
            WITH RECURSIVE story AS (
              SELECT event, kind, cause, 1 AS step FROM api.events
               WHERE event = (SELECT max(event) FROM api.events WHERE kind = '%s' AND region = %d)
              UNION ALL
              SELECT e.event, e.kind, e.cause, s.step + 1
                FROM story s JOIN api.events e ON e.event = s.cause)
            SELECT kind FROM story ORDER BY step
            """
                .formatted(kind, region))
        .valueStream()
        .map(row -> row.path("kind").asString())
        .toList();
  }

  /** What a map in text has below the line of a component. */
  private static String drawnUnder(String component, String map) {
    return map.lines()
        .dropWhile(line -> !line.startsWith(component + " "))
        .skip(1)
        .takeWhile(line -> line.startsWith(" "))
        .collect(Collectors.joining("\n"));
  }

  /** What the shapes of a picture are called. */
  private static List<String> titles(String svg) throws Exception {
    Element picture =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.ISO_8859_1)))
            .getDocumentElement();
    assertThat(picture.getTagName()).isEqualTo("svg");
    NodeList titles = picture.getElementsByTagName("title");
    return IntStream.range(0, titles.getLength())
        .mapToObj(i -> titles.item(i).getTextContent())
        .toList();
  }
}
