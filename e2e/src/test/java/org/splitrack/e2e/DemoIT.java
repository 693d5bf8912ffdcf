package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What a new user runs first. Its exit code says that all of it happened and was right. */
class DemoIT {
  @Test
  void shouldCountWordsRightWhileARegionMovesAndItsHomeIsKilled() {
    try (Rack rack = Rack.down()) {
      Rack.Outcome demo = rack.command("demo");

      assertThat(demo.exitCode()).as(demo.out() + demo.err()).isZero();
      assertThat(demo.out()).contains(" moved from mcomponent-").contains(" was killed, home of ");
      assertThat(rack.command("ps").exitCode()).as("the rack is down").isEqualTo(4);
    }
  }

  @Test
  @LongTest
  void shouldTellAFailoverStepByStepAndWhatIsLostWithOneCopy() {
    try (Rack rack = Rack.down()) {
      Rack.Outcome demo = rack.command("demo", "failover", "--auto");

      assertThat(demo.exitCode()).as(demo.out() + demo.err()).isZero();
      assertThat(demo.out())
          .containsSubsequence(
              " has its home on mcomponent-",
              " is suspected",
              " is found dead",
              "New epoch",
              "Its second copy is home in the row",
              "The seal",
              "A second copy again",
              "The program went on and its memory was right",
              "The same with one copy (--ack none)",
              "the program is lost",
              " alone is lost");
    }
  }
}
