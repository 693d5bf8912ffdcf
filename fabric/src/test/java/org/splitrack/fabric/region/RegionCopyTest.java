package org.splitrack.fabric.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.splitrack.fabric.region.Places.A;
import static org.splitrack.fabric.region.Places.B;
import static org.splitrack.fabric.region.Places.C;
import static org.splitrack.fabric.region.Places.LOG;
import static org.splitrack.fabric.region.Places.first;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.region.InstallAnswer.Kind;
import org.splitrack.fabric.region.Learner.Purpose;

class RegionCopyTest {
  @Test
  void shouldAcknowledgeASafeWriteOnlyWhenTheSecondaryHasIt() {
    FakeCopy home = new FakeCopy(A).installed(first(AckMode.SAFE, A, B));
    FakeCopy secondary = new FakeCopy(B).installed(first(AckMode.SAFE, A, B));

    assertThat(home.write(1, 1, 4, 10)).isEqualTo(Verdict.WAIT);
    assertThat(home.version(4)).isEqualTo(10);
    assertThat(home.log).isEmpty();
    home.deliverTo(B, secondary);

    assertThat(home.log).containsExactly("written 1");
    assertThat(secondary.version(4)).isEqualTo(10);
    assertThat(home.unprotectedWrites).isZero();
  }

  @Test
  void shouldWaitForALogLikeForAnyMember() {
    RegionConfig config = first(AckMode.LOGGED, A, B, LOG);
    FakeCopy home = new FakeCopy(A).installed(config);
    home.write(1, 1, 4, 10);

    home.deliverTo(B, new FakeCopy(B).installed(config));
    assertThat(home.log).isEmpty();
    home.deliverTo(LOG, new FakeCopy(LOG).installed(config));

    assertThat(home.log).containsExactly("written 1");
  }

  @Test
  void shouldHoldAReadOfAPageThatAFailoverMayLose() {
    FakeCopy home = new FakeCopy(A).installed(first(AckMode.SAFE, A, B));
    FakeCopy secondary = new FakeCopy(B).installed(first(AckMode.SAFE, A, B));
    home.write(1, 1, 4, 10);

    assertThat(home.read(2, 1, 4)).isEqualTo(Verdict.WAIT);
    assertThat(home.read(3, 1, 5)).isEqualTo(Verdict.DONE);
    home.deliverTo(B, secondary);

    assertThat(home.log).containsExactlyInAnyOrder("written 1", "read 2");
    assertThat(home.read(4, 1, 4)).isEqualTo(Verdict.DONE);
  }

  @Test
  void shouldHoldAReadOnWhenThePageIsWrittenAgainMeanwhile() {
    FakeCopy home = new FakeCopy(A).installed(first(AckMode.SAFE, A, B));
    home.write(1, 1, 4, 10);
    home.read(2, 1, 4);
    home.write(3, 1, 4, 11);

    home.copy.onReplicaAck(B.boot().value(), 1, 0, 10);
    assertThat(home.log).containsExactly("written 1");
    home.copy.onReplicaAck(B.boot().value(), 1, 1, 11);

    assertThat(home.log).containsExactlyInAnyOrder("written 1", "read 2", "written 3");
  }

  @Test
  void shouldIgnoreALowerVersionAndAcknowledgeItWithTheHeldOne() {
    FakeCopy home = new FakeCopy(A).installed(first(AckMode.SAFE, A, B));
    FakeCopy secondary = new FakeCopy(B).installed(first(AckMode.SAFE, A, B));
    home.write(1, 1, 4, 10);

    assertThat(home.write(2, 1, 4, 9)).isEqualTo(Verdict.WAIT);
    assertThat(home.version(4)).isEqualTo(10);
    home.deliverTo(B, secondary);

    assertThat(home.log).containsExactlyInAnyOrder("written 1", "written 2");
    assertThat(home.write(3, 1, 4, 9)).isEqualTo(Verdict.DONE);
  }

  @Test
  void shouldServeOnlyEpochsOfThisHome() {
    RegionConfig before = first(AckMode.SAFE, A, B);
    FakeCopy secondary = new FakeCopy(B).installed(before);
    RegionConfig after = before.rehomed(B, List.of(), 1);
    secondary.installed(after);

    assertThat(secondary.read(1, 1, 0)).isEqualTo(Verdict.STALE_EPOCH);
    assertThat(secondary.read(1, 2, 0)).isEqualTo(Verdict.DONE);
    assertThat(secondary.read(1, 3, 0)).isEqualTo(Verdict.NOT_HOLDER);
    secondary.installed(after.learning(new Learner(C, Purpose.SECONDARY), 1));
    assertThat(secondary.read(1, 2, 0)).isEqualTo(Verdict.DONE);
    assertThat(secondary.read(1, 3, 0)).isEqualTo(Verdict.DONE);
  }

