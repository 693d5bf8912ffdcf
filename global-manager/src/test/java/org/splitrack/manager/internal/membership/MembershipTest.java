package org.splitrack.manager.internal.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.control.ComponentCalls.Heartbeat;
import org.splitrack.fabric.control.ComponentCalls.Register;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.manager.internal.membership.MembershipChange.BootGone;
import org.splitrack.manager.internal.membership.MembershipChange.GivenUp;
import org.splitrack.manager.internal.membership.MembershipChange.Joined;
import org.splitrack.manager.internal.membership.MembershipChange.Recovered;
import org.splitrack.manager.internal.membership.MembershipChange.Refreshed;
import org.splitrack.manager.internal.membership.MembershipChange.Suspected;
import org.splitrack.manager.internal.membership.MembershipChange.WentDown;

class MembershipTest {
  private static final ComponentId M0 = ComponentId.parse("mcomponent-0");
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");

  private final Membership membership = new Membership(SilenceLimits.defaults(), 0);
  private long nowNs;

  @Test
  void shouldCountARegisteredComponentAsUp() {
    // when
    List<MembershipChange> changes = membership.register(register(M0, new BootId(1)), AT);
    // then
    assertThat(changes).singleElement().isInstanceOf(Joined.class);
    assertThat(membership.up(Role.MCOMPONENT)).extracting(Member::component).containsExactly(M0);
    assertThat(membership.up(Role.PCOMPONENT)).isEmpty();
  }

  @Test
  void shouldSuspectAfterOneAndAHalfSecondsAndCountAsDownAfterThree() {
    // given
    membership.register(register(M0, new BootId(1)), AT);
    // when
    List<MembershipChange> before = ticks(1_400);
    List<MembershipChange> suspected = ticks(100);
    List<MembershipChange> between = ticks(1_400);
    List<MembershipChange> down = ticks(100);
    // then
    assertThat(before).allMatch(Refreshed.class::isInstance);
    assertThat(suspected).singleElement().isInstanceOf(Suspected.class);
    assertThat(between).isEmpty();
    assertThat(down).singleElement().isInstanceOf(WentDown.class);
    assertThat(membership.up(Role.MCOMPONENT)).isEmpty();
  }

  @Test
  void shouldPlaceNothingOnAComponentThatDrainsUntilItsNextStart() {
    // given
    membership.register(register(M0, new BootId(1)), AT);
    // when
    List<MembershipChange> begun = membership.drain(M0, true);
    List<MembershipChange> again = membership.drain(M0, true);
    membership.heartbeat(heartbeat(M0, new BootId(1)), AT);
    membership.register(register(M0, new BootId(1)), AT);
    // then
    assertThat(begun).singleElement().isInstanceOf(Refreshed.class);
    assertThat(again).isEmpty();
    assertThat(membership.up(Role.MCOMPONENT)).isEmpty();
    assertThat(membership.member(M0).orElseThrow().shownState()).isEqualTo(MemberState.DRAINING);
    // when
    membership.register(register(M0, new BootId(2)), AT);
    // then
    assertThat(membership.up(Role.MCOMPONENT)).hasSize(1);
  }

  @Test
  void shouldNotDrainWhatDoesNotAnswer() {
    assertThatThrownBy(() -> membership.drain(M0, true)).hasMessageContaining("no component");
    // given
    membership.register(register(M0, new BootId(1)), AT);
    ticks(1_500);
    // when, then
    assertThatThrownBy(() -> membership.drain(M0, true)).hasMessage("mcomponent-0 is suspect");
  }

  @Test
  void shouldGiveUpAComponentThatStaysDownOnce() {
    // given
    membership.register(register(M0, new BootId(1)), AT);
    ticks(9_900);
    // when
    List<MembershipChange> changes = ticks(100);
    List<MembershipChange> after = ticks(20_000);
    // then
    assertThat(changes).singleElement().isInstanceOf(GivenUp.class);
    assertThat(after).isEmpty();
  }

  @Test
  void shouldGiveAComponentThatRowsNameTheTimeToBeHeardOf() {
    // when
    List<MembershipChange> named = expect(new BootId(1));
    List<MembershipChange> again = expect(new BootId(1));
    membership.register(register(M0, new BootId(1)), AT);
    // then
    assertThat(named).singleElement().isInstanceOf(Suspected.class);
    assertThat(again).isEmpty();
    assertThat(membership.isPresent(M0, new BootId(1))).isTrue();
    assertThat(membership.up(Role.MCOMPONENT)).hasSize(1);
  }

