package org.splitrack.tables.internal.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.splitrack.tables.internal.mirror.Changes.BOOT;
import static org.splitrack.tables.internal.mirror.Changes.OTHER_BOOT;
import static org.splitrack.tables.internal.mirror.Changes.SOURCE;
import static org.splitrack.tables.internal.mirror.Changes.event;
import static org.splitrack.tables.internal.mirror.Changes.received;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.report.StateEnvelope;
import org.splitrack.fabric.report.StateTopic;

class BatchPlanTest {
  private static final Publisher PUBLISHER = new Publisher(SOURCE, BOOT.toString());

  @Test
  void shouldTakeWhatIsNewAndLeaveOutWhatIsThere() {
    // given
    var progress = new Progress(10, Map.of(PUBLISHER, 4L));

    // when a message read again, a producer's repetition and two new ones
    var plan =
        BatchPlan.of(
            progress,
            List.of(
                received(9, BOOT, 3, event("a")),
                received(10, BOOT, 4, event("b")),
                received(11, BOOT, 5, event("c")),
                received(12, BOOT, 6, event("d"))));

    // then
    assertThat(plan.fresh()).extracting(StateEnvelope::sequence).containsExactly(5L, 6L);
    assertThat(plan.nextOffset()).isEqualTo(13);
    assertThat(plan.gaps()).isEmpty();
    assertThat(plan.newest()).hasEntrySatisfying(PUBLISHER, newest -> assertSequence(newest, 6));
  }

  @Test
  void shouldSayWhichSequencesNeverCame() {
    // given
    var progress = new Progress(0, Map.of(PUBLISHER, 4L));

    // when one start has a hole, and another begins late
    var plan =
        BatchPlan.of(
            progress,
            List.of(
                received(0, BOOT, 5, event("a")),
                received(1, BOOT, 9, event("b")),
                received(2, OTHER_BOOT, 3, event("c"))));

    // then
    assertThat(plan.gaps())
        .containsExactly(
            new Gap(PUBLISHER, 6, 8), new Gap(new Publisher(SOURCE, OTHER_BOOT.toString()), 1, 2));
    assertThat(plan.fresh()).hasSize(3);
  }

  @Test
  void shouldSetAsideWhatItCannotReadAndGoOn() {
    // given
    var progress = new Progress(0, Map.of());

    // when
    var plan =
        BatchPlan.of(
            progress,
            List.of(
                new Received(0, "{\"source\":\"\0\",".getBytes(UTF_8)),
                new Received(1, new byte[StateTopic.VALUE_LIMIT_BYTES + 1]),
                received(2, BOOT, 1, event("a"))));

    // then
    assertThat(plan.deadLetters())
        .extracting(letter -> letter.received().offset())
        .containsExactly(0L, 1L);
    assertThat(plan.deadLetters())
        .allSatisfy(
            letter -> {
              assertThat(letter.reason()).isNotBlank().doesNotContainPattern("\\p{Cntrl}");
            });
    assertThat(plan.fresh()).hasSize(1);
    assertThat(plan.nextOffset()).isEqualTo(3);
  }

  @Test
  void shouldTakeEveryChangeOnceHoweverTheTopicIsCutIntoBatches() {
    // given
    long seed = Long.getLong("splitrack.seed", System.nanoTime());
    System.out.println("-Dsplitrack.seed=" + seed);
    var random = new Random(seed);
    var topic = new ArrayList<Received>();
    for (int sequence = 1; sequence <= 200; sequence++) {
      topic.add(received(topic.size(), BOOT, sequence, event("e")));
    }

    // when every batch begins somewhere before the end of the last, as after a failure
    var progress = new Progress(0, Map.of());
    var taken = new ArrayList<Long>();
    while (progress.nextOffset() < topic.size()) {
      int from = random.nextInt((int) progress.nextOffset() + 1);
      int to = from + random.nextInt(topic.size() - from + 1);
      var plan = BatchPlan.of(progress, topic.subList(from, to));
      progress.advance(plan);
      plan.fresh().forEach(envelope -> taken.add(envelope.sequence()));
    }

    // then
    assertThat(taken).hasSize(200).isSorted().doesNotHaveDuplicates();
  }

  private static void assertSequence(StateEnvelope envelope, long sequence) {
    assertThat(envelope.sequence()).isEqualTo(sequence);
  }
}