  @Test
  void shouldRefuseWhatIsNotTheProcessesToAsk() {
    FakeCopy home = new FakeCopy(A).installed(first(AckMode.NONE, A));

    assertThat(home.copy.onRead(1, 1, 1, Places.INCARNATION - 1, 0)).isEqualTo(Verdict.EXPELLED);
    assertThat(home.copy.onRead(1, 1, 1, Places.INCARNATION + 1, 0)).isEqualTo(Verdict.BAD_REQUEST);
    assertThat(home.read(1, 1, Places.PAGES)).isEqualTo(Verdict.BAD_REQUEST);
    assertThat(home.read(1, 1, -1)).isEqualTo(Verdict.BAD_REQUEST);
    assertThat(home.write(1, 1, 0, 0)).isEqualTo(Verdict.BAD_REQUEST);
  }

  @Test
  void shouldNeverServeARegionThatIsOnlyReserved() {
    FakeCopy reserved = new FakeCopy(C);
    reserved.copy.onReserve(4, 1);

    assertThat(reserved.read(1, 4, 0)).isEqualTo(Verdict.NOT_HOLDER);
    RegionConfig row = first(AckMode.SAFE, A, B).rehomed(C, List.of(), 1);
    assertThat(reserved.copy.onInstall(row, 1).kind()).isEqualTo(Kind.NOT_HELD);
  }

  @Test
  void shouldNotBeginAReservationWithAnInstallationFromBefore() {
    FakeCopy reserved = new FakeCopy(A);
    reserved.copy.onReserve(3, 1);
    RegionConfig row = first(AckMode.SAFE, A, B);

    assertThat(reserved.copy.onInstall(row, 1).kind()).isEqualTo(Kind.NOT_HELD);
    RegionConfig learner = first(AckMode.SAFE, B).learning(new Learner(A, Purpose.SECONDARY), 1);
    assertThat(reserved.copy.onInstall(learner, 1).kind()).isEqualTo(Kind.NOT_HELD);
    FakeCopy fresh = new FakeCopy(A);
    fresh.copy.onReserve(RegionConfig.FIRST_EPOCH, 1);
    assertThat(fresh.copy.onInstall(row, 1).kind()).isEqualTo(Kind.INSTALLED);
  }

  @Test
  void shouldRefuseAnOldHomeOnceSealed() {
    RegionConfig before = first(AckMode.SAFE, A, B);
    FakeCopy home = new FakeCopy(A).installed(before);
    FakeCopy secondary = new FakeCopy(B).installed(before);
    secondary.installed(before.rehomed(B, List.of(), 1));

    home.write(1, 1, 4, 10);
    home.deliverTo(B, secondary);

    assertThat(home.log).isEmpty();
    assertThat(secondary.version(4)).isZero();
    assertThat(secondary.copy.onReplicate(A.boot().value(), 1, 4, 10))
        .isEqualTo(Verdict.STALE_EPOCH);
  }

  @Test
  void shouldTakeReplicasOnlyFromTheHomeOfTheSameEpoch() {
    RegionConfig config = first(AckMode.SAFE, A, B);
    FakeCopy secondary = new FakeCopy(B).installed(config);

    assertThat(secondary.copy.onReplicate(C.boot().value(), 1, 4, 10))
        .isEqualTo(Verdict.NOT_HOLDER);
    assertThat(secondary.copy.onReplicate(A.boot().value(), 2, 4, 10))
        .isEqualTo(Verdict.NOT_HOLDER);
    assertThat(secondary.copy.onReplicate(A.boot().value(), 1, Places.PAGES, 10))
        .isEqualTo(Verdict.BAD_REQUEST);
    assertThat(secondary.copy.onReplicate(A.boot().value(), 1, 4, 10)).isEqualTo(Verdict.DONE);
  }

