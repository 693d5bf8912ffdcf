package org.splitrack.fabric.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.splitrack.fabric.region.Places.A;
import static org.splitrack.fabric.region.Places.B;
import static org.splitrack.fabric.region.Places.C;
import static org.splitrack.fabric.region.Places.LOG;
import static org.splitrack.fabric.region.Places.OTHER_LOG;
import static org.splitrack.fabric.region.Places.REGION;
import static org.splitrack.fabric.region.Places.first;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.region.Learner.Purpose;

class RegionStewardTest {
  /** Three components, of which the first two hold the region. */
  private static FakeRack safeOnTwoOfThree() {
    return new FakeRack(A, B, C).leading(first(AckMode.SAFE, A, B));
  }

  /** Three components, of which the first two have the region already. */
  private static FakeRack onTheFirstTwo(RegionConfig row) {
    FakeRack rack = new FakeRack(A, B, C);
    rack.copyAt(A).installed(row);
    rack.copyAt(B).installed(row);
    return rack;
  }

  @Test
  void shouldInstallCopiesThenTheHomeThenTellTheProcess() {
    FakeRack rack = safeOnTwoOfThree();

    assertThat(rack.log)
        .containsExactly(
            "install 1 at " + B.component(), "install 1 at " + A.component(), "tell 1");
    assertThat(rack.steward.isProtected(REGION)).isTrue();
  }

  @Test
  void shouldFailOverToTheSecondaryAndMakeAnotherCopy() {
    FakeRack rack = safeOnTwoOfThree();
    rack.log.clear();

    rack.kill(A);

    assertThat(rack.log)
        .containsExactly(
            "store 1: mcomponent-0 is gone",
            "install 2 at " + B.component(),
            "release " + A.component(),
            "tell 2",
            "reserve " + C.component(),
            "store 1: second copy on mcomponent-2",
            "install 3 at " + C.component(),
            "install 3 at " + B.component(),
            "tell 3");
    rack.steward.onCaughtUp(REGION, 3, C);
    rack.run();
    assertThat(rack.row().secondaries()).containsExactly(C);
    assertThat(rack.row().home()).isEqualTo(B);
    assertThat(rack.steward.isProtected(REGION)).isTrue();
  }

  @Test
  void shouldFailOverAllRegionsOfAComponentInOneTransaction() {
    RegionConfig one = first(AckMode.SAFE, A, B);
    RegionConfig two =
        RegionConfig.first(
            new RegionId(8), one.process(), 3, 1, 1, C, List.of(A), 5, AckMode.SAFE, false);
    FakeRack rack = new FakeRack(A, B, C).leading(one, two);
    rack.log.clear();

    rack.steward.onBootGone(A);

    assertThat(rack.log).containsExactly("store 2: mcomponent-0 is gone");
  }

  @Test
  void shouldCountAComponentAsSilentAfterSeveralUnansweredProbesOnly() {
    FakeRack rack = safeOnTwoOfThree();
    rack.silent = A.component();

    rack.steward.onSuspected(A);
    rack.run().ticks(Hosts.UNANSWERED_PROBES - 2);
    assertThat(rack.row().home()).isEqualTo(A);
    assertThat(rack.steward.isProtected(REGION)).as("while one of two does not answer").isFalse();
    rack.ticks(1);

    assertThat(rack.row().home()).isEqualTo(B);
  }

  @Test
  void shouldDecideNothingOnTheSilenceOfMost() {
    FakeRack rack = safeOnTwoOfThree();
    for (int i = 0; i < 5; i++) {
      rack.steward.onProbed(A, false);
      rack.steward.onProbed(C, false);
      if (i == 0) {
        assertThat(rack.row().home()).isEqualTo(A);
      }
    }

    assertThat(rack.row().home()).isEqualTo(A);
    rack.steward.onProbed(C, true);
    rack.run();
    assertThat(rack.row().home()).isEqualTo(B);
  }

  @Test
  void shouldFailOverAgainWhileTheFirstThatFellSilentStaysAway() {
    FakeRack rack = safeOnTwoOfThree();
    silence(rack, A);
    assertThat(rack.row().home()).isEqualTo(B);
    rack.steward.onCaughtUp(REGION, rack.row().epoch(), C);
    rack.run();
    assertThat(rack.steward.isProtected(REGION)).isTrue();

    silence(rack, B);

    assertThat(rack.row().home()).isEqualTo(C);
    assertThat(rack.row().secondaries()).isEmpty();
  }

  @Test
  void shouldDecideNothingMoreWhenAllThatAreLeftFallSilentAtOnce() {
    FakeRack rack = safeOnTwoOfThree();
    silence(rack, A);
    rack.steward.onCaughtUp(REGION, rack.row().epoch(), C);
    rack.run();
    long epoch = rack.row().epoch();
    for (int i = 0; i < 5; i++) {
      rack.steward.onProbed(B, false);
      rack.steward.onProbed(C, false);
    }
    rack.run();

    assertThat(rack.row().epoch()).isEqualTo(epoch);
  }

  private static void silence(FakeRack rack, CopyPlace place) {
    for (int i = 0; i < Hosts.UNANSWERED_PROBES; i++) {
      rack.steward.onProbed(place, false);
    }
    rack.run();
  }

