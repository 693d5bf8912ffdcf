package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.splitrack.e2e.ClusterRack.SOON;
import static org.splitrack.e2e.ClusterRack.assertIntact;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A rack that Helm installs on a real cluster, and what happens to its programs there. */
@ClusterTest
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterE2E {
  private static final String RELEASE = "rack";

  private static TestCluster cluster;
  private static ClusterRack pods;
  private static Rack rack;

  @BeforeAll
  static void install() {
    cluster = TestCluster.connect();
    pods = ClusterRack.install(cluster, RELEASE);
    rack = pods.rack;
  }

  @AfterAll
  static void remove() {
    rack.close();
    cluster.close();
  }

  @Test
  @Order(1)
  void shouldShowAllComponentsAsUp() {
    assertThat(pods.states())
        .containsExactlyInAnyOrder(
            "pcomponent-0 up",
            "pcomponent-1 up",
            "mcomponent-0 up",
            "mcomponent-1 up",
            "mcomponent-2 up",
            "scomponent-0 up",
            "scomponent-1 up",
            "global-manager-0 up",
            "table-service-0 up",
            "postgres-0 up",
            "kafka-0 up");
  }

  @Test
  @Order(2)
  void shouldStartEveryServiceFromItsStartUpCache() {
    for (Pod pod :
        pods.podsOf("pcomponent", "mcomponent", "scomponent", "global-manager", "table-service")) {
      assertThat(pods.logOf(pod))
          .as(pod.getMetadata().getName())
          .contains("start-up cache: /app/start.aot is in use");
    }
  }

  @Test
  @Order(3)
  void shouldPassItsOwnTest() {
    pods.assertPassesItsOwnTest();
  }

  /** The control: the same where no second copy of its memory finds a place. */
  @Test
  @Order(3)
  @LongTest
  void shouldFailItsOwnTestWhenItsProgramCannotRun() {
    Rack.Outcome tested =
        pods.without(
            List.of("mcomponent-1", "mcomponent-2"), () -> cluster.helm("test", RELEASE, "--logs"));

    assertThat(tested.exitCode()).isNotZero();
    assertThat(tested.out() + tested.err()).contains("more than the rack has left");
  }

  @Test
  @Order(4)
  void shouldRunProgramsWithAQuarterOfTheirMemoryCachedAsOnOneMachine() {
    for (String program : List.of("matrix_multiply", "histogram")) {
      Rack.Outcome run = rack.command("run", "--cache", "25%", Rack.example(program));

      assertThat(run.exitCode()).as(run.err()).isZero();
      assertThat(run.out()).contains(Rack.expected(program));
    }
    assertThat(rack.rows("SELECT process FROM api.processes WHERE misses > 0 AND state = 'exited'"))
        .as("programs that had to fetch")
        .hasSizeGreaterThanOrEqualTo(2);
  }

  @Test
  @Order(4)
  @LongTest
  void shouldPassStandardStreamsAndFiles() {
    assertThat(
            rack.commandWithInput(
                    "hello\n".getBytes(StandardCharsets.UTF_8), "run", Rack.example("upper"))
                .out())
        .isEqualTo("HELLO\n");

    rack.succeed("put", Rack.file("README.md"), "/readme.md");
    rack.succeed("run", Rack.example("wc"), "/readme.md");
    assertThat(rack.command("get", "/readme.md", "-").out().length())
        .isEqualTo((int) Rack.checkout().resolve("README.md").toFile().length());
  }

  @Test
  @Order(5)
  @LongTest
  void shouldDoThroughKubernetesWhatCommandsDoOnOneMachine() {
    try (HeldProgram program = pods.hold()) {
      String process = program.process();
      rack.succeed("set", process, "cache=50%");
      assertThat(rack.command("logs", process).out()).isEqualTo("held\n");
      assertThat(rack.command("ps").out()).contains("held-");
      String home = pods.homesOf(process).getFirst();
      String boot = pods.bootOf(home);
      rack.succeed("restart", home);
      pods.awaitAllUp();
      assertThat(pods.bootOf(home)).isNotEqualTo(boot);
      assertThat(rack.command("start", home).lastErrorLine()).contains("is running already");

      rack.succeed("stop", process);
      assertThat(program.finish().exitCode()).isEqualTo(143);
    }
  }

  @Test
  @Order(5)
  @LongTest
  void shouldListAndDrawWhatIsThere() {
    try (HeldProgram program = pods.hold()) {
      for (String listing : List.of("components", "regions", "events", "ps")) {
        assertThat(rack.list(listing)).as(listing).isNotEmpty();
      }
      assertThat(rack.sql("SELECT count(*) AS held FROM api.regions"))
          .extracting(row -> row.path("held").asInt())
          .containsExactly(rack.list("regions").size());
      assertThat(rack.list("regions"))
          .as("copies lie on two nodes")
          .allMatch(region -> region.path("protection").asString().equals("node"));
      assertThat(rack.command("map").out()).contains("mcomponent-2").contains(program.process());
      assertThat(rack.command("map", "-o", "svg").out()).startsWith("<svg");

      String target =
          "mcomponent-" + (pods.homesOf(program.process()).contains("mcomponent-0") ? 1 : 0);
      rack.succeed("migrate", pods.regionOf(program.process()), target);
      JsonNode move = rack.list("migrations").path(0);
      assertThat(move.path("target").asString()).isEqualTo(target);
      assertThat(rack.command("abort", move.path("migration").asString()).lastErrorLine())
          .as("it has ended")
          .contains(move.path("migration").asString());
      assertIntact(program);
    }
  }

  @Test
  @Order(5)
  @LongTest
  void shouldTellTheEndOfAProgramThatNobodyIsAttachedTo() {
    String process = rack.command("run", "--detach", Rack.example("histogram")).out().strip();

    assertThat(rack.command("wait", process).exitCode()).isZero();
    assertThat(rack.command("logs", "-f", process).out()).contains(Rack.expected("histogram"));
    rack.succeed("rm", "/readme.md");
    assertThat(rack.command("ls", "/").out()).doesNotContain("readme.md");
    rack.succeed("put", Rack.file("README.md"), "/readme.md");
  }

  @Test
  @Order(5)
  @LongTest
  void shouldCutAndHealLinksAndEmptyAndFillComponents() {
    try (HeldProgram program = pods.hold();
        FollowedEvents events = FollowedEvents.start(rack)) {
      String home = pods.homesOf(program.process()).getFirst();
      String processor = pods.componentOf(program.process());
      rack.succeed("cut", processor, home);
      rack.succeed("heal", processor, home);
      rack.succeed("cut", home);
      await().atMost(SOON).until(() -> !pods.homesOf(program.process()).contains(home));
      rack.succeed("heal", home);
      assertThat(events.first(line -> line.contains(home + " is suspected"))).isNotEmpty();
      pods.awaitAllUp();

      rack.succeed("drain", home);
      assertThat(pods.holdersOf(program.process())).doesNotContain(home);
      rack.succeed("drain", home, "--undo");
      pods.awaitAllUp();

      rack.succeed("scale", "memory", "4");
      rack.awaitUp("mcomponent-3");
      rack.succeed("scale", "memory", "3");
      assertThat(pods.podsAndLeavingOf("mcomponent")).hasSize(3);
      rack.succeed("scale", "processor", "3");
      rack.awaitUp("pcomponent-2");
      rack.succeed("scale", "processor", "2");
      for (String store : List.of("kafka-0", "postgres-0")) {
        rack.succeed("kill", store);
      }
      pods.awaitAllUp();
      assertIntact(program);
    }
  }

  /** What is of one machine says so. */
  @ParameterizedTest
  @ValueSource(strings = {"up", "down", "demo"})
  @Order(5)
  @LongTest
  void shouldRefuseWhatIsOfOneMachine(String command) {
    Rack.Outcome refused = rack.command(command);

    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.lastErrorLine()).contains("leave out --kube");
  }

  /** Over the network of pods nothing goes in clear, and nobody without our labels gets through. */
  @Test
  @Order(6)
  void shouldLetOnlyItsOwnPodsThroughToItsPortsAndSpeakOnlyTlsThere() {
    StringBuilder script = new StringBuilder();
    for (String target :
        List.of(
            pods.podOf("mcomponent-0").getStatus().getPodIP() + " 7000",
            pods.podOf("pcomponent-0").getStatus().getPodIP() + " 7000",
            pods.podOf("postgres-0").getStatus().getPodIP() + " 5432",
            pods.podOf("kafka-0").getStatus().getPodIP() + " 9092",
            RELEASE + "-global-manager 8080",
            RELEASE + "-global-manager 7000")) {
      script.append(
          "timeout 3 nc -w 2 %s </dev/null 2>/dev/null && echo reached %s;"
              .formatted(target, target));
    }
    script.append(
        "printf 'GET /v1/protection HTTP/1.0\\r\\n\\r\\n' | timeout 3 nc -w 2 %s-global-manager 8080 2>/dev/null;"
            .formatted(RELEASE));

    assertThat(pods.outputOf("stranger", Map.of(), script + "echo done")).isEqualTo("done\n");
    assertThat(pods.outputOf("tester", pods.labels("test"), script + "echo done"))
        .contains("reached " + RELEASE + "-global-manager 8080")
        .contains("requires TLS")
        .doesNotContain("5432")
        .doesNotContain("9092");
    assertThat(pods.outputOf("intruder", pods.labels("table-service"), talkInClear()))
        .as("whom the policies let through, without TLS: no answer, or TLS's own alert, and a no")
        .contains("reached kafka", "reached postgres")
        .containsPattern("kafka said:( 15 03 03 00 02 02 [0-9a-f]{2})?\n")
        .contains("no encryption")
        .doesNotContain("SCRAM");
  }

  /** Says what clients of Kafka and PostgreSQL say first that use no TLS, and what comes back. */
  private static String talkInClear() {
    return """
        for server in "kafka 9092" "postgres 5432"; do
          for try in 1 2 3 4 5; do
            timeout 3 nc -w 2 RELEASE-$server </dev/null >/dev/null 2>&1 && echo "reached $server" && break
            sleep 1
          done
        done
        kafka=$(printf '\\000\\000\\000\\012\\000\\022\\000\\000\\000\\000\\000\\007\\377\\377' |
          timeout 5 nc -w 3 RELEASE-kafka 9092 | hexdump -v -e '1/1 " %02x"')
        echo "kafka said:$kafka"
        postgres=$(printf '\\000\\000\\000\\055\\000\\003\\000\\000user\\000rack_reader\\000database\\000splitrack\\000\\000' |
          timeout 5 nc -w 3 RELEASE-postgres 5432 | tr -cd ' -~')
        echo "postgres said: $postgres"
        """
        .replace("RELEASE", RELEASE);
  }

  @Test
  @Order(7)
  void shouldGoOnWhenThePodThatHoldsMostOfABusyProgramsMemoryIsDeletedByForce() {
    // given
    RunningProgram program =
        RunningProgram.start(
            rack, "safe", Rack.example("kmeans"), "--points", "1M", "--iterations", "40");
    rack.succeed("protected", "--wait");
    String victim = program.mostlyLies().home();
    Pod before = pods.podOf(victim);

    // when
    program.assertRuns("before the pod is deleted");
    pods.deleteByForce(before);
    program.assertRuns("after that");

    // then
    rack.succeed("protected", "--wait");
    assertThat(program.homesAt(victim)).isZero();
    Rack.Outcome end = program.end();
    assertThat(end.exitCode()).as(end.err()).isZero();
    assertThat(pods.podOf(victim).getMetadata().getUid())
        .isNotEqualTo(before.getMetadata().getUid());
    assertThat(pods.eventsOf(victim))
        .as("Kubernetes told the manager")
        .anyMatch(line -> line.contains("its pod was deleted"));
    pods.awaitAllUp();
  }

  /** What shows that the deletion of a pod is one: without a second copy the memory is gone. */
  @Test
  @Order(8)
  void shouldLoseAProgramWithOneCopyWhenItsPodIsDeletedByForce() {
    try (HeldProgram program = pods.hold("--ack", "none")) {
      pods.deleteByForceAndAwaitNext(pods.homesOf(program.process()).getFirst());

      Rack.Outcome end = program.finish();

      assertThat(end.exitCode()).isNotZero();
      assertThat(end.lastErrorLine()).contains("lost");
    }
    pods.awaitAllUp();
  }

  @Test
  @Order(9)
  @LongTest
  void shouldKeepAProgramsMemoryWhenItsHomeIsKilledInItsPodOrFallsSilent() {
    try (HeldProgram program = pods.hold()) {
      String killed = pods.homesOf(program.process()).getFirst();
      int restarts = pods.restartsOf(killed);
      String boot = pods.bootOf(killed);

      rack.succeed("kill", killed);
      rack.succeed("start", killed);

      await().atMost(SOON).until(() -> pods.restartsOf(killed) == restarts + 1);
      pods.awaitAllUp();
      assertThat(pods.bootOf(killed)).isNotEqualTo(boot);

      String silent = pods.homesOf(program.process()).getFirst();
      rack.succeed("pause", silent);
      try {
        await().atMost(SOON).until(() -> !pods.homesOf(program.process()).contains(silent));
      } finally {
        rack.succeed("resume", silent);
      }
      pods.awaitAllUp();
      assertIntact(program);
    }
  }

  /** One after the other; a program stores and verifies all the time. */
  @Test
  @Order(10)
  @LongTest
  void shouldKeepProgramsWhenThePodsOfAllOthersAreDeletedByForceAndThenInOrder() {
    try (HeldProgram program = pods.hold()) {
      String processor = pods.componentOf(program.process());
      List<String> others =
          List.of("pcomponent-0", "pcomponent-1").stream()
              .filter(one -> !one.equals(processor))
              .toList();
      try (BusyProgram busy = pods.without(others, () -> BusyProgram.start(rack))) {
        for (Pod pod : othersThan(program)) {
          pods.deleteByForce(pod);
          pods.awaitGone(List.of(pod));
          pods.awaitAllThere();
          busy.assertRuns("after " + pod.getMetadata().getName() + " went by force");
        }
        for (Pod pod : othersThan(program)) {
          pods.delete(pod);
          pods.awaitGone(List.of(pod));
          pods.awaitAllThere();
          busy.assertRuns("after " + pod.getMetadata().getName() + " went");
        }
        busy.assertRight();
      }
      assertIntact(program);
    }
    assertThat(rack.command("get", "/readme.md", "-").out()).contains("Splitrack");
  }

  /** A pod of every role, but for those that have the program and its memory. */
  private static List<Pod> othersThan(HeldProgram program) {
    String processor = pods.componentOf(program.process());
    List<Pod> others = new ArrayList<>();
    for (String role : List.of("kafka", "table-service", "postgres", "global-manager")) {
      others.add(pods.onlyPodOf(role));
    }
    others.add(pods.podOf("scomponent-0"));
    others.add(pods.podOf(processor.equals("pcomponent-0") ? "pcomponent-1" : "pcomponent-0"));
    return others;
  }

  /** A pComponent that is to stop takes no new program and waits for its own. */
  @Test
  @Order(11)
  @LongTest
  void shouldLetTheProgramsOfAPComponentEndWhosePodIsDeletedInOrder() {
    try (HeldProgram program = pods.hold()) {
      String leaving = pods.componentOf(program.process());
      HeldProgram one = pods.without(List.of(leaving), pods::hold);
      HeldProgram two = pods.without(List.of(leaving), pods::hold);
      try (one;
          two) {
        rack.succeed("run", "--name", "before", Rack.example("histogram"));
        assertThat(pods.componentOfNamed("before")).as("runs the fewest").isEqualTo(leaving);
        Pod before = pods.podOf(leaving);
        pods.delete(before);
        await().atMost(SOON).until(() -> pods.stateOf(leaving).equals("draining"));

        rack.succeed("run", "--name", "elsewhere", Rack.example("histogram"));

        assertThat(pods.componentOfNamed("elsewhere")).isNotEqualTo(leaving);
        assertThat(pods.podOf(leaving).getMetadata().getUid())
            .isEqualTo(before.getMetadata().getUid());
        assertIntact(program);
      }
    }
    pods.awaitAllUp();
  }

  /** The control of both tests before: a program does not outlive its own pComponent's pod. */
  @Test
  @Order(11)
  @LongTest
  void shouldEndAProgramWhosePComponentsPodIsDeleted() {
    try (HeldProgram program = pods.hold()) {
      pods.deleteByForce(pods.podOf(pods.componentOf(program.process())));

      assertThat(program.finish().exitCode()).isEqualTo(137);
    }
    pods.awaitAllUp();
  }

  @Test
  @Order(12)
  void shouldUseMorePodsAsTheyComeAndEmptyThemBeforeTheyGo() {
    try (HeldProgram early = pods.hold("--ack", "none")) {
      // when
      pods.scale("mcomponent", 5);
      for (String added : List.of("mcomponent-3", "mcomponent-4")) {
        await().atMost(SOON).until(() -> !pods.bootOf(added).isEmpty());
        rack.awaitUp(added);
        assertThat(pods.eventsOf(added))
            .as("known before it registers, then up")
            .element(0)
            .asString()
            .startsWith(added + " starts on node");
      }

      // then new memory lies on them, and old memory moves there
      try (HeldProgram late = pods.hold()) {
        assertThat(pods.holdersOf(late.process())).contains("mcomponent-3", "mcomponent-4");
        String region =
            rack.rows("SELECT region FROM api.regions WHERE process = " + early.process())
                .path(0)
                .path("region")
                .asString();
        rack.succeed("migrate", region, "mcomponent-4");
        assertThat(pods.homesOf(early.process())).contains("mcomponent-4");

        // when they go, with an only copy of a program on one of them
        pods.scale("mcomponent", 3);
        await().atMost(SOON).until(() -> !pods.stateOf("mcomponent-4").equals("up"));
        try (HeldProgram during = pods.hold("--ack", "none")) {
          assertThat(pods.holdersOf(during.process()))
              .as("one that is told to stop gets nothing new")
              .doesNotContain("mcomponent-3", "mcomponent-4");
        }
        await().atMost(SOON).until(() -> pods.podsAndLeavingOf("mcomponent").size() == 3);

        // then
        assertIntact(late);
      }
      rack.succeed("sync");
      assertThat(pods.holdersOf(early.process()))
          .isSubsetOf(Set.of("mcomponent-0", "mcomponent-1", "mcomponent-2"));
      assertThat(rack.rows("SELECT 1 FROM api.failovers WHERE component > 'mcomponent-2'"))
          .as("nothing had to be saved after the fact")
          .isEmpty();
      assertIntact(early);
    }
  }

  @Test
  @Order(12)
  @LongTest
  void shouldEmptyAnMComponentUnderAProgramThatStoresAllTheTime() {
    pods.scale("mcomponent", 4);
    rack.awaitUp("mcomponent-3");
    try (BusyProgram busy = BusyProgram.start(rack)) {
      pods.makeHome("mcomponent-3", busy.process());

      pods.scale("mcomponent", 3);
      await().atMost(SOON).until(() -> pods.podsAndLeavingOf("mcomponent").size() == 3);

      assertThat(pods.holdersOf(busy.process())).doesNotContain("mcomponent-3");
      busy.assertRight();
    }
  }

  @Test
  @Order(13)
  @LongTest
  void shouldKeepPodsThatHoldWhatFitsNowhereElseUntilThereIsRoom() {
    try (HeldProgram program = pods.hold()) {
      // when
      pods.scale("mcomponent", 1);

      // then they stay, and Kubernetes says why
      await()
          .atMost(SOON)
          .until(
              () ->
                  pods.warningsOf("mcomponent-1", "mcomponent-2").stream()
                      .anyMatch(
                          line ->
                              line.contains("cannot stop")
                                  && line.contains("want 2 mComponents and there would be 1")));
      assertThat(pods.podsAndLeavingOf("mcomponent")).hasSizeGreaterThan(1);
      rack.succeed("protected");

      // when, then
      pods.scale("mcomponent", 4);
      await().atMost(SOON).until(() -> pods.podsOf("mcomponent").size() == 4);
      pods.scale("mcomponent", 3);
      await().atMost(SOON).until(() -> pods.podsAndLeavingOf("mcomponent").size() == 3);
      pods.awaitAllUp();
      assertIntact(program);
    }
  }

  @Test
  @Order(15)
  @LongTest
  void shouldHaveTriedEveryCommandThatThereIs() {
    List<String> commands =
        rack.command("help")
            .out()
            .lines()
            .dropWhile(line -> !line.equals("Commands:"))
            .skip(1)
            .takeWhile(line -> !line.isBlank())
            .filter(line -> line.matches("  \\S.*"))
            .map(line -> line.strip().split("\\s+", 2)[0])
            .toList();

    assertThat(commands).hasSizeGreaterThan(30);
    // A move is over before another command can abort it; what is of one machine is refused.
    assertThat(rack.succeeded())
        .containsAll(
            commands.stream()
                .filter(name -> !List.of("abort", "up", "down", "demo").contains(name))
                .toList());
  }

  @Test
  @Order(16)
  @LongTest
  void shouldKeepFilesTablesCountsAndMemoryAcrossAnUpgradeAndBack() {
    pods.scale("scomponent", 3);
    try (HeldProgram program = pods.hold("--ack", "none");
        BusyProgram busy = BusyProgram.start(rack)) {
      Rack.Outcome upgraded =
          cluster.helm(
              "upgrade",
              RELEASE,
              Rack.file("helm/splitrack"),
              "--set",
              "memory.podAnnotations.upgraded=yes",
              "--wait",
              "--timeout",
              "180s");

      assertThat(upgraded.exitCode()).as(upgraded.err()).isZero();
      assertThat(pods.podsOf("mcomponent"))
          .hasSize(3)
          .allSatisfy(
              pod -> assertThat(pod.getMetadata().getAnnotations()).containsKey("upgraded"));
      assertThat(pods.podsOf("scomponent")).hasSize(3);
      assertThat(rack.command("ls", "/").out()).contains("/readme.md");
      busy.assertRight();
      assertIntact(program);
    }

    // Helm 4 lets nobody else set what it set: the count is another's now.
    Rack.Outcome back =
        cluster.helm("rollback", RELEASE, "1", "--force-conflicts", "--wait", "--timeout", "180s");

    assertThat(back.exitCode()).as(back.err()).isZero();
    await()
        .atMost(SOON)
        .until(
            () ->
                pods.podsOf("mcomponent").stream()
                    .noneMatch(pod -> pod.getMetadata().getAnnotations().containsKey("upgraded")));
    assertThat(rack.rows("SELECT process FROM api.processes WHERE name = 'helm-test'"))
        .isNotEmpty();
  }

  /** Until the chart's own value changes; Helm 4 wants to be told that it may. */
  @Test
  @Order(16)
  @LongTest
  void shouldSetTheCountThatTheChartSaysWhenThatHasChanged() {
    pods.scale("pcomponent", 3);
    rack.awaitUp("pcomponent-2");

    Rack.Outcome upgraded =
        cluster.helm(
            "upgrade",
            RELEASE,
            Rack.file("helm/splitrack"),
            "--set",
            "processor.replicaCount=1",
            "--force-conflicts",
            "--wait",
            "--timeout",
            "180s");

    assertThat(upgraded.exitCode()).as(upgraded.err()).isZero();
    await().atMost(SOON).until(() -> pods.podsAndLeavingOf("pcomponent").size() == 1);
    rack.succeed("run", Rack.example("histogram"));
  }

  @Test
  @Order(17)
  @LongTest
  void shouldLeaveOnlyItsSecretAndVolumesAndNothingWhenTheyAreDeleted() {
    Rack.Outcome removed = cluster.helm("uninstall", RELEASE, "--wait", "--timeout", "120s");

    assertThat(removed.exitCode()).as(removed.err()).isZero();
    await().atMost(SOON).until(() -> left().equals(Set.of("Secret", "PersistentVolumeClaim")));
    Rack.Outcome nothing = rack.command("ps");
    assertThat(nothing.exitCode()).isEqualTo(4);
    assertThat(nothing.lastErrorLine()).contains("no release " + RELEASE);

    // As the notes of the release say.
    TestCluster.succeed(
        List.of(
            "kubectl",
            "-n",
            cluster.namespace,
            "delete",
            "secret,pvc",
            "-l",
            "app.kubernetes.io/instance=" + RELEASE));
    assertThat(left()).isEmpty();
  }

  /** The kinds of what is left of the release. */
  private static Set<String> left() {
    var client = cluster.client;
    return Stream.of(
            client.pods(),
            client.services(),
            client.configMaps(),
            client.secrets(),
            client.serviceAccounts(),
            client.persistentVolumeClaims(),
            client.apps().statefulSets(),
            client.apps().deployments(),
            client.batch().v1().jobs(),
            client.rbac().roles(),
            client.rbac().roleBindings(),
            client.network().v1().networkPolicies(),
            client.policy().v1().podDisruptionBudget())
        .flatMap(
            kind ->
                kind.inNamespace(cluster.namespace)
                    .withLabel("app.kubernetes.io/instance", RELEASE)
                    .resources()
                    .map(Resource::item))
        .map(HasMetadata::getKind)
        .collect(java.util.stream.Collectors.toSet());
  }
}