  @Test
  void shouldRefuseALowerTermAndALowerEpoch() {
    RegionConfig config = first(AckMode.SAFE, A, B);
    FakeCopy secondary = new FakeCopy(B).installed(config);
    RegionConfig later = config.rehomed(B, List.of(), 5);
    assertThat(secondary.copy.onInstall(later, 5).kind()).isEqualTo(Kind.INSTALLED);

    assertThat(secondary.copy.onInstall(later.keeping(List.of(C), 4), 4).kind())
        .isEqualTo(Kind.STALE_TERM);
    assertThat(secondary.copy.onInstall(config, 5).kind()).isEqualTo(Kind.STALE_EPOCH);
    assertThat(secondary.copy.onInstall(later, 6).kind()).isEqualTo(Kind.INSTALLED);
    assertThat(secondary.copy.onInstall(config.rehomed(A, List.of(B), 6), 6).kind())
        .isEqualTo(Kind.STALE_EPOCH);
  }

  @Test
  void shouldRaiseTheReservationWithoutANewEpoch() {
    RegionConfig config = first(AckMode.NONE, A);
    FakeCopy home = new FakeCopy(A).installed(config);

    home.installed(config.reserving(Places.PAGES + 10));

    assertThat(home.write(1, 1, Places.PAGES, 10)).isEqualTo(Verdict.DONE);
  }

  @Test
  void shouldSendAgainUnderTheNewEpochAndForgetAMemberThatIsOut() {
    RegionConfig before = first(AckMode.SAFE, A, B, C);
    FakeCopy home = new FakeCopy(A).installed(before);
    home.write(1, 1, 4, 10);
    home.sent.clear();

    RegionConfig after = before.keeping(List.of(B), 1);
    FakeCopy secondary = new FakeCopy(B).installed(before).installed(after);
    home.installed(after);
    assertThat(home.sent).singleElement().extracting(FakeCopy.Sent::epoch).isEqualTo(2L);
    home.copy.onReplicaAck(B.boot().value(), 1, 0, 10);
    assertThat(home.log).isEmpty();
    home.deliverTo(B, secondary);

    assertThat(home.log).containsExactly("written 1");
  }

  @Test
  void shouldGoOnUnprotectedAndCountIt() {
    RegionConfig before = first(AckMode.SAFE, A, B);
    FakeCopy home = new FakeCopy(A).installed(before);
    home.write(1, 1, 4, 10);

    home.installed(before.keeping(List.of(), 1));

    assertThat(home.log).containsExactly("written 1");
    assertThat(home.unprotectedWrites).isEqualTo(1);
    assertThat(home.write(2, 2, 4, 11)).isEqualTo(Verdict.DONE);
    assertThat(home.unprotectedWrites).isEqualTo(2);
  }

  @Test
  void shouldCountARepeatedWriteThatANewHomeAcknowledgesAlone() {
    RegionConfig before = first(AckMode.SAFE, A, B);
    FakeCopy home = new FakeCopy(A).installed(before);
    FakeCopy secondary = new FakeCopy(B).installed(before);
    home.write(1, 1, 4, 10);
    home.deliverTo(B, secondary);
    assertThat(home.unprotectedWrites).isZero();

    secondary.installed(before.rehomed(B, List.of(), 1));

    assertThat(secondary.write(1, 2, 4, 10)).isEqualTo(Verdict.DONE);
    assertThat(secondary.unprotectedWrites).isEqualTo(1);
  }

  @Test
  void shouldCountAWriteThatWaitsForALearnerOnlyWhileTheLearnerIsNoCopy() {
    RegionConfig alone = first(AckMode.SAFE, A);
    RegionConfig learning = alone.learning(new Learner(B, Purpose.SECONDARY), 1);
    FakeCopy learner = new FakeCopy(B).installed(learning);
    FakeCopy home = new FakeCopy(A).installed(alone).installed(learning);
    home.write(1, 2, 4, 10);
    assertThat(home.unprotectedWrites).isZero();
    home.deliverTo(B, learner);
    assertThat(home.unprotectedWrites).isEqualTo(1);
    home.write(2, 2, 4, 11);

    RegionConfig joined = learning.keeping(List.of(B), 1);
    learner.installed(joined);
    home.installed(joined);
    home.sent.removeIf(page -> page.epoch() < joined.epoch());
    home.deliverTo(B, learner);

    assertThat(home.log).contains("written 1", "written 2");
    assertThat(home.unprotectedWrites).isEqualTo(1);
  }

