package org.splitrack.manager.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.control.ComponentCalls.Heartbeat;
import org.splitrack.fabric.control.ComponentCalls.Leave;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.fabric.control.ProcessCalls.StopProcess;
import org.splitrack.fabric.control.ProcessSpec;
import org.splitrack.fabric.report.StateChange.Event;
import org.splitrack.fabric.report.StateChange.ProcessState;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.manager.internal.authority.ProcessRow;
import org.splitrack.manager.internal.authority.ProcessRow.End;
import org.splitrack.manager.internal.authority.ProcessStatus;
import org.splitrack.manager.internal.process.ProcessStarts.Started;

class ProcessesOverTheWireTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir private Path folder;
  private TestManager manager;
  private FakeProcessor p0;
  private FakeProcessor p1;

  /** Whose manager is the present one. */
  private final FakeRack rack =
      new FakeRack() {
        @Override
        public Identity identity(ComponentId component, BootId boot) {
          return manager.identity(component, boot);
        }

        @Override
        public Endpoint endpoint() {
          return manager.endpoint();
        }
      };

  @BeforeEach
  void start() throws IOException {
    manager = new TestManager(folder);
    p0 = new FakeProcessor(rack, 0);
    p1 = new FakeProcessor(rack, 1);
  }

  @AfterEach
  void stop() {
    p0.close();
    p1.close();
    manager.close();
  }

  @Test
  void shouldPlaceEachProcessWhereTheFewestRun() {
    // when
    List<Started> started = List.of(run("a"), run("b"), run("c"), run("d"));
    // then
    assertThat(p0.running).hasSize(2);
    assertThat(p1.running).hasSize(2);
    assertThat(started.getFirst().component()).isEqualTo(p0.component());
    assertThat(started.getFirst().ticket()).hasSize(32);
  }

  @Test
  void shouldSendAModuleToAPComponentOnlyOnce() {
    // given
    p1.close();
    manager.silence(4_000);
    p0.beat(List.of());
    // when
    run("a");
    run("a");
    // then
    assertThat(p0.modulesReceived).hasValue(1);
    assertThat(p0.running).hasSize(2);
  }

  @Test
  void shouldSendAModuleAgainThatThePComponentNoLongerHolds() {
    // given
    p1.refusal = new ControlFault(Code.FULL, "busy");
    run("a");
    p0.forgetModules();
    // when
    run("a");
    // then
    assertThat(p0.modulesReceived).hasValue(2);
    assertThat(p0.running).hasSize(2);
  }

  @Test
  void shouldTryTheNextPComponentWhenOneRefuses() {
    // given
    p0.refusal = new ControlFault(Code.FULL, "no frames left");
    // when
    Started started = run("a");
    // then
    assertThat(started.component()).isEqualTo(p1.component());
    assertThat(row(new ProcessId(1)).end())
        .isNotNull()
        .extracting(End::exitCode, End::reason)
        .containsExactly(125, "pcomponent-0: no frames left");
  }

  @Test
  void shouldWaitForAPComponentWhileTheManagerHasJustBegunToLead() throws Exception {
    // given
    p0.tell(new Leave(p0.component(), p0.boot()));
    p1.tell(new Leave(p1.component(), p1.boot()));
    assertThatThrownBy(() -> run("a")).hasMessageContaining("no pComponent is up");
    // when
    manager.membership.listen();
    FutureTask<Started> start = new FutureTask<>(() -> run("a"));
    Thread.ofVirtual().start(start);
    await().during(Duration.ofMillis(400)).until(() -> !start.isDone());
    p0.start();
    // then
    assertThat(start.get(30, TimeUnit.SECONDS).component()).isEqualTo(p0.component());
  }

  @Test
  void shouldTryTheNextPComponentWhenOneGivesNoAnswer() {
    // given
    p0.deaf = true;
    // when
    Started started = run("a");
    // then
    assertThat(started.component()).isEqualTo(p1.component());
    assertThat(row(new ProcessId(1)).end()).isNotNull().extracting(End::exitCode).isEqualTo(125);
    assertThat(Objects.requireNonNull(row(new ProcessId(1)).end()).reason())
        .startsWith("pcomponent-0: StartProcess to ");
    // and it is told to end what it may have started all the same
    p0.deaf = false;
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(p0.stops).extracting(StopProcess::process).contains(new ProcessId(1)));
  }

  @Test
  void shouldSayWhyNothingCanRunIt() {
    // given
    p0.refusal = new ControlFault(Code.FULL, "no frames left");
    p1.refusal = new ControlFault(Code.FULL, "no frames left");
    // when, then
    assertThatThrownBy(() -> run("a"))
        .isInstanceOf(ControlFault.class)
        .hasMessage("nothing can run it: pcomponent-1: no frames left");
    assertThat(manager.store.runningProcesses()).isEmpty();
  }

  @Test
  void shouldNotTryElsewhereWhatIsWrongInItself() {
    // given
    p0.refusal = new ControlFault(Code.BAD_REQUEST, "a cache of 3 bytes is too small");
    // when, then
    assertThatThrownBy(() -> run("a"))
        .isInstanceOfSatisfying(
            ControlFault.class, fault -> assertThat(fault.code()).isEqualTo(Code.BAD_REQUEST))
        .hasMessage("pcomponent-0: a cache of 3 bytes is too small");
    assertThat(p1.running).isEmpty();
    assertThat(manager.store.runningProcesses()).isEmpty();
  }

  @Test
  void shouldRefuseAProgramThatTheRackDoesNotHold() {
    // given
    ProcessSpec evicted = manager.program("a");
    manager.program("b".repeat(1 << 20));
    manager.archive.forget(evicted.programDigest());
    // when, then
    assertThatThrownBy(() -> manager.parts.starts().start(evicted))
        .isInstanceOfSatisfying(
            ControlFault.class, fault -> assertThat(fault.code()).isEqualTo(Code.NOT_FOUND));
  }

  @Test
  void shouldKeepHowAProcessEndedWithItsStatistics() {
    // given
    ProcessId process = run("a").process();
    // when
    p0.exit(process, 3);
    // then
    ProcessRow row = manager.parts.ends().awaitEnd(process, SOON).orElseThrow();
    assertThat(row.end())
        .isNotNull()
        .satisfies(
            end -> {
              assertThat(end.status()).isEqualTo(ProcessStatus.EXITED);
              assertThat(end.exitCode()).isEqualTo(3);
              assertThat(end.stats()).containsEntry("misses", 12);
            });
    assertThat(manager.reporter.changes(ProcessState.class))
        .extracting(ProcessState::state)
        .containsExactly("running", "exited");
  }

  @Test
  void shouldTellTheStoryOfAProcessWithEachEventCausedByTheOneBefore() {
    // given
    ProcessId process = run("a").process();
    // when
    p0.exit(process, 0);
    // then
    List<Event> events =
        manager.reporter.changes(Event.class).stream()
            .filter(event -> Long.valueOf(process.value()).equals(event.process()))
            .toList();
    assertThat(events)
        .extracting(Event::name)
        .containsExactly("process_placed", "process_started", "process_ended");
    assertThat(events.get(1).cause()).isEqualTo(sequence(events.get(0)));
    assertThat(events.get(2).cause()).isEqualTo(sequence(events.get(1)));
    assertThat(events.get(2).message()).isEqualTo("Process 1 (word_count) exited with code 0.");
  }

  @Test
  void shouldIgnoreTheEndOfAProcessFromAPComponentThatDoesNotRunIt() {
    // given
    ProcessId process = run("a").process();
    // when
    p1.exit(process, 0);
    // then
    assertThat(row(process).isRunning()).isTrue();
  }

  @Test
  void shouldStopAProcessOnceAndSayThatItHasEndedAfterwards() {
    // given
    ProcessId process = run("a").process();
    // when
    manager.parts.commands().stop(process);
    ProcessRow row = manager.parts.ends().awaitEnd(process, SOON).orElseThrow();
    // then
    assertThat(row.status()).isEqualTo(ProcessStatus.STOPPED);
    assertThatThrownBy(() -> manager.parts.commands().stop(process))
        .isInstanceOf(ControlFault.class)
        .hasMessage("process 1 has ended already: stopped with code 143");
    assertThatThrownBy(() -> manager.parts.commands().stop(new ProcessId(99)))
        .isInstanceOf(ControlFault.class)
        .hasMessage("there is no process 99");
  }

  @Test
  void shouldFailTheProcessesOfAPComponentThatFallsSilent() {
    // given
    ProcessId process = run("a").process();
    p0.close();
    // when
    for (int i = 0; i < 30; i++) {
      manager.silence(100);
      p1.beat(List.of());
    }
    // then
    ProcessRow row = manager.parts.ends().awaitEnd(process, SOON).orElseThrow();
    assertThat(row.end())
        .isNotNull()
        .extracting(End::status, End::exitCode, End::reason)
        .containsExactly(ProcessStatus.FAILED, 137, "its pComponent pcomponent-0 is down");
    Event down = event("component_down");
    assertThat(event("process_ended").cause()).isEqualTo(sequence(down));
  }

  @Test
  void shouldKeepAPComponentFromWritingFromTheExpulsionOfItsProcessesUntilItRunsNoneOfThem()
      throws IOException {
    try (FakeStorage storage = new FakeStorage(manager, 0)) {
      // given
      ProcessId process = run("a").process();
      for (int i = 0; i < 30; i++) {
        manager.silence(100);
        p1.beat(List.of());
        storage.beat(List.of());
      }
      // when
      ProcessRow row = manager.parts.ends().awaitEnd(process, SOON).orElseThrow();
      // then
      assertThat(row.isRunning()).isFalse();
      assertThat(storage.fenced).containsOnlyKeys(p0.boot());
      // when it wakes up
      p0.beat(List.of(process.value()));
      assertThat(storage.fenced).containsOnlyKeys(p0.boot());
      assertThat(run("a").component()).isEqualTo(p1.component());
      assertThat(run("a").component()).isEqualTo(p1.component());
      p0.beat(List.of());
      // then
      await().atMost(SOON).untilAsserted(() -> assertThat(storage.fenced).isEmpty());
      assertThat(run("a").component()).isEqualTo(p0.component());
    }
  }

  @Test
  void shouldTellAnSComponentOfFencesThatItMissed() throws IOException {
    // given
    ProcessId process = run("a").process();
    for (int i = 0; i < 30; i++) {
      manager.silence(100);
      p1.beat(List.of());
    }
    assertThat(manager.parts.ends().awaitEnd(process, SOON).orElseThrow().isRunning()).isFalse();
    // when
    try (FakeStorage storage = new FakeStorage(manager, 0)) {
      // then
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(storage.fenced).containsOnlyKeys(p0.boot()));
    }
  }

  @Test
  void shouldLowerTheFencesOfTheManagerBeforeItWhenThePComponentRunsNoneOfTheExpelled()
      throws IOException {
    try (FakeStorage storage = new FakeStorage(rack, 0)) {
      // given
      ProcessId process = run("a").process();
      for (int i = 0; i < 30; i++) {
        manager.silence(100);
        p1.beat(List.of());
        storage.beat(List.of());
      }
      assertThat(manager.parts.ends().awaitEnd(process, SOON).orElseThrow().isRunning()).isFalse();
      // when another manager leads, and the pComponent wakes up
      manager.close();
      manager = new TestManager(folder);
      storage.start();
      p0.start();
      p0.beat(List.of(process.value()));
      // then
      assertThat(storage.fenced).containsOnlyKeys(p0.boot());
      await()
          .atMost(SOON)
          .untilAsserted(
              () -> {
                p0.beat(List.of());
                assertThat(storage.fenced).isEmpty();
              });
    }
  }

  @Test
  void shouldWaitLongerWhenMostPComponentsFallSilentAtOnce() {
    // given
    ProcessId process = run("a").process();
    // when
    manager.silence(9_900);
    // then
    assertThat(manager.eventNames()).contains("component_down");
    assertThat(row(process).isRunning()).isTrue();
    // when
    manager.silence(100);
    // then
    ProcessRow row = manager.parts.ends().awaitEnd(process, SOON).orElseThrow();
    assertThat(row.end()).isNotNull().extracting(End::exitCode).isEqualTo(137);
  }

  @Test
  void shouldFailTheProcessesOfAPComponentThatStartedAnew() throws IOException {
    // given
    ProcessId process = run("a").process();
    p0.close();
    // when
    p0 = new FakeProcessor(manager, 0);
    // then
    ProcessRow row = manager.parts.ends().awaitEnd(process, SOON).orElseThrow();
    assertThat(row.end())
        .isNotNull()
        .extracting(End::exitCode, End::reason)
        .containsExactly(137, "its pComponent pcomponent-0 was restarted");
    assertThat(run("a").component()).isEqualTo(p0.component());
  }

  @Test
  void shouldFailTheProcessesOfAPComponentThatLeavesAtOnce() {
    // given
    ProcessId process = run("a").process();
    // when
    p0.tell(new Leave(p0.component(), p0.boot()));
    // then
    ProcessRow row = manager.parts.ends().awaitEnd(process, SOON).orElseThrow();
    assertThat(row.end())
        .isNotNull()
        .extracting(End::exitCode, End::reason)
        .containsExactly(137, "its pComponent pcomponent-0 was stopped");
    assertThat(run("a").component()).isEqualTo(p1.component());
  }

  @Test
  void shouldStopAProcessThatAPComponentRunsAgainstTheRacksWill() {
    // when
    p0.beat(List.of(77L));
    // then
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(p0.stops)
                    .extracting(stop -> stop.process().value())
                    .containsExactly(77L));
  }

  @Test
  void shouldFailAProcessThatItsPComponentKeepsLeavingOut() {
    // given
    ProcessId process = run("a").process();
    for (int i = 0; i < 9; i++) {
      p0.beat(List.of());
    }
    p0.beat(List.of(process.value()));
    for (int i = 0; i < 9; i++) {
      p0.beat(List.of());
    }
    assertThat(row(process).isRunning()).isTrue();
    // when
    p0.beat(List.of());
    // then
    ProcessRow row = manager.parts.ends().awaitEnd(process, SOON).orElseThrow();
    assertThat(row.end())
        .isNotNull()
        .extracting(End::reason)
        .isEqualTo("pcomponent-0 does not know it any more");
  }

  @Test
  void shouldPassSettingsOnAndRefuseUnknownOnes() {
    // given
    ProcessId process = run("a").process();
    // when
    manager.parts.commands().set(process, Map.of("cache", "25%"));
    // then
    assertThat(p0.sets)
        .singleElement()
        .extracting(set -> set.settings().get("cache"))
        .isEqualTo("25%");
    assertThatThrownBy(() -> manager.parts.commands().set(process, Map.of("cache", "-1")))
        .hasMessageContaining("neither 1% to 100% nor bytes");
    assertThatThrownBy(() -> manager.parts.commands().set(process, Map.of("colour", "red")))
        .hasMessageContaining("cannot be set");
  }

  @Test
  void shouldLetNobodySpeakForAnotherComponent() {
    assertThatThrownBy(() -> p0.tell(new Heartbeat(p1.component(), p1.boot(), 0, 0, List.of(), "")))
        .isInstanceOfSatisfying(
            ControlFault.class, fault -> assertThat(fault.code()).isEqualTo(Code.DENIED));
  }

  private Started run(String program) {
    return manager.parts.starts().start(manager.program(program));
  }

  private ProcessRow row(ProcessId process) {
    return manager.store.process(process).orElseThrow();
  }

  private Event event(String name) {
    return manager.reporter.changes(Event.class).stream()
        .filter(event -> event.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** The recording reporter numbers changes from 1. */
  private long sequence(Event event) {
    return manager.reporter.changes().indexOf(event) + 1L;
  }
}