  @Test
  void shouldNotPromoteASecondaryThatDoesNotAnswer() {
    FakeRack rack = safeOnTwoOfThree();
    rack.silent = B.component();
    rack.steward.onSuspected(B);

    rack.steward.onBootGone(A);
    assertThat(rack.row().epoch()).isEqualTo(1);
    rack.silent = null;
    rack.ticks(1);

    assertThat(rack.row().home()).isEqualTo(B);
  }

  @Test
  void shouldGoOnWithoutASecondaryThatIsGone() {
    FakeRack rack = new FakeRack(A, B).leading(first(AckMode.SAFE, A, B));

    rack.steward.onPresent(Places.place(Role.MCOMPONENT, 1, 99));
    rack.run();

    assertThat(rack.log).contains("store 1: mcomponent-1 is gone");
    assertThat(rack.row().secondaries()).isEmpty();
    assertThat(rack.row().home()).isEqualTo(A);
  }

  @Test
  void shouldGoOnWithoutAMemberThatTheHomeCannotReach() {
    FakeRack rack = safeOnTwoOfThree();
    for (int i = 0; i < RegionSteward.COMPLAINTS; i++) {
      assertThat(rack.row().epoch()).isEqualTo(1);
      rack.steward.onMemberSuspected(REGION, 1, B);
      rack.run();
    }

    assertThat(rack.row().secondaries()).isEmpty();
    assertThat(rack.log).contains("reserve " + C.component());
  }

  @Test
  void shouldForgetComplaintsThatAreFarApart() {
    FakeRack rack = safeOnTwoOfThree();
    for (int i = 0; i < 3 * RegionSteward.COMPLAINTS; i++) {
      rack.steward.onMemberSuspected(REGION, 1, B);
      rack.run().ticks(RegionSteward.COMPLAINT_GAP_TICKS + 1);
    }

    assertThat(rack.row().secondaries()).containsExactly(B);
  }

  @Test
  void shouldReleaseAllCopiesOfARegionThatEnds() {
    FakeRack rack = safeOnTwoOfThree();
    rack.log.clear();

    rack.steward.onEnded(REGION);

    assertThat(rack.log).containsExactly("release " + A.component(), "release " + B.component());
    assertThat(rack.copyAt(A).copy.onRelease(2, 1)).isTrue();
    assertThat(rack.steward.row(REGION)).isNull();
  }

  @Test
  void shouldNotTakeAFullHomeForALostOne() {
    FakeRack rack = safeOnTwoOfThree();

    rack.steward.onInstallAnswer(
        REGION, A, 1, new InstallAnswer(InstallAnswer.Kind.FULL, rack.row()));
    rack.run();

    assertThat(rack.row().home()).isEqualTo(A);
  }

  @Test
  void shouldMoveTheHomeWhenItsProcessCannotReachIt() {
    FakeRack rack = safeOnTwoOfThree();
    for (int i = 0; i < 3 * RegionSteward.COMPLAINTS; i++) {
      rack.steward.onHomeSuspected(REGION, 1, A, false);
      rack.run();
    }
    assertThat(rack.row().home()).isEqualTo(A);
    for (int i = 0; i < RegionSteward.COMPLAINTS; i++) {
      rack.steward.onHomeSuspected(REGION, 1, A, true);
      rack.run();
    }

    assertThat(rack.row().home()).isEqualTo(B);
  }

  @Test
  void shouldMoveAllHomesOfAProcessWhenItCannotReachTheirComponent() {
    RegionConfig one = first(AckMode.SAFE, A, B);
    RegionConfig two =
        RegionConfig.first(
            new RegionId(8), one.process(), 3, 1, 1, A, List.of(C), 5, AckMode.SAFE, false);
    RegionConfig ofAnother =
        RegionConfig.first(
            new RegionId(9), new ProcessId(99), 0, 1, 1, A, List.of(C), 5, AckMode.SAFE, false);
    FakeRack rack = new FakeRack(A, B, C).leading(one, two, ofAnother);

    for (int i = 0; i < RegionSteward.COMPLAINTS; i++) {
      rack.steward.onHomeSuspected(REGION, 1, A, true);
      rack.run().ticks(RegionSteward.COMPLAINT_GAP_TICKS - 1);
    }

    assertThat(rack.row().home()).isEqualTo(B);
    assertThat(homeOf(rack, 8)).isEqualTo(C);
    assertThat(homeOf(rack, 9)).isEqualTo(A);
  }

  private static @Nullable CopyPlace homeOf(FakeRack rack, long region) {
    RegionConfig row = rack.steward.row(new RegionId(region));
    return row == null ? null : row.home();
  }

  @Test
  void shouldDeclareARegionLostWhenAllCopiesAreProvenGone() {
    FakeRack rack = new FakeRack(A, B, C).leading(first(AckMode.NONE, A));
    rack.silent = A.component();
    rack.steward.onSuspected(A);
    rack.run().ticks(10);
    assertThat(rack.row().state()).isEqualTo(RegionConfig.State.ACTIVE);

    rack.steward.onBootGone(A);
    rack.run();

    assertThat(rack.row().state()).isEqualTo(RegionConfig.State.LOST);
    assertThat(rack.log).contains("lost: mcomponent-0 is gone", "tell 2");
  }