  @Test
  void shouldBlockStrictWritesUntilTheSecondCopyIsInSync() {
    RegionConfig alone = first(AckMode.SAFE, true, A);
    FakeCopy home = new FakeCopy(A).installed(alone);
    assertThat(home.write(1, 1, 4, 10)).isEqualTo(Verdict.WAIT);

    RegionConfig learning = alone.learning(new Learner(B, Purpose.SECONDARY), 1);
    FakeCopy learner = new FakeCopy(B).installed(learning);
    home.installed(learning);
    home.deliverTo(B, learner);
    assertThat(home.log).containsExactly("caught up " + B.component());
    RegionConfig joined = learning.keeping(List.of(B), 1);
    learner.installed(joined);
    home.installed(joined);

    assertThat(home.log).contains("written 1");
    assertThat(learner.version(4)).isEqualTo(10);
    assertThat(home.unprotectedWrites).isZero();
  }

  @Test
  void shouldMakeASecondCopyThoughManyStrictWritesAreBlocked() {
    RegionConfig alone = first(AckMode.SAFE, true, A);
    FakeCopy home = new FakeCopy(A).installed(alone);
    RegionConfig learning = alone.learning(new Learner(B, Purpose.SECONDARY), 1);
    for (int i = 1; i <= ReplicationWindow.CAPACITY; i++) {
      assertThat(home.write(i, 1, i, 1)).isEqualTo(Verdict.WAIT);
    }
    FakeCopy learner = new FakeCopy(B).installed(learning);
    home.installed(learning);
    for (int i = ReplicationWindow.CAPACITY + 1; i < ReplicationWindow.MAX_WAITERS; i++) {
      home.write(i, 1, i, 1);
      home.deliverTo(B, learner);
    }
    while (!home.sent.isEmpty()) {
      home.deliverTo(B, learner);
    }

    assertThat(home.log).contains("caught up " + B.component()).doesNotContain("written 1");
    home.installed(learning.keeping(List.of(B), 1));
    assertThat(home.log).contains("written 1", "written " + (ReplicationWindow.MAX_WAITERS - 1));
    assertThat(learner.versions).hasSize(ReplicationWindow.MAX_WAITERS - 1);
  }

  @Test
  void shouldSlowWritersWhenTheWindowIsFull() {
    RegionConfig config = first(AckMode.SAFE, A, B);
    FakeCopy home = new FakeCopy(A).installed(config);
    for (int i = 0; i < ReplicationWindow.CAPACITY; i++) {
      assertThat(home.write(i, 1, i, 10)).isEqualTo(Verdict.WAIT);
    }

    assertThat(home.write(999, 1, 300, 10)).isEqualTo(Verdict.LATER);
    assertThat(home.version(300)).isZero();
    home.deliverTo(B, new FakeCopy(B).installed(config));

    assertThat(home.log).contains("room").doesNotContain("written 999");
    assertThat(home.write(999, 1, 300, 10)).isEqualTo(Verdict.WAIT);
  }

  @Test
  void shouldBoundTheRequestsThatWait() {
    FakeCopy home = new FakeCopy(A).installed(first(AckMode.SAFE, A, B));
    home.write(0, 1, 4, 10);
    for (int i = 1; i < ReplicationWindow.MAX_WAITERS; i++) {
      assertThat(home.read(i, 1, 4)).isEqualTo(Verdict.WAIT);
    }

    assertThat(home.read(999, 1, 4)).isEqualTo(Verdict.LATER);
    assertThat(home.read(999, 1, 5)).isEqualTo(Verdict.DONE);
  }

  @Test
  void shouldDropWhatFindsNoRoomUnderLegosBestEffort() {
    FakeCopy home = new FakeCopy(A).installed(first(AckMode.LEGO, A, B));
    for (int i = 0; i < ReplicationWindow.CAPACITY; i++) {
      assertThat(home.write(i, 1, i, 10)).isEqualTo(Verdict.DONE);
    }

    assertThat(home.write(999, 1, 300, 10)).isEqualTo(Verdict.DONE);

    assertThat(home.droppedReplications).isEqualTo(1);
    assertThat(home.sent).hasSize(ReplicationWindow.CAPACITY);
    assertThat(home.read(1, 1, 3)).isEqualTo(Verdict.DONE);
  }