  @Test
  void shouldHaveAComponentThatRowsNameRegisterBeforeItsHeartbeatsCount() {
    // given
    expect(new BootId(1));
    // when, then: a heartbeat does not say how much it can hold
    assertThat(membership.heartbeat(heartbeat(M0, new BootId(1)), AT)).isEmpty();
    membership.register(register(M0, new BootId(1)), AT);
    assertThat(membership.heartbeat(heartbeat(M0, new BootId(1)), AT)).isPresent();
    assertThat(membership.up(Role.MCOMPONENT))
        .singleElement()
        .satisfies(member -> assertThat(member.capacityBytes()).isPositive());
  }

  @Test
  void shouldGiveAllThatLiveTheTimeToRegister() {
    // given
    ticks(9_900);
    assertThat(membership.isSettled()).isFalse();
    ticks(100);
    assertThat(membership.isSettled()).isTrue();
    // when
    membership.listen();
    // then
    assertThat(membership.isSettled()).isFalse();
  }

  @Test
  void shouldCountAComponentThatRowsNameAsDownWhenItIsNotHeardOf() {
    // given
    expect(new BootId(1));
    // when
    List<MembershipChange> before = ticks(9_900);
    List<MembershipChange> changes = ticks(100);
    // then
    assertThat(before).isEmpty();
    assertThat(membership.up(Role.MCOMPONENT)).isEmpty();
    assertThat(changes).singleElement().isInstanceOf(WentDown.class);
  }

  @Test
  void shouldKnowThatAStartIsOverThatRowsNameWhenAnotherIsThere() {
    // given
    membership.register(register(M0, new BootId(2)), AT);
    // when
    List<MembershipChange> changes = expect(new BootId(1));
    // then
    assertThat(changes)
        .singleElement()
        .isInstanceOfSatisfying(
            BootGone.class, gone -> assertThat(gone.member().boot()).isEqualTo(new BootId(1)));
    assertThat(membership.isPresent(M0, new BootId(2))).isTrue();
    assertThatThrownBy(() -> membership.register(register(M0, new BootId(1)), AT))
        .isInstanceOf(ControlFault.class);
  }

  @Test
  void shouldTakeUnansweredProbesForSilenceUntilAHeartbeatComes() {
    // given
    membership.register(register(M0, new BootId(1)), AT);
    // when, then
    assertThat(membership.unanswered(M0, new BootId(9), true)).isEmpty();
    assertThat(membership.unanswered(M0, new BootId(1), false))
        .singleElement()
        .isInstanceOf(Suspected.class);
    assertThat(membership.unanswered(M0, new BootId(1), false)).isEmpty();
    assertThat(membership.unanswered(M0, new BootId(1), true))
        .singleElement()
        .isInstanceOf(WentDown.class);
    assertThat(membership.up(Role.MCOMPONENT)).isEmpty();
    assertThat(membership.heartbeat(heartbeat(M0, new BootId(1)), AT).orElseThrow())
        .singleElement()
        .isInstanceOf(Recovered.class);
  }

  private List<MembershipChange> expect(BootId boot) {
    return membership.expect(M0, boot, new Endpoint("127.0.0.1", 1), AT);
  }

  @Test
  void shouldSuspectNobodyWhenTheManagerItselfWasStopped() {
    // given
    membership.register(register(M0, new BootId(1)), AT);
    ticks(1_000);
    // when the manager does not run for a minute
    nowNs += TimeUnit.MINUTES.toNanos(1);
    List<MembershipChange> changes = membership.tick(nowNs);
    // then
    assertThat(changes).allMatch(Refreshed.class::isInstance);
    assertThat(membership.up(Role.MCOMPONENT)).hasSize(1);
  }