  @Test
  void shouldMigrateByReservationLearnerAndHandOff() {
    FakeRack rack = safeOnTwoOfThree();
    rack.log.clear();

    assertThat(rack.steward.migrate(REGION, C)).isNull();
    rack.run();

    assertThat(rack.row().learner()).isEqualTo(new Learner(C, Purpose.HOME));
    assertThat(rack.copyAt(A).log).contains("hand off to " + C.component() + " at 3");
    rack.copyAt(C).copy.onHandOff(A.boot().value(), 3);
    rack.steward.onHandedOff(rack.row().successor());
    rack.run();
    assertThat(rack.row().home()).isEqualTo(C);
    assertThat(rack.row().secondaries()).containsExactly(B);
    assertThat(rack.log)
        .contains("migrated to " + C.component() + ": null", "release " + A.component());
  }

  /** It may be somebody else who does not hear. */
  @Test
  void shouldMigrateToAPlaceThatIsOnlySuspectedAndNotToOneThatIsSilent() {
    FakeRack rack = safeOnTwoOfThree();
    rack.silent = C.component();
    rack.steward.onSuspected(C);

    assertThat(rack.steward.migrate(REGION, C)).isNull();
    rack.steward.onProbed(C, false);
    rack.run();

    assertThat(rack.log).contains("migrated to mcomponent-2: mcomponent-2 does not answer");
    assertThat(rack.steward.migrate(REGION, C)).isEqualTo("mcomponent-2 does not answer");
    assertThat(rack.row().home()).isEqualTo(A);
  }

  @Test
  void shouldMigrateToAPlaceThatWasNotReachedBefore() {
    // given: the home has not reached B, has C instead, and reaches B again
    FakeRack rack = safeOnTwoOfThree();
    for (int i = 0; i < RegionSteward.COMPLAINTS; i++) {
      rack.steward.onMemberSuspected(REGION, 1, B);
      rack.run();
    }
    rack.steward.onCaughtUp(REGION, rack.row().epoch(), C);
    rack.run();
    assertThat(rack.row().secondaries()).containsExactly(C);

    // when, then
    assertThat(rack.steward.migrate(REGION, B)).isNull();
    rack.run().ticks(1);
    assertThat(rack.row().learner()).isEqualTo(new Learner(B, Purpose.HOME));
  }

  @Test
  void shouldFinishAMigrationThatACopyTellsOf() {
    RegionConfig moving = first(AckMode.SAFE, A, B).learning(new Learner(C, Purpose.HOME), 1);
    FakeRack rack = new FakeRack(A, B, C);
    rack.copyAt(B).installed(first(AckMode.SAFE, A, B)).installed(moving);
    rack.copyAt(C).installed(moving).copy.onHandOff(A.boot().value(), 3);

    rack.leading(moving);

    assertThat(rack.row().home()).isEqualTo(C);
    assertThat(rack.row().epoch()).isEqualTo(3);
  }

  @Test
  void shouldTellTheEndOfAMigrationThatAnotherManagerBegan() {
    RegionConfig row = first(AckMode.SAFE, A, B);
    RegionConfig moving = row.learning(new Learner(C, Purpose.HOME), 1);
    FakeRack rack = onTheFirstTwo(row).leading(moving);

    rack.kill(C);

    assertThat(rack.row().isMigrating()).isFalse();
    assertThat(rack.log).contains("migrated to mcomponent-2: mcomponent-2 is gone");
  }

  @Test
  void shouldFailOverBeyondTheSuccessorsEpoch() {
    RegionConfig row = first(AckMode.SAFE, A, B);
    RegionConfig moving = row.learning(new Learner(C, Purpose.HOME), 1);
    FakeRack rack = onTheFirstTwo(row).leading(moving);
    rack.log.clear();

    rack.steward.onBootGone(C);
    rack.run();

    assertThat(rack.row().home()).isEqualTo(B);
    assertThat(rack.log)
        .containsSubsequence(
            "store 1: mcomponent-2 is gone",
            "install 4 at " + B.component(),
            "install 4 at " + A.component(),
            "store 1: mcomponent-0 has handed off",
            "install 5 at " + B.component());
  }

  @Test
  void shouldFinishInsteadWhenAnAbortComesTooLate() {
    RegionConfig row = first(AckMode.SAFE, A, B);
    RegionConfig moving = row.learning(new Learner(C, Purpose.HOME), 1);
    FakeRack rack = onTheFirstTwo(row).leading(row);
    rack.steward.migrate(REGION, C);
    rack.run();
    assertThat(rack.row().epoch()).isEqualTo(moving.epoch());

    rack.steward.abort(REGION, "given up");
    rack.run();

    assertThat(rack.row().home()).isEqualTo(C);
    assertThat(rack.row().epoch()).isEqualTo(5);
    assertThat(rack.copyAt(C).copy.role()).isEqualTo(CopyRole.HOME);
  }

  /** A migration to that place, up to where the row is being changed for it. */
  private static void beginToStore(FakeRack rack, CopyPlace target) {
    assertThat(rack.steward.migrate(REGION, target)).isNull();
    while (rack.row().learner() == null) {
      rack.due.removeFirst().run();
    }
  }

  @Test
  void shouldFollowAnAbortThatMeetsAChangeUnderWay() {
    FakeRack rack = safeOnTwoOfThree();
    beginToStore(rack, C);

    rack.steward.abort(REGION, "given up");
    rack.run();

    assertThat(rack.log).contains("migrated to " + C.component() + ": given up");
    assertThat(rack.row().learner()).isNull();
    assertThat(rack.row().home()).isEqualTo(A);
    assertThat(rack.row().secondaries()).containsExactly(B);
    assertThat(rack.steward.migrate(REGION, C)).isNull();
    rack.run();
    assertThat(rack.copyAt(A).log.getLast()).startsWith("hand off to " + C.component());
  }

