package org.splitrack.cli.internal.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EventStoryTest {
  private static final Instant AT = Instant.parse("2026-01-02T03:04:05.120Z");

  private final EventStory story = new EventStory();

  @Test
  void shouldTellWhatFollowsWithTheTimeSinceTheFirstOfItsChain() {
    assertThat(
            story.tell(
                events(
                    List.of(
                        event(9, -60_000, null, "mcomponent-1 is up"),
                        event(10, 0, 9L, "mcomponent-1 is suspected"),
                        event(11, 21, 10L, "mcomponent-1 is down"),
                        event(12, 412, 11L, "region 7: home mcomponent-1 → mcomponent-2"),
                        event(13, 500, null, "process 3 exited")))))
        .containsExactly(
            "03:03:05.120 mcomponent-1 is up",
            "03:04:05.120 mcomponent-1 is suspected",
            "    +0.021 s mcomponent-1 is down",
            "    +0.412 s region 7: home mcomponent-1 → mcomponent-2",
            "03:04:05.620 process 3 exited");
  }

  @Test
  void shouldGoOnWithAChainThatBeganInAnEarlierListing() {
    story.tell(events(List.of(event(10, 0, null, "first"))));

    assertThat(story.tell(events(List.of(event(11, 2_000, 10L, "second\nline")))))
        .containsExactly("    +2.000 s second line");
  }

  @Test
  void shouldGiveTheTimeOfDayWhenTheCauseIsForgotten() {
    story.tell(events(List.of(event(1, 0, null, "first"))));
    for (long number = 2; number <= EventStory.REMEMBERED + 1; number++) {
      story.tell(events(List.of(event(number, 0, null, "another"))));
    }

    assertThat(story.tell(events(List.of(event(99_999, 0, 1L, "late")))))
        .containsExactly("03:04:05.120 late");
  }

  private static Listing events(List<List<@Nullable Object>> rows) {
    return new Listing(List.of("event", "at", "kind", "cause", "message"), rows);
  }

  private static List<@Nullable Object> event(
      long number, long afterMs, @Nullable Long cause, String message) {
    List<@Nullable Object> row = new ArrayList<>();
    row.add(number);
    row.add(AT.plusMillis(afterMs));
    row.add(message.contains("suspected") ? "component_suspected" : "other");
    row.add(cause);
    row.add(message);
    return row;
  }
}