  @Test
  void shouldCopyWhatWasDroppedBeforeItSwapsRolesUnderLegosBestEffort() {
    RegionConfig config = first(AckMode.LEGO, A, B);
    FakeCopy home = new FakeCopy(A).installed(config);
    FakeCopy secondary = new FakeCopy(B).installed(config);
    for (int i = 0; i <= ReplicationWindow.CAPACITY; i++) {
      home.write(i, 1, i, 10);
    }
    assertThat(home.droppedReplications).isEqualTo(1);
    home.deliverTo(B, secondary);
    assertThat(secondary.version(ReplicationWindow.CAPACITY)).isZero();

    RegionConfig swapping = config.learning(new Learner(B, Purpose.HOME), 1);
    secondary.installed(swapping);
    home.installed(swapping);
    while (!home.sent.isEmpty()) {
      home.deliverTo(B, secondary);
    }

    assertThat(home.log).contains("hand off to " + B.component() + " at 3");
    assertThat(secondary.version(ReplicationWindow.CAPACITY)).isEqualTo(10);
  }

  @Test
  void shouldSendAgainWhatGotNoAnswerAndReportTheMember() {
    FakeCopy home = new FakeCopy(A).installed(first(AckMode.SAFE, A, B));
    home.write(1, 1, 4, 10);
    home.sent.clear();

    home.ticks(RegionCopy.RESEND_TICKS);
    assertThat(home.sent).hasSize(1);
    home.ticks(RegionCopy.SUSPECT_TICKS - RegionCopy.RESEND_TICKS);

    assertThat(home.log).containsExactly("suspect " + B.component());
  }

  @Test
  void shouldSendWhatIsOpenWhenALinkComesUp() {
    FakeCopy home = new FakeCopy(A).installed(first(AckMode.SAFE, A, B));
    home.unreachable.add(B.boot().value());
    home.write(1, 1, 4, 10);
    assertThat(home.sent).isEmpty();

    home.unreachable.clear();
    home.copy.onMemberReady(B.boot().value());
    assertThat(home.sent).hasSize(1);
    home.copy.onMemberLost(B.boot().value());
    home.copy.onMemberReady(B.boot().value());

    assertThat(home.sent).hasSize(2);
    assertThat(home.log).containsExactly("suspect " + B.component());
  }

  @Test
  void shouldCopyAllPagesToALearnerInABoundedWindow() {
    RegionConfig alone = first(AckMode.SAFE, A);
    FakeCopy home = new FakeCopy(A).installed(alone);
    for (int page = 0; page < 100; page++) {
      home.write(page, 1, 2 * page, 10);
    }
    RegionConfig learning = alone.learning(new Learner(B, Purpose.SECONDARY), 1);
    FakeCopy learner = new FakeCopy(B).installed(learning);
    home.installed(learning);

    assertThat(home.sent).hasSize(RegionCopy.COPY_WINDOW_PAGES);
    assertThat(home.write(200, 2, 0, 11)).isEqualTo(Verdict.WAIT);
    while (!home.sent.isEmpty()) {
      home.deliverTo(B, learner);
    }

    assertThat(learner.versions).isEqualTo(home.versions);
    assertThat(home.log).containsExactly("written 200", "caught up " + B.component());
    home.ticks(1);
    assertThat(home.log).hasSize(3);
  }

  @Test
  void shouldBeginACopyThatIsMadeAgainWithNothing() {
    RegionConfig row = first(AckMode.SAFE, A, B);
    FakeCopy once = new FakeCopy(A).installed(row);
    once.write(1, 1, 4, 10);
    RegionConfig away = row.rehomed(B, List.of(), 1);

    once.installed(away.learning(new Learner(A, Purpose.SECONDARY), 1));

    assertThat(once.versions).isEmpty();
  }

  @Test
  void shouldCopyAllPagesAgainWhenTheLearnerBeginsAgain() {
    RegionConfig alone = first(AckMode.SAFE, A);
    FakeCopy home = new FakeCopy(A).installed(alone);
    home.write(1, 1, 4, 10);
    RegionConfig once = alone.learning(new Learner(B, Purpose.SECONDARY), 1);
    home.installed(once);
    FakeCopy learner = new FakeCopy(B).installed(once);
    home.deliverTo(B, learner);

    RegionConfig again = once.keeping(List.of(), 1).learning(new Learner(B, Purpose.SECONDARY), 1);
    learner.installed(again);
    home.installed(again);
    home.deliverTo(B, learner);

    assertThat(learner.versions).isEqualTo(home.versions).isNotEmpty();
  }