  @Test
  void shouldFollowAnAbortThatMeetsAChangeWhichFails() {
    FakeRack rack = safeOnTwoOfThree();
    rack.stores = false;
    rack.steward.migrate(REGION, C);
    rack.run();

    rack.steward.abort(REGION, "given up");
    assertThat(rack.log).doesNotContain("migrated to " + C.component() + ": given up");
    rack.stores = true;
    rack.ticks(RegionSteward.RETRY_TICKS * 5);

    assertThat(rack.log)
        .contains("migrated to " + C.component() + ": given up", "release " + C.component());
    assertThat(rack.row().epoch()).isEqualTo(1);
  }

  @Test
  void shouldNotGiveUpASwapOfRolesThatIsBeingStored() {
    RegionConfig row = first(AckMode.SAFE, A, B);
    FakeRack rack = onTheFirstTwo(row).leading(row);
    beginToStore(rack, B);

    rack.steward.abort(REGION, "given up");
    rack.run();

    assertThat(rack.row().isSwapping()).isTrue();
    assertThat(rack.copyAt(A).log).contains("hand off to " + B.component() + " at 3");
  }

  @Test
  void shouldGoOnWithASecondCopyWhenAMigrationThatWaitsForItIsGivenUp() {
    FakeRack rack = safeOnTwoOfThree();
    rack.kill(B);
    rack.places.add(B);
    rack.steward.onPresent(B);
    assertThat(rack.row().learner()).isEqualTo(new Learner(C, Purpose.SECONDARY));
    assertThat(rack.steward.migrate(REGION, C)).isNull();

    rack.steward.abort(REGION, "given up");
    rack.run();

    assertThat(rack.log).contains("migrated to " + C.component() + ": given up");
    assertThat(rack.row().learner()).isEqualTo(new Learner(C, Purpose.SECONDARY));
  }

  @Test
  void shouldLeaveAHomeAloneThatMayHaveSwappedRoles() {
    RegionConfig swapping = first(AckMode.SAFE, A, B, C).learning(new Learner(B, Purpose.HOME), 1);
    FakeRack rack = new FakeRack(A, B, C);
    rack.copyAt(A).installed(first(AckMode.SAFE, A, B, C));
    rack.copyAt(B).installed(first(AckMode.SAFE, A, B, C));
    rack.copyAt(C).installed(first(AckMode.SAFE, A, B, C));
    rack.leading(swapping);
    rack.log.clear();

    rack.kill(B);

    assertThat(rack.log)
        .containsSubsequence(
            "store 1: mcomponent-1 is gone",
            "install 4 at " + A.component(),
            "store 1: second copy on mcomponent-2");
  }

  @Test
  void shouldKeepNoMoreCopiesThanWanted() {
    FakeRack rack = safeOnTwoOfThree();
    rack.steward.drain(B.component(), true);
    rack.run();
    rack.steward.drain(B.component(), false);
    rack.steward.onCaughtUp(REGION, rack.row().epoch(), C);
    rack.run();

    assertThat(rack.row().secondaries()).containsExactly(C);
  }

  @Test
  void shouldRefuseAMigrationThatCannotBe() {
    FakeRack rack = safeOnTwoOfThree();

    assertThat(rack.steward.migrate(new RegionId(99), C)).isEqualTo("there is no region 99");
    assertThat(rack.steward.migrate(REGION, A)).isEqualTo("region 7 is on mcomponent-0 already");
    assertThat(rack.steward.migrate(REGION, Places.place(Role.MCOMPONENT, 9, 9)))
        .isEqualTo("mcomponent-9 does not answer");
    rack.steward.drain(C.component(), true);
    assertThat(rack.steward.migrate(REGION, C)).isEqualTo("mcomponent-2 is being emptied");
    rack.steward.drain(C.component(), false);
    rack.roomForMore = false;
    assertThat(rack.steward.migrate(REGION, C)).isNull();
    rack.run();
    assertThat(rack.log).contains("migrated to mcomponent-2: mcomponent-2 is full");
    rack.ticks(RegionSteward.REFUSED_TICKS);
    assertThat(rack.steward.migrate(REGION, C)).isNull();
    rack.steward.onNotReserved(REGION, C, "was restarted");
    assertThat(rack.log).contains("migrated to mcomponent-2: mcomponent-2 was restarted");
    assertThat(rack.row().epoch()).isEqualTo(1);
  }

  @Test
  void shouldMoveACopyThatHasNoRoomForItsRegionToGrow() {
    FakeRack rack = safeOnTwoOfThree();

    rack.steward.relieve(REGION, B, 600);
    rack.run();
    assertThat(rack.steward.isRelieving(REGION)).isTrue();
    assertThat(rack.pagesAsked).isEqualTo(600);
    rack.steward.onCaughtUp(REGION, rack.row().epoch(), C);
    rack.run();

    assertThat(rack.row().home()).isEqualTo(A);
    assertThat(rack.row().secondaries()).containsExactly(C);
    assertThat(rack.steward.isRelieving(REGION)).isFalse();
  }

