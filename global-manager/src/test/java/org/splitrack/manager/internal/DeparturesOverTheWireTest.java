package org.splitrack.manager.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.control.ComponentCalls.Leave;
import org.splitrack.fabric.control.ComponentCalls.LeaveAnswer;
import org.splitrack.fabric.control.ComponentCalls.PrepareToLeave;
import org.splitrack.fabric.region.AccessGrant;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.fabric.report.StateChange.Event;
import org.splitrack.manager.internal.membership.MemberState;

/** Components that have been told to stop, over real calls. */
class DeparturesOverTheWireTest extends OverTheWire {
  private final List<String> stuck = new CopyOnWriteArrayList<>();

  @BeforeEach
  void listen() {
    manager.parts.departures().onStuck((component, why) -> stuck.add(why));
  }

  @Test
  void shouldMoveTheOnlyCopiesOfAComponentAwayBeforeItMayStop() {
    // given
    ProcessId process = run("none");
    processor.grow(process, 0, 6 * REGION);
    FakeMemory leaving = memories.getFirst();
    assertThat(homesAt(leaving)).isPositive();

    // when
    LeaveAnswer first = ask(leaving);

    // then
    assertThat(first.mayLeave()).isFalse();
    assertThat(first.waitsFor()).contains("copies of regions are left");
    assertThat(state(leaving)).isEqualTo(MemberState.DRAINING);
    awaitMayLeave(leaving);
    assertThat(homesAt(leaving)).isZero();
    assertThat(processor.grow(process, 6 * REGION, 9 * REGION).grants())
        .extracting(AccessGrant::home)
        .extracting(place -> place.component())
        .doesNotContain(leaving.component());
    assertThat(stuck).isEmpty();
  }

  @Test
  void shouldEmptyOneComponentAfterAnother() {
    // given
    processor.grow(run("none"), 0, 6 * REGION);
    FakeMemory first = memories.get(2);
    FakeMemory second = memories.get(1);
    first.slow = true;
    int held = homesAt(second);
    ask(first);

    // when, then
    assertThat(ask(second).waitsFor()).isEqualTo("first mcomponent-2 leaves");
    assertThat(state(second)).isEqualTo(MemberState.DRAINING);
    assertThat(homesAt(second)).isEqualTo(held);

    // when, then
    first.tell(new Leave(first.component(), first.boot()));
    awaitMayLeave(second);
    assertThat(homesAt(second)).isZero();
  }

  @Test
  void shouldSayOnceWhyOneCannotStopAndLetItGoWhenThereIsRoom() throws IOException {
    // given
    processor.grow(run("safe"), 0, 4 * REGION);
    FakeMemory gone = memories.get(2);
    awaitMayLeave(gone);
    gone.tell(new Leave(gone.component(), gone.boot()));
    FakeMemory leaving = memories.get(1);

    // when, then
    await()
        .atMost(SOON)
        .until(
            () ->
                ask(leaving)
                    .waitsFor()
                    .equals("its regions want 2 mComponents and there would be 1"));
    ask(leaving);
    assertThat(stuck)
        .containsExactly(
            "mcomponent-1 cannot stop: its regions want 2 mComponents and there would be 1;"
                + " more mComponents or fewer programs would let it");
    assertThat(manager.reporter.changes(Event.class))
        .filteredOn(event -> event.name().equals("component_cannot_stop"))
        .hasSize(1);

    // when, then
    memories.add(new FakeMemory(manager, 3, 16L * REGION));
    awaitMayLeave(leaving);
    assertThat(manager.store.regions())
        .allSatisfy(row -> assertThat(row.members()).hasSize(1))
        .noneSatisfy(row -> assertThat(holds(row, leaving)).isTrue());
  }

  /**
   * As when three are made one, and three again: their places are taken only once they are free.
   */
  @Test
  void shouldLetThoseThatLeaveLaterTakeCopiesWhileTheFirstCannotLeaveOtherwise()
      throws IOException {
    // given
    processor.grow(run("safe"), 0, 4 * REGION);
    FakeMemory first = memories.get(2);
    FakeMemory second = memories.get(1);
    ask(first);
    ask(second);
    assertThat(state(second)).isEqualTo(MemberState.DRAINING);

    // when, then
    await()
        .atMost(SOON)
        .until(
            () -> {
              ask(second);
              return ask(first).mayLeave();
            });
    assertThat(manager.store.regions())
        .allSatisfy(row -> assertThat(row.members()).hasSize(1))
        .noneSatisfy(row -> assertThat(holds(row, first)).isTrue());

    // when
    first.tell(new Leave(first.component(), first.boot()));
    memories.add(new FakeMemory(manager, 3, 16L * REGION));

    // then
    awaitMayLeave(second);
    assertThat(manager.store.regions())
        .allSatisfy(row -> assertThat(row.members()).hasSize(1))
        .noneSatisfy(row -> assertThat(holds(row, second)).isTrue());
    assertThat(stuck).isEmpty();
  }

  @Test
  void shouldSayHowMuchRoomIsMissing() {
    // given
    processor.grow(run("none"), 0, 44 * REGION);
    FakeMemory leaving = memories.getFirst();
    int held = homesAt(leaving);

    // when, then
    await().atMost(SOON).until(() -> !stuck.isEmpty() || ask(leaving).mayLeave());
    assertThat(stuck).singleElement().asString().contains("MiB too few");
    assertThat(homesAt(leaving)).isPositive().isLessThanOrEqualTo(held);
  }

  @Test
  void shouldPlaceNothingOnAPComponentThatIsToStopAndLetItsProgramsEnd() throws IOException {
    // given
    ProcessId own = run("none");
    try (FakeProcessor other = new FakeProcessor(manager, 1)) {
      // when, then
      assertThat(ask(processor).waitsFor()).isEqualTo("1 programs run on it");
      for (int i = 0; i < 3; i++) {
        run("none");
      }
      assertThat(processor.running).containsExactly(own);
      assertThat(other.running).hasSize(3);

      // when, then
      processor.exit(own, 0);
      awaitMayLeave(processor);
    }
  }

  @Test
  void shouldNotReckonWithAComponentThatItDoesNotKnow() throws IOException {
    FakeMemory known = memories.getFirst();
    try (FakeMemory again = new FakeMemory(manager, 0, 16L * REGION)) {
      assertThat(ask(known).mayLeave()).isFalse();
      assertThat(state(again)).isEqualTo(MemberState.UP);
    }
  }

  private void awaitMayLeave(FakeComponent component) {
    await().atMost(SOON).until(() -> ask(component).mayLeave());
  }

  private static LeaveAnswer ask(FakeComponent component) {
    return component.tell(new PrepareToLeave(component.component(), component.boot()));
  }

  private MemberState state(FakeComponent component) {
    return manager.membership.member(component.component()).orElseThrow().shownState();
  }

  private int homesAt(FakeMemory memory) {
    ComponentId component = memory.component();
    return (int)
        manager.store.regions().stream()
            .filter(row -> row.home().component().equals(component))
            .count();
  }

  private static boolean holds(RegionConfig row, FakeMemory memory) {
    return row.home().hasBoot(memory.boot())
        || row.members().stream().anyMatch(place -> place.hasBoot(memory.boot()));
  }
}
