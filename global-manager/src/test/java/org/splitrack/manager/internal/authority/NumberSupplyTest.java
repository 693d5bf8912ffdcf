package org.splitrack.manager.internal.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.control.ControlFault;

class NumberSupplyTest {
  private final AtomicLong sequence = new AtomicLong(1_000);
  private final AtomicInteger asked = new AtomicInteger();
  private final NumberSupply supply =
      new NumberSupply("test numbers", this::next, asked::incrementAndGet);

  @Test
  void shouldHoldTwoBlocksAhead() {
    // when
    supply.fill();
    // then
    assertThat(sequence).hasValue(1_200);
    assertThat(supply.take(150, Duration.ZERO)).startsWith(1_000L).endsWith(1_149L).hasSize(150);
  }

  @Test
  void shouldAskForMoreWhenLessThanABlockIsLeft() {
    // given
    supply.fill();
    supply.take(100, Duration.ZERO);
    assertThat(asked).hasValue(0);
    // when
    supply.take(1, Duration.ZERO);
    // then
    assertThat(asked).hasValue(1);
  }

  @Test
  void shouldHandOutAllOrNone() {
    // given
    supply.fill();
    // when
    assertThatThrownBy(() -> supply.take(201, Duration.ZERO))
        .isInstanceOf(ControlFault.class)
        .hasMessageContaining("no test numbers left");
    // then
    assertThat(supply.take(2, Duration.ZERO)).containsExactly(1_000L, 1_001L);
  }

  @Test
  void shouldServeAWaiterWhenNumbersCome() throws Exception {
    // given
    NumberSupply[] self = new NumberSupply[1];
    NumberSupply refilling =
        new NumberSupply(
            "test numbers", this::next, () -> Thread.ofVirtual().start(() -> self[0].fill()));
    self[0] = refilling;
    // when
    List<Long> numbers = refilling.take(3, Duration.ofSeconds(30));
    // then
    assertThat(numbers).containsExactly(1_000L, 1_001L, 1_002L);
  }

  @Test
  void shouldRememberTheFirstNumberOfThisStart() {
    // given
    assertThat(supply.first()).isEmpty();
    // when
    supply.fill();
    supply.take(10, Duration.ZERO);
    // then
    assertThat(supply.first()).hasValue(1_000);
  }

  private List<Long> next(int count) {
    long from = sequence.getAndAdd(count);
    return LongStream.range(from, from + count).boxed().toList();
  }
}
