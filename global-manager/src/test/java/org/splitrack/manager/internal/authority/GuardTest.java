package org.splitrack.manager.internal.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.control.ControlFault;

class GuardTest {
  private final Guard guard = new Guard("PostgreSQL");
  private final AtomicInteger tried = new AtomicInteger();

  @Test
  void shouldPassTheAnswerOn() {
    assertThat(guard.call(() -> 7)).isEqualTo(7);
  }

  @Test
  void shouldSayInOneLineWhatFailed() {
    assertThatThrownBy(
            () ->
                guard.call(
                    () -> {
                      throw new IllegalStateException(
                          "outer", new IllegalStateException("Connection refused\nsecond line"));
                    }))
        .isInstanceOf(ControlFault.class)
        .hasMessage("PostgreSQL does not answer: Connection refused");
  }

  @Test
  void shouldNotEvenTryAfterAFewFailuresAndGiveTheSameReason() {
    // given
    for (int i = 0; i < 4; i++) {
      assertThatThrownBy(this::fail).isInstanceOf(ControlFault.class);
    }
    // when, then
    assertThatThrownBy(this::fail)
        .isInstanceOf(ControlFault.class)
        .hasMessage("PostgreSQL does not answer: gone");
    assertThat(tried).hasValue(4);
  }

  private void fail() {
    guard.call(
        () -> {
          tried.incrementAndGet();
          throw new IllegalStateException("gone");
        });
  }
}
