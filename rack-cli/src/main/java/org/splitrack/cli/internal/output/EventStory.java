package org.splitrack.cli.internal.output;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells rows of {@code api.events} in sentences. One that nothing led to stands with its time of
 * day, and so does a suspicion, with which a new story begins however long ago its component came
 * up; one that another led to, with the time since the first of the chain: {@code +0.412 s region
 * 7: home mcomponent-1 → mcomponent-2 (epoch 5→6, mcomponent-1 silent)}.
 */
public final class EventStory {
  /** Events that are remembered as the cause of later ones. */
  static final int REMEMBERED = 10_000;

  private static final String SUSPICION = "component_suspected";
  private static final int TIME_WIDTH = 12;
  private static final DateTimeFormatter TIME_OF_DAY =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** When the first event of the chain happened, by the number of an event in it. */
  private final Map<Long, Instant> beginnings =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Instant> eldest) {
          return size() > REMEMBERED;
        }
      };

  /** The sentences of further events, a line each. */
  public List<String> tell(Listing events) {
    int number = events.columns().indexOf("event");
    int at = events.columns().indexOf("at");
    int cause = events.columns().indexOf("cause");
    int kind = events.columns().indexOf("kind");
    int message = events.columns().indexOf("message");
    List<String> lines = new ArrayList<>();
    for (List<@Nullable Object> row : events.rows()) {
      if (row.get(number) instanceof Number event && row.get(at) instanceof Instant time) {
        @Nullable Object ledBy = SUSPICION.equals(row.get(kind)) ? null : row.get(cause);
        lines.add(
            "%s %s".formatted(when(event.longValue(), time, ledBy), oneLine(row.get(message))));
      }
    }
    return lines;
  }

  private String when(long event, Instant at, @Nullable Object cause) {
    Instant beginning = cause instanceof Number number ? beginnings.get(number.longValue()) : null;
    if (beginning == null) {
      beginnings.put(event, at);
      return TIME_OF_DAY.format(at);
    }
    beginnings.put(event, beginning);
    double seconds = Duration.between(beginning, at).toNanos() / 1e9;
    String relative = String.format(Locale.ROOT, "%+.3f s", seconds);
    return " ".repeat(Math.max(0, TIME_WIDTH - relative.length())) + relative;
  }

  private static String oneLine(@Nullable Object message) {
    return String.valueOf(message).replace('\n', ' ');
  }
}