  @Test
  void shouldMigrateAHomeThatHasNoRoomForItsRegionToGrow() {
    FakeRack rack = safeOnTwoOfThree();

    rack.steward.relieve(REGION, A, 600);
    rack.run();

    assertThat(rack.row().isMigrating()).isTrue();
    assertThat(rack.row().learner()).isEqualTo(new Learner(C, Purpose.HOME));
    rack.steward.onHandedOff(rack.row().finished(1));
    rack.run();
    assertThat(rack.row().home()).isEqualTo(C);
    assertThat(rack.row().secondaries()).containsExactly(B);
    assertThat(rack.steward.isRelieving(REGION)).isFalse();
  }

  @Test
  void shouldGiveUpToMakeRoomForARegionWhereThereIsNone() {
    FakeRack rack = new FakeRack(A, B).leading(first(AckMode.SAFE, A, B));
    rack.steward.relieve(REGION, B, 600);
    rack.run();
    assertThat(rack.steward.isRelieving(REGION)).isFalse();

    FakeRack full = new FakeRack(A, B, C).leading(first(AckMode.SAFE, A, B));
    full.roomForMore = false;
    full.steward.relieve(REGION, B, 600);
    full.run();
    assertThat(full.steward.isRelieving(REGION)).isFalse();
    assertThat(full.row().epoch()).isEqualTo(1);
  }

  @Test
  void shouldEmptyAComponent() {
    RegionConfig row = first(AckMode.SAFE, A, B);
    FakeRack rack = new FakeRack(A, B, C).leading(row);

    rack.steward.drain(B.component(), true);
    rack.run();
    rack.steward.onCaughtUp(REGION, rack.row().epoch(), C);
    rack.run();

    assertThat(rack.row().secondaries()).containsExactly(C);
    assertThat(rack.steward.copiesOn(B.component())).isZero();
    assertThat(rack.log).contains("release " + B.component());
  }

  /** Regions 7, 8 and so on of one process, on the first two of three components. */
  private static RegionConfig[] several(int count) {
    RegionConfig[] all = new RegionConfig[count];
    for (int i = 0; i < count; i++) {
      all[i] =
          RegionConfig.first(
              numbered(i), new ProcessId(1), 3, i, 1, A, List.of(B), 5, AckMode.SAFE, false);
    }
    return all;
  }

  private static RegionId numbered(int index) {
    return new RegionId(REGION.value() + index);
  }

  private static List<RegionId> beingCopied(FakeRack rack) {
    return rack.steward.rows().stream()
        .filter(row -> row.learner() != null)
        .map(RegionConfig::region)
        .toList();
  }

  private static void handOff(FakeRack rack, RegionId region) {
    RegionConfig row = Objects.requireNonNull(rack.steward.row(region));
    rack.steward.onHandedOff(row.successor());
    rack.run();
  }

  @Test
  void shouldMoveAsManyRegionsAtOnceAsMayAndTheOthersInTheOrderInWhichTheyWereAskedFor() {
    FakeRack rack = new FakeRack(A, B, C).leading(several(5));
    rack.steward.limit(new CopyLimits(2, 1));

    for (int index : new int[] {4, 3, 2, 0, 1}) {
      assertThat(rack.steward.migrate(numbered(index), C)).isNull();
      rack.run();
    }
    rack.ticks(3);
    assertThat(beingCopied(rack)).containsExactly(numbered(3), numbered(4));

    handOff(rack, numbered(4));
    rack.ticks(3);
    assertThat(beingCopied(rack)).containsExactly(numbered(2), numbered(3));

    rack.steward.abort(numbered(0), "given up");
    handOff(rack, numbered(2));
    rack.ticks(3);
    assertThat(beingCopied(rack)).containsExactly(numbered(1), numbered(3));
    assertThat(rack.log).contains("migrated to " + C.component() + ": given up");
  }

  @Test
  void shouldBeginMoreWhenMoreMayAndFinishWhatIsUnderWayWhenFewerMay() {
    FakeRack rack = new FakeRack(A, B, C).leading(several(4));
    rack.steward.limit(new CopyLimits(1, 1));
    rack.steward.drain(A.component(), true);
    rack.run();
    assertThat(beingCopied(rack)).hasSize(1);

    rack.steward.limit(new CopyLimits(3, 1));
    rack.run();
    assertThat(beingCopied(rack)).hasSize(3);

    rack.steward.limit(new CopyLimits(1, 1));
    rack.run();
    assertThat(beingCopied(rack)).hasSize(3);
    handOff(rack, beingCopied(rack).getFirst());
    handOff(rack, beingCopied(rack).getFirst());
    rack.ticks(3);
    assertThat(beingCopied(rack)).hasSize(1);
    for (int i = 0; i < 4 && rack.steward.copiesOn(A.component()) > 0; i++) {
      handOff(rack, beingCopied(rack).getFirst());
      rack.ticks(3);
    }
    assertThat(rack.steward.copiesOn(A.component())).isZero();
  }