  @Test
  void shouldCountTheLearnerBetweenCaughtUpAndPromotion() {
    RegionConfig learning = first(AckMode.SAFE, A).learning(new Learner(B, Purpose.SECONDARY), 1);
    FakeCopy home = new FakeCopy(A).installed(first(AckMode.SAFE, A)).installed(learning);
    assertThat(home.log).containsExactly("caught up " + B.component());

    assertThat(home.write(1, 2, 4, 10)).isEqualTo(Verdict.WAIT);
  }

  @Test
  void shouldHandOffWhenTheTargetHasEverything() {
    RegionConfig row = first(AckMode.SAFE, A, B);
    RegionConfig moving = row.learning(new Learner(C, Purpose.HOME), 1);
    FakeCopy source = new FakeCopy(A).installed(row);
    FakeCopy secondary = new FakeCopy(B).installed(row);
    FakeCopy target = new FakeCopy(C);
    source.write(1, 1, 4, 10);
    source.deliverTo(B, secondary);
    secondary.installed(moving);
    target.installed(moving);
    source.installed(moving);
    source.write(2, 2, 5, 11);
    source.deliverTo(C, target);
    assertThat(source.write(3, 2, 6, 12)).isEqualTo(Verdict.LATER);
    assertThat(source.read(4, 2, 4)).isEqualTo(Verdict.DONE);

    source.deliverTo(B, secondary);
    assertThat(source.log).contains("hand off to " + C.component() + " at 3", "room");
    assertThat(source.copy.pagesToLearner()).isEqualTo(2);
    assertThat(source.copy.copyRounds()).isEqualTo(1);
    assertThat(source.write(3, 2, 6, 12)).isEqualTo(Verdict.MOVED);
    assertThat(source.read(5, 2, 4)).isEqualTo(Verdict.MOVED);
    assertThat(source.copy.successorEpoch()).isEqualTo(3);
    assertThat(target.write(3, 3, 6, 12)).isEqualTo(Verdict.NOT_HOLDER);
    assertThat(target.copy.onHandOff(A.boot().value(), 3)).isEqualTo(Verdict.DONE);
    assertThat(target.copy.onHandOff(A.boot().value(), 3)).isEqualTo(Verdict.DONE);

    assertThat(target.log).containsExactly("handed off at 3");
    assertThat(target.versions).isEqualTo(source.versions);
    assertThat(target.write(3, 3, 6, 12)).isEqualTo(Verdict.WAIT);
    target.deliverTo(B, secondary);
    assertThat(target.log).contains("written 3");
    assertThat(secondary.copy.epoch()).isEqualTo(3);
    assertThat(secondary.copy.onReplicate(A.boot().value(), 2, 6, 13))
        .isEqualTo(Verdict.STALE_EPOCH);
  }

  @Test
  void shouldSwapRolesWhenTheTargetIsTheSecondary() {
    RegionConfig row = first(AckMode.SAFE, A, B);
    RegionConfig moving = row.learning(new Learner(B, Purpose.HOME), 1);
    FakeCopy target = new FakeCopy(B).installed(row).installed(moving);
    FakeCopy source = new FakeCopy(A).installed(row).installed(moving);
    assertThat(source.log).containsExactly("hand off to " + B.component() + " at 3");
    assertThat(source.copy.pagesToLearner()).isZero();
    assertThat(source.copy.copyRounds()).isZero();
    target.copy.onHandOff(A.boot().value(), 3);

    assertThat(source.copy.role()).isEqualTo(CopyRole.SECONDARY);
    assertThat(source.copy.wantsTicks()).isTrue();
    assertThat(source.read(1, 2, 0)).isEqualTo(Verdict.MOVED);
    assertThat(target.write(1, 3, 4, 10)).isEqualTo(Verdict.WAIT);
    target.deliverTo(A, source);
    assertThat(target.log).contains("written 1");
  }

  @Test
  void shouldNotResumeAfterAHandOff() {
    RegionConfig row = first(AckMode.NONE, A);
    RegionConfig moving = row.learning(new Learner(C, Purpose.HOME), 1);
    FakeCopy source = new FakeCopy(A).installed(row).installed(moving);
    assertThat(source.log).contains("hand off to " + C.component() + " at 3");

    InstallAnswer answer = source.copy.onInstall(moving.keeping(List.of(), 1), 1);

    assertThat(answer.kind()).isEqualTo(Kind.HANDED_OFF);
    assertThat(answer.held()).isEqualTo(moving.successor());
    source.ticks(RegionCopy.RESEND_TICKS);
    assertThat(source.log).hasSize(2);
    source.copy.onHandOffAcknowledged(C.boot().value(), 3);
    source.ticks(RegionCopy.RESEND_TICKS);
    assertThat(source.log).hasSize(2);
  }

