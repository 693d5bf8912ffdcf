package org.splitrack.fabric.transport;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WaitingRuleTest {
  private static final long LOOK_NS = 1_000;

  private long nowNs = 5_000_000;

  @Test
  void shouldNotSpinOnOneCore() {
    assertThat(spunNs(new WaitingRule(new WaitingRule.Spinners(1)), 1_000_000)).isZero();
  }

  @Test
  void shouldSpinForABoundedTimeOnTwo() {
    assertThat(spunNs(new WaitingRule(new WaitingRule.Spinners(2)), 1_000_000))
        .isEqualTo(WaitingRule.MAX_SPIN_NS);
  }

  @Test
  void shouldLetOnlyOneSpinOnTwoCores() {
    WaitingRule.Spinners cores = new WaitingRule.Spinners(2);
    WaitingRule first = new WaitingRule(cores);
    WaitingRule second = new WaitingRule(cores);

    first.begin(nowNs);
    second.begin(nowNs);

    assertThat(first.spins(nowNs)).isTrue();
    assertThat(second.spins(nowNs)).isFalse();

    second.end(nowNs);
    first.end(nowNs);
    second.begin(nowNs);
    assertThat(second.spins(nowNs)).isTrue();
  }

  @Test
  void shouldFreeItsPlaceWhenItGoesToSleep() {
    WaitingRule.Spinners cores = new WaitingRule.Spinners(2);
    WaitingRule sleeper = new WaitingRule(cores);
    sleeper.begin(nowNs);
    nowNs += WaitingRule.MAX_SPIN_NS;
    assertThat(sleeper.spins(nowNs)).isFalse();

    WaitingRule other = new WaitingRule(cores);
    other.begin(nowNs);

    assertThat(other.spins(nowNs)).isTrue();
  }

  @Test
  void shouldSpinLittleAfterLongWaitsAndLongAgainAfterShortOnes() {
    WaitingRule rule = new WaitingRule(new WaitingRule.Spinners(2));

    for (int i = 0; i < 20; i++) {
      spunNs(rule, 1_000_000);
    }
    assertThat(spunNs(rule, 1_000_000)).isEqualTo(WaitingRule.MIN_SPIN_NS);

    for (int i = 0; i < 40; i++) {
      spunNs(rule, 10_000);
    }
    assertThat(spunNs(rule, 1_000_000)).isEqualTo(WaitingRule.MAX_SPIN_NS);
  }

  @Test
  void shouldSpinLittleForAWhileWhenItWasTakenOffItsCore() {
    WaitingRule rule = new WaitingRule(new WaitingRule.Spinners(2));
    rule.begin(nowNs);
    nowNs += 3_000_000;
    rule.spins(nowNs);
    rule.end(nowNs);

    assertThat(spunNs(rule, 10_000_000)).isEqualTo(WaitingRule.MIN_SPIN_NS);
    for (int i = 0; i < 70; i++) {
      spunNs(rule, 10_000);
    }
    assertThat(spunNs(rule, 1_000_000)).isEqualTo(WaitingRule.MAX_SPIN_NS);
  }

  /** Waits for an event that comes after {@code eventNs}; returns how long it spun for it. */
  private long spunNs(WaitingRule rule, long eventNs) {
    long startNs = nowNs;
    rule.begin(nowNs);
    while (nowNs - startNs < eventNs && rule.spins(nowNs)) {
      nowNs += LOOK_NS;
    }
    long spun = nowNs - startNs;
    nowNs = startNs + eventNs;
    rule.end(nowNs);
    return spun;
  }
}
