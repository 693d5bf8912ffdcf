package org.splitrack.manager.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.region.AckMode;
import org.splitrack.fabric.region.ConfigChange;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.fabric.region.StoreAnswer;
import org.splitrack.manager.internal.authority.InMemoryConfigStore;

@Timeout(30)
class ChangeQueueTest {
  private static final CopyPlace PLACE =
      new CopyPlace(ComponentId.parse("mcomponent-0"), new BootId(1), new Endpoint("127.0.0.1", 1));

  private final InMemoryConfigStore rows = new InMemoryConfigStore();
  private final BlockingQueue<Integer> transactions = new LinkedBlockingQueue<>();
  private final CountDownLatch firstGoesOn = new CountDownLatch(1);
  private final Map<Long, StoreAnswer> answers = new ConcurrentHashMap<>();
  private final CountDownLatch allAnswered = new CountDownLatch(3);
  private boolean away;
  private boolean broken;
  private ChangeQueue queue;

  @BeforeEach
  void begin() {
    LongStream.rangeClosed(1, 3)
        .forEach(region -> rows.addRegions(List.of(row(region)), "granted"));
    queue =
        new ChangeQueue(
            this::change,
            (change, answer) -> {
              answers.put(change, answer);
              allAnswered.countDown();
            });
  }

  @Test
  void shouldStoreTogetherWhatIsAskedForMeanwhile() throws InterruptedException {
    // when
    askForAll(1, 2, 3);
    // then
    assertThat(transactions).containsExactly(1, 2);
    assertThat(answers.values()).containsOnly(StoreAnswer.STORED).hasSize(3);
    assertThat(rows.region(new RegionId(3)).orElseThrow().epoch()).isEqualTo(2);
  }

  @Test
  void shouldStoreTheOthersWhenOneIsInConflict() throws InterruptedException {
    // when
    askForAll(1, 1, 3);
    // then
    assertThat(transactions).containsExactly(1, 2, 1, 1);
    assertThat(answers)
        .isEqualTo(
            Map.of(1L, StoreAnswer.STORED, 2L, StoreAnswer.CONFLICT, 3L, StoreAnswer.STORED));
  }

  @Test
  void shouldNotKnowWhenTheAuthorityIsAway() throws InterruptedException {
    // given
    away = true;
    // when
    askForAll(1, 2, 3);
    // then
    assertThat(answers.values()).containsOnly(StoreAnswer.UNKNOWN).hasSize(3);
  }

  @Test
  void shouldGoOnAfterAChangeThatFailsForAnotherReason() throws InterruptedException {
    // given
    broken = true;
    // when
    askForAll(1, 2, 3);
    // then
    assertThat(answers.values()).containsOnly(StoreAnswer.UNKNOWN).hasSize(3);
  }

  /** The first is under way while the two others are asked for. */
  private void askForAll(long first, long second, long third) throws InterruptedException {
    queue.add(1, List.of(change(first)));
    while (transactions.isEmpty()) {
      Thread.onSpinWait();
    }
    queue.add(2, List.of(change(second)));
    queue.add(3, List.of(change(third)));
    firstGoesOn.countDown();
    assertThat(allAnswered.await(20, TimeUnit.SECONDS)).isTrue();
  }

  private boolean change(List<ConfigChange> changes) {
    transactions.add(changes.size());
    try {
      firstGoesOn.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (away) {
      throw new ControlFault(ControlFault.Code.UNAVAILABLE, "PostgreSQL does not answer");
    }
    if (broken) {
      throw new IllegalStateException("broken on purpose");
    }
    return rows.change(changes);
  }

  private static RegionConfig row(long region) {
    return RegionConfig.first(
        new RegionId(region),
        new ProcessId(1),
        1,
        (int) region,
        1,
        PLACE,
        List.of(),
        16,
        AckMode.NONE,
        false);
  }

  private static ConfigChange change(long region) {
    return new ConfigChange(row(region), row(region).keeping(List.of(), 1), "for the test");
  }
}