  @Test
  void shouldServeAgainWhenAMigrationIsAbortedInTime() {
    RegionConfig row = first(AckMode.SAFE, A, B);
    RegionConfig moving = row.learning(new Learner(C, Purpose.HOME), 1);
    FakeCopy source = new FakeCopy(A).installed(row);
    source.write(1, 1, 4, 10);
    source.installed(moving);
    assertThat(source.copy.role()).isEqualTo(CopyRole.HOME);

    RegionConfig aborted = moving.keeping(List.of(B), 1);
    assertThat(aborted.epoch()).isEqualTo(moving.epoch() + 2);
    source.installed(aborted);

    assertThat(source.write(2, 4, 5, 10)).isEqualTo(Verdict.WAIT);
  }

  @Test
  void shouldLetWritesGoOnWhenAMemberHoldsUpTheHandOff() {
    RegionConfig row = first(AckMode.SAFE, A, B);
    RegionConfig moving = row.learning(new Learner(C, Purpose.HOME), 1);
    FakeCopy source = new FakeCopy(A).installed(row);
    source.write(1, 1, 4, 10);
    source.installed(moving);
    source.deliverTo(C, new FakeCopy(C).installed(moving));
    assertThat(source.write(2, 2, 5, 10)).isEqualTo(Verdict.LATER);

    source.ticks(RegionCopy.DRAIN_TICKS);

    assertThat(source.log).contains("room");
    assertThat(source.write(2, 2, 5, 10)).isEqualTo(Verdict.WAIT);
  }

  @Test
  void shouldRepeatThatItWasHandedTheRegionUntilInstalled() {
    RegionConfig moving = first(AckMode.NONE, A).learning(new Learner(C, Purpose.HOME), 1);
    FakeCopy target = new FakeCopy(C).installed(moving);
    target.copy.onHandOff(A.boot().value(), 3);

    target.ticks(1);
    assertThat(target.log).containsExactly("handed off at 3", "handed off at 3");
    assertThat(target.copy.onInstall(moving, 2).kind()).isEqualTo(Kind.STALE_EPOCH);
    target.installed(moving.finished(2));
    target.ticks(1);

    assertThat(target.log).hasSize(2);
  }

  @Test
  void shouldTakeAHandOffFromTheSourceOnly() {
    RegionConfig moving = first(AckMode.NONE, A).learning(new Learner(C, Purpose.HOME), 1);
    FakeCopy target = new FakeCopy(C).installed(moving);

    assertThat(target.copy.onHandOff(B.boot().value(), 3)).isEqualTo(Verdict.NOT_HOLDER);
    assertThat(target.copy.onHandOff(A.boot().value(), 4)).isEqualTo(Verdict.NOT_HOLDER);
    assertThat(target.copy.onHandOff(A.boot().value(), 2)).isEqualTo(Verdict.STALE_EPOCH);
  }

  @Test
  void shouldBeReleasedUnlessItsEpochIsHigher() {
    RegionConfig row = first(AckMode.SAFE, A, B);
    FakeCopy secondary = new FakeCopy(B).installed(row);
    RegionConfig later = row.keeping(List.of(B), 2);
    assertThat(secondary.copy.onInstall(later, 2).kind()).isEqualTo(Kind.INSTALLED);

    assertThat(secondary.copy.onRelease(1, 2)).isFalse();
    assertThat(secondary.copy.onRelease(3, 1)).isFalse();
    assertThat(secondary.copy.onRelease(2, 2)).isFalse();
    assertThat(secondary.copy.onRelease(3, 2)).isTrue();
    assertThat(secondary.read(1, 2, 0)).isEqualTo(Verdict.NOT_HOLDER);
  }

  @Test
  void shouldRefuseWhatWaitsWhenItIsNoLongerHome() {
    RegionConfig row = first(AckMode.SAFE, A, B);
    FakeCopy home = new FakeCopy(A).installed(row);
    home.write(1, 1, 4, 10);

    home.installed(row.rehomed(B, List.of(A), 1));

    assertThat(home.log).containsExactly("refused 1 STALE_EPOCH");
    assertThat(home.write(2, 1, 4, 11)).isEqualTo(Verdict.STALE_EPOCH);
  }
}