  @Test
  void shouldMakeLostCopiesAgainThoughAllThatMayMoveMove() {
    CopyPlace other = Places.place(Role.MCOMPONENT, 3, 13);
    RegionConfig hurt =
        RegionConfig.first(
            numbered(2), new ProcessId(1), 3, 2, 1, A, List.of(other), 5, AckMode.SAFE, false);
    FakeRack rack = new FakeRack(A, B, C, other).leading(several(2)[0], several(2)[1], hurt);
    rack.steward.limit(new CopyLimits(1, 1));
    assertThat(rack.steward.migrate(numbered(0), C)).isNull();
    assertThat(rack.steward.migrate(numbered(1), C)).isNull();
    rack.run();

    rack.kill(other);
    rack.ticks(3);

    assertThat(beingCopied(rack)).containsExactly(numbered(0), numbered(2));
  }

  @Test
  void shouldMakeRoomForAProgramThatGrowsThoughAllThatMayMoveMove() {
    FakeRack rack = new FakeRack(A, B, C).leading(several(3));
    rack.steward.limit(new CopyLimits(1, 1));
    rack.steward.migrate(numbered(1), C);
    rack.steward.migrate(numbered(2), C);
    rack.run();

    rack.steward.relieve(numbered(0), B, 600);
    rack.run();

    assertThat(beingCopied(rack)).containsExactly(numbered(0), numbered(1));
  }

  /** Region 7 finds no place; region 8 has to get out all the same. */
  @Test
  void shouldNotBeHeldUpByARegionThatFindsNoPlace() {
    CopyPlace other = Places.place(Role.MCOMPONENT, 3, 13);
    RegionConfig stuck =
        RegionConfig.first(
            numbered(0), new ProcessId(1), 3, 0, 1, A, List.of(B, C), 5, AckMode.SAFE, false);
    FakeRack rack = new FakeRack(A, B, C, other).leading(stuck, several(2)[1]);
    rack.places.remove(other);
    rack.steward.limit(new CopyLimits(1, 1));

    rack.steward.drain(A.component(), true);
    rack.ticks(3);

    assertThat(beingCopied(rack)).containsExactly(numbered(1));
  }

  @Test
  void shouldReadTheRowAgainAfterAStoreWithoutAnAnswer() {
    FakeRack rack = safeOnTwoOfThree();
    rack.storeAnswer = StoreAnswer.UNKNOWN;

    rack.steward.onBootGone(A);
    rack.run();

    assertThat(rack.row().home()).isEqualTo(B);
    assertThat(rack.log).contains("install 2 at " + B.component(), "tell 2");
  }

  /** It was to go on without B, which answers again; the row was read as it had been. */
  private static FakeRack withoutTheAnswerToAChange() {
    FakeRack rack = safeOnTwoOfThree();
    rack.stores = false;
    rack.silent = B.component();
    rack.steward.onSuspected(B);
    rack.ticks(Hosts.UNANSWERED_PROBES + 1);
    rack.silent = null;
    rack.ticks(RegionSteward.RETRY_TICKS * 5);
    return rack;
  }

  private static void storeLate(FakeRack rack) {
    rack.stores = true;
    rack.rows.put(REGION, rack.row().keeping(List.of(), 1));
    rack.ticks(RegionSteward.REREAD_TICKS);
  }

  @Test
  void shouldFindAChangeThatIsStoredAfterTheRowWasReadAgain() {
    // given
    FakeRack rack = withoutTheAnswerToAChange();
    assertThat(rack.steward.isProtected(REGION)).isTrue();
    // when
    storeLate(rack);
    // then
    assertThat(rack.log).contains("install 2 at " + A.component());
  }

  @Test
  void shouldFindAChangeThatIsStoredAfterManyAnswersThatCameTogether() {
    // given
    FakeRack rack = withoutTheAnswerToAChange();
    for (int i = 0; i < 2 * RegionSteward.REREADS; i++) {
      rack.steward.onReloaded(List.of(REGION), List.of(rack.row()));
    }
    // when
    storeLate(rack);
    // then
    assertThat(rack.log).contains("install 2 at " + A.component());
  }

  @Test
  void shouldFollowARowThatAnotherChanged() {
    FakeRack rack = safeOnTwoOfThree();
    rack.rows.put(REGION, rack.row().keeping(List.of(), 2));

    rack.steward.onBootGone(B);
    rack.run();

    assertThat(rack.log).contains("install 2 at " + A.component());
  }

  @Test
  void shouldResignWhenAnotherLeads() {
    FakeRack rack = safeOnTwoOfThree();
    rack.storeAnswer = StoreAnswer.NOT_LEADING;

    rack.steward.onBootGone(A);
    rack.run();

    assertThat(rack.log).contains("resigned");
    assertThat(rack.steward.isLeading()).isFalse();
  }

  @Test
  void shouldInstallEverythingAgainWhenItBeginsToLead() {
    FakeRack rack = safeOnTwoOfThree();
    rack.log.clear();

    rack.steward.onLeading(2, List.of(rack.row()));
    rack.run();

    assertThat(rack.log).contains("install 1 at " + B.component(), "tell 1");
    assertThat(rack.copyAt(A).copy.term()).isEqualTo(2);
  }

  @Test
  void shouldJudgeAllComponentsAnewWhenItBeginsToLead() {
    FakeRack rack = safeOnTwoOfThree();
    rack.steward.onResigned();
    for (int i = 0; i < Hosts.UNANSWERED_PROBES; i++) {
      rack.steward.onProbed(A, false);
    }
    rack.silent = B.component();

    rack.steward.onLeading(2, List.of(rack.row()));
    rack.run();

    assertThat(rack.row().home()).isEqualTo(A);
    rack.steward.onBootGone(A);
    rack.run();
    assertThat(rack.row().epoch()).isEqualTo(1);
  }

