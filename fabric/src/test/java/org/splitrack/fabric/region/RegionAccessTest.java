package org.splitrack.fabric.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.splitrack.fabric.region.Places.A;
import static org.splitrack.fabric.region.Places.B;
import static org.splitrack.fabric.region.Places.C;
import static org.splitrack.fabric.region.Places.first;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.region.Learner.Purpose;
import org.splitrack.fabric.wire.Status;

class RegionAccessTest {
  private final List<String> log = new ArrayList<>();
  private final AccessEffects effects =
      new AccessEffects() {
        @Override
        public void repeat(RegionAccess access) {
          log.add("repeat at " + access.grant().home().component() + " " + access.epoch());
        }

        @Override
        public void resolve(RegionId region) {
          log.add("resolve");
        }

        @Override
        public void suspect(RegionAccess access, boolean unreachable) {
          log.add((unreachable ? "unreachable " : "silent ") + access.grant().home().component());
        }

        @Override
        public void adopted(AccessGrant grant) {
          log.add("adopted " + grant.epoch());
        }

        @Override
        public void failed(RegionAccess access, Status status, String reason) {
          log.add("failed " + status);
        }
      };

  private final RegionConfig row = first(AckMode.SAFE, A, B);
  private final RegionAccess access = new RegionAccess(row.grant(), effects);

  @Test
  void shouldIgnoreAnswersOfAHomeThatWasReplaced() {
    access.onGrant(row.rehomed(B, List.of(), 1).grant());

    assertThat(log).containsExactly("repeat at " + B.component() + " 2");
    assertThat(access.onReply(1, Status.OK, 0)).isFalse();
    assertThat(access.onReply(2, Status.OK, 0)).isTrue();
  }

  @Test
  void shouldIgnoreTheAnswerOfAHomeThatWasReplacedAndIsHomeAgain() {
    RegionConfig away = row.rehomed(B, List.of(), 1);
    access.onGrant(away.rehomed(A, List.of(), 1).grant());

    assertThat(access.onReply(1, Status.OK, 0)).isFalse();
    assertThat(access.onReply(3, Status.OK, 0)).isTrue();
  }

  @Test
  void shouldKeepItsRequestsWhenOnlyTheCopiesChange() {
    access.onGrant(row.keeping(List.of(), 1).grant());

    assertThat(log).isEmpty();
    assertThat(access.epoch()).isEqualTo(2);
    assertThat(access.onReply(1, Status.OK, 0)).isTrue();
  }

  @Test
  void shouldFollowAHandOffWithoutTheManager() {
    access.onGrant(row.learning(new Learner(C, Purpose.HOME), 1).grant());

    assertThat(access.onReply(1, Status.MOVED, 3)).isFalse();

    assertThat(log).containsExactly("adopted 3", "repeat at " + C.component() + " 3");
    assertThat(access.onReply(2, Status.OK, 0)).isFalse();
    assertThat(access.onReply(3, Status.OK, 0)).isTrue();
  }

  @Test
  void shouldAskTheManagerWhereToWhenItDoesNotKnowTheSuccessor() {
    access.onReply(1, Status.MOVED, 3);

    assertThat(log).containsExactly("resolve");
    access.onGrant(row.learning(new Learner(C, Purpose.HOME), 1).grant());
    access.onReply(1, Status.MOVED, 5);
    assertThat(access.epoch()).isEqualTo(2);
  }

  @Test
  void shouldIgnoreAnOlderGrant() {
    RegionConfig later = row.rehomed(B, List.of(), 1);
    access.onGrant(later.grant());
    access.onGrant(row.grant());

    assertThat(access.grant().home()).isEqualTo(B);
  }

  @Test
  void shouldAskAndRepeatWhileTheHomeRefuses() {
    access.onReply(1, Status.NOT_HOLDER, 0);
    access.onReply(1, Status.NOT_HOLDER, 0);
    assertThat(log).containsExactly("resolve");

    access.onTick(1);
    access.onTick(1);

    assertThat(log).containsExactly("resolve", "resolve", "repeat at " + A.component() + " 1");
  }

  @Test
  void shouldReportAHomeThatIsSilentWhileItOwesAnswers() {
    for (int i = 0; i < 3 * RegionAccess.SUSPECT_TICKS; i++) {
      access.onTick(0);
    }
    assertThat(log).isEmpty();
    for (int i = 0; i < RegionAccess.SUSPECT_TICKS; i++) {
      access.onTick(1);
    }

    assertThat(log).startsWith("silent " + A.component(), "resolve");
  }

  @Test
  void shouldReportAHomeThatCannotBeReached() {
    access.onHomeLost();

    assertThat(log).containsExactly("unreachable " + A.component(), "resolve");
  }

  @Test
  void shouldFailWhenTheRegionIsLostOrTheProcessExpelled() {
    access.onReply(1, Status.EXPELLED, 0);
    assertThat(log).containsExactly("failed EXPELLED");
    assertThat(access.onReply(1, Status.OK, 0)).isFalse();

    RegionAccess other = new RegionAccess(row.grant(), effects);
    other.onGrant(row.lost(1).grant());
    assertThat(other.hasFailed()).isTrue();
  }
}