  @Test
  void shouldKeepAComponentUpThatSendsHeartbeats() {
    // given
    membership.register(register(M0, new BootId(1)), AT);
    // when
    List<MembershipChange> changes = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      changes.addAll(ticks(500));
      changes.addAll(membership.heartbeat(heartbeat(M0, new BootId(1)), AT).orElseThrow());
    }
    // then
    assertThat(changes).hasSizeBetween(9, 11).allMatch(Refreshed.class::isInstance);
  }

  @Test
  void shouldRecoverAComponentThatSpeaksAgainInTheSameStart() {
    // given
    membership.register(register(M0, new BootId(1)), AT);
    ticks(4_000);
    // when
    List<MembershipChange> changes =
        membership.heartbeat(heartbeat(M0, new BootId(1)), AT).orElseThrow();
    // then
    assertThat(changes).singleElement().isInstanceOf(Recovered.class);
    assertThat(membership.up(Role.MCOMPONENT)).hasSize(1);
  }

  @Test
  void shouldTellThatTheOldStartIsGoneWhenANewOneRegisters() {
    // given
    membership.register(register(M0, new BootId(1)), AT);
    // when
    List<MembershipChange> changes = membership.register(register(M0, new BootId(2)), AT);
    // then
    assertThat(changes).hasSize(2);
    assertThat(changes.get(0))
        .isInstanceOfSatisfying(
            BootGone.class, gone -> assertThat(gone.member().boot()).isEqualTo(new BootId(1)));
    assertThat(changes.get(1))
        .isInstanceOfSatisfying(
            Joined.class, joined -> assertThat(joined.member().boot()).isEqualTo(new BootId(2)));
    assertThat(membership.isPresent(M0, new BootId(1))).isFalse();
    assertThat(membership.isPresent(M0, new BootId(2))).isTrue();
  }

  @Test
  void shouldTellNothingNewWhenTheSameStartRegistersAgain() {
    // given
    membership.register(register(M0, new BootId(1)), AT);
    // when
    List<MembershipChange> changes = membership.register(register(M0, new BootId(1)), AT);
    // then
    assertThat(changes).singleElement().isInstanceOf(Joined.class);
  }

  @Test
  void shouldRefuseAStartThatAnotherOneHasReplaced() {
    // given
    membership.register(register(M0, new BootId(1)), AT);
    membership.register(register(M0, new BootId(2)), AT);
    // when, then
    assertThatThrownBy(() -> membership.register(register(M0, new BootId(1)), AT))
        .isInstanceOfSatisfying(
            ControlFault.class,
            fault -> assertThat(fault.code()).isEqualTo(ControlFault.Code.DENIED));
    assertThat(membership.heartbeat(heartbeat(M0, new BootId(1)), AT)).isEmpty();
  }

  @Test
  void shouldAskAnUnknownComponentToRegister() {
    assertThat(membership.heartbeat(heartbeat(M0, new BootId(1)), AT)).isEmpty();
  }

  @Test
  void shouldNotPlaceOnAComponentThatLeftNorCallItDown() {
    // given
    membership.register(register(M0, new BootId(1)), AT);
    // when
    membership.leave(M0, new BootId(1));
    List<MembershipChange> changes = ticks(20_000);
    // then
    assertThat(changes).isEmpty();
    assertThat(membership.up(Role.MCOMPONENT)).isEmpty();
    assertThat(membership.member(M0).orElseThrow().state()).isEqualTo(MemberState.LEFT);
  }

  @Test
  void shouldRefuseMoreComponentsThanTheLimit() {
    // given
    for (int i = 0; i < Membership.MAX_MEMBERS; i++) {
      membership.register(register(new ComponentId(Role.MCOMPONENT, i), new BootId(i + 1)), AT);
    }
    // when, then
    assertThatThrownBy(
            () ->
                membership.register(
                    register(new ComponentId(Role.SCOMPONENT, 0), new BootId(1_000)), AT))
        .isInstanceOfSatisfying(
            ControlFault.class,
            fault -> assertThat(fault.code()).isEqualTo(ControlFault.Code.FULL));
  }

  /** Ticks as the clockwork does, every 100 ms. */
  private List<MembershipChange> ticks(long ms) {
    List<MembershipChange> changes = new ArrayList<>();
    for (long i = 0; i < ms; i += 100) {
      nowNs += TimeUnit.MILLISECONDS.toNanos(100);
      changes.addAll(membership.tick(nowNs));
    }
    return changes;
  }

  private static Register register(ComponentId component, BootId boot) {
    return new Register(
        component, boot, new Endpoint("127.0.0.1", 1), "127.0.0.1:2", 1 << 30, "node", "", 1);
  }

  private static Heartbeat heartbeat(ComponentId component, BootId boot) {
    return new Heartbeat(component, boot, 0, 0, List.of(), "");
  }
}