  @Test
  void shouldProbeUnknownComponentsThatRowsName() {
    FakeRack rack = new FakeRack(B, C);
    rack.silent = A.component();
    rack.leading(first(AckMode.SAFE, A, B)).ticks(3 * Hosts.UNANSWERED_PROBES);

    assertThat(rack.row().home()).isEqualTo(B);
  }

  @Test
  void shouldNotTakeTwoStartsThatRowsNameForProofAgainstEither() {
    CopyPlace earlier = Places.place(Role.MCOMPONENT, 0, 9);
    RegionConfig other =
        RegionConfig.first(
            new RegionId(1),
            new ProcessId(1),
            3,
            1,
            1,
            earlier,
            List.of(B),
            5,
            AckMode.SAFE,
            false);
    FakeRack rack = new FakeRack(B, C);
    rack.silent = A.component();
    rack.leading(other, first(AckMode.SAFE, B, A));
    assertThat(rack.row().secondaries()).containsExactly(A);

    rack.steward.onPresent(A);
    rack.run();

    assertThat(rack.row().secondaries()).containsExactly(A);
    assertThat(rack.rows.firstEntry().getValue().home()).isEqualTo(B);
  }

  @Test
  void shouldNotTakeAStartForGoneThatAnotherManagerHeardOfLater() {
    CopyPlace later = Places.place(Role.MCOMPONENT, 0, 9);
    FakeRack rack = safeOnTwoOfThree();
    rack.steward.onResigned();
    rack.silent = A.component();

    rack.leading(first(AckMode.NONE, later));
    assertThat(rack.row().state()).isEqualTo(RegionConfig.State.ACTIVE);

    rack.steward.onPresent(later);
    rack.run();
    assertThat(rack.row().state()).isEqualTo(RegionConfig.State.ACTIVE);
  }

  @Test
  void shouldNotTakeAStartForGoneThatAnInsertedRowNames() {
    CopyPlace later = Places.place(Role.MCOMPONENT, 0, 9);
    FakeRack rack = new FakeRack(A, B, C).leading();
    rack.silent = A.component();
    rack.rows.put(REGION, first(AckMode.NONE, later));

    rack.steward.onRows(List.of(rack.row()));
    rack.run();
    assertThat(rack.row().state()).isEqualTo(RegionConfig.State.ACTIVE);

    rack.steward.onPresent(Places.place(Role.MCOMPONENT, 0, 10));
    rack.ticks(RegionSteward.RETRY_TICKS);
    assertThat(rack.row().state()).isEqualTo(RegionConfig.State.LOST);
  }

  @Test
  void shouldNotReleaseAPlaceThatIsInTheRowAgain() {
    RegionConfig row = first(AckMode.SAFE, A, B);
    FakeRack rack = onTheFirstTwo(row).leading(row);
    rack.steward.migrate(REGION, C);
    rack.run();

    rack.steward.abort(REGION, "given up");
    rack.run();

    assertThat(rack.row().home()).isEqualTo(C);
    assertThat(rack.log).doesNotContain("release " + C.component());
  }

  @Test
  void shouldAskTheTargetBeforeItDeclaresAMigratingRegionLost() {
    RegionConfig moving = first(AckMode.NONE, A).learning(new Learner(C, Purpose.HOME), 1);
    FakeRack rack = new FakeRack(A, B, C);
    rack.copyAt(C).installed(moving);
    rack.silent = A.component();
    rack.leading(moving);
    assertThat(rack.row().epoch()).isEqualTo(moving.epoch());

    rack.copyAt(C).copy.onHandOff(A.boot().value(), moving.epoch() + 1);
    rack.kill(A);

    assertThat(rack.row().state()).isEqualTo(RegionConfig.State.ACTIVE);
    assertThat(rack.row().home()).isEqualTo(C);
  }

  @Test
  void shouldDeclareAMigratingRegionLostWhenTheTargetIsStillALearner() {
    RegionConfig moving = first(AckMode.NONE, A).learning(new Learner(C, Purpose.HOME), 1);
    FakeRack rack = new FakeRack(A, B, C);
    rack.silent = A.component();
    rack.leading(moving);

    rack.kill(A);

    assertThat(rack.row().state()).isEqualTo(RegionConfig.State.LOST);
  }

  @Test
  void shouldNotMoveARegionWhoseWritesAreBlocked() {
    FakeRack rack = new FakeRack(A, B, C).leading(first(AckMode.SAFE, true, A, B));
    rack.steward.drain(C.component(), true);
    rack.kill(B);
    assertThat(rack.row().secondaries()).isEmpty();
    rack.steward.drain(C.component(), false);
    rack.roomForMore = false;
    assertThat(rack.steward.migrate(REGION, C)).contains("waits for a second copy");
    rack.run().ticks(30);

    assertThat(rack.row().learner()).isNull();
    assertThat(rack.row().home()).isEqualTo(A);
  }

  @Test
  void shouldReleaseACopyThatTheRowDoesNotHave() {
    FakeRack rack = safeOnTwoOfThree();
    rack.log.clear();

    rack.steward.onHeld(B, REGION, 1);
    assertThat(rack.log).isEmpty();
    rack.steward.onHeld(C, REGION, 1);

    assertThat(rack.log).containsExactly("release " + C.component());
  }

  @Test
  void shouldReleaseACopyWhoseProcessHasEndedWhateverItsRole() {
    FakeRack rack = new FakeRack(A, B, C).leading();
    FakeCopy home = new FakeCopy(A).installed(first(AckMode.SAFE, A, B));

    rack.steward.onHeldAfterEnd(A, REGION, home.copy.epoch());

    assertThat(rack.log).containsExactly("release " + A.component());
    assertThat(home.copy.onRelease(rack.releasedAt.getFirst(), 1)).isTrue();
  }

  @Test
  void shouldNotTakeUpAnEndedRegionThatWasReadBeforeItsEnd() {
    FakeRack rack = safeOnTwoOfThree();
    RegionConfig read = rack.row();
    rack.steward.onEnded(REGION);

    rack.steward.onReloaded(List.of(REGION), List.of(read));

    assertThat(rack.steward.rows()).isEmpty();
  }

  @Test
  void shouldEndARegionWhoseRowIsNoLongerThere() {
    FakeRack rack = safeOnTwoOfThree();
    rack.log.clear();

    rack.steward.onReloaded(List.of(REGION), List.of());

    assertThat(rack.steward.rows()).isEmpty();
    assertThat(rack.log).containsExactly("release " + A.component(), "release " + B.component());
  }

  @Test
  void shouldDropACopyThatHasNothing() {
    FakeRack rack = new FakeRack(A, B, C);
    RegionConfig row = first(AckMode.SAFE, A, B).keeping(List.of(B), 1);
    rack.copyAt(A).installed(first(AckMode.SAFE, A, B));

    rack.leading(row);

    assertThat(rack.row().home()).isEqualTo(A);
    assertThat(rack.row().secondaries()).isEmpty();
  }

  /** Two of three components with memory have the region, and one of two logs. */
  private static FakeRack logged() {
    return new FakeRack(A, B, C, LOG, OTHER_LOG).leading(first(AckMode.LOGGED, A, B, LOG));
  }

  private static void catchUp(FakeRack rack, CopyPlace learner) {
    rack.steward.onCaughtUp(REGION, rack.row().epoch(), learner);
    rack.run();
  }

  @Test
  void shouldMakeAnotherCopyInMemoryOfALoggedRegionThoughItHasALog() {
    FakeRack rack = logged();
    assertThat(rack.steward.isProtected(REGION)).isTrue();

    rack.kill(B);

    assertThat(rack.row().secondaries()).containsExactly(LOG);
    assertThat(rack.row().learner()).isEqualTo(new Learner(C, Purpose.SECONDARY));
    assertThat(rack.row().isProtected()).isFalse();
    catchUp(rack, C);
    assertThat(rack.row().secondaries()).containsExactlyInAnyOrder(LOG, C);
    assertThat(rack.steward.isProtected(REGION)).isTrue();
  }

  @Test
  void shouldGoOnWithAnotherLogWhenOneIsGone() {
    FakeRack rack = logged();

    rack.kill(LOG);

    assertThat(rack.row().home()).isEqualTo(A);
    assertThat(rack.row().secondaries()).containsExactly(B);
    assertThat(rack.row().learner()).isEqualTo(new Learner(OTHER_LOG, Purpose.SECONDARY));
    assertThat(rack.row().isProtected()).as("without a log").isFalse();
    catchUp(rack, OTHER_LOG);
    assertThat(rack.row().secondaries()).containsExactly(B, OTHER_LOG);
    assertThat(rack.steward.isProtected(REGION)).isTrue();
  }

  @Test
  void shouldMakeAMemoryCopyHomeAndNeverALog() {
    FakeRack rack = new FakeRack(A, B, C, LOG).leading(first(AckMode.LOGGED, A, LOG, B));

    rack.kill(A);

    assertThat(rack.row().home()).isEqualTo(B);
    catchUp(rack, C);
    assertThat(rack.row().learner()).isEqualTo(new Learner(LOG, Purpose.SECONDARY));
    catchUp(rack, LOG);
    assertThat(rack.row().secondaries()).containsExactlyInAnyOrder(C, LOG);
    assertThat(rack.steward.isProtected(REGION)).isTrue();
    assertThat(rack.steward.migrate(REGION, LOG)).contains("no memory for regions");
  }

  @Test
  void shouldNotGiveALoggedRegionUpWhileItsLogIsThere() {
    FakeRack rack = logged();
    rack.steward.onBootGone(B);
    rack.steward.onBootGone(A);
    rack.run();
    assertThat(rack.row().state()).isEqualTo(RegionConfig.State.ACTIVE);
    assertThat(rack.row().home()).isEqualTo(A);

    rack.kill(LOG);

    assertThat(rack.row().state()).isEqualTo(RegionConfig.State.LOST);
  }

  @Test
  void shouldEmptyALogOntoAnother() {
    FakeRack rack = logged();

    rack.steward.drain(LOG.component(), true);
    rack.run();
    assertThat(rack.row().learner()).isEqualTo(new Learner(OTHER_LOG, Purpose.SECONDARY));
    catchUp(rack, OTHER_LOG);

    assertThat(rack.row().secondaries()).containsExactly(B, OTHER_LOG);
    assertThat(rack.steward.copiesOn(LOG.component())).isZero();
  }
}
