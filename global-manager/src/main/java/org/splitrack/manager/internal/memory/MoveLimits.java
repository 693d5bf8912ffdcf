package org.splitrack.manager.internal.memory;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.region.CopyLimits;
import org.splitrack.manager.internal.report.RackReports;

/**
 * How many regions move, and how many lost copies are made again, at once: what holds, and what
 * becomes of a wish for something else while programs run. Safe from any thread.
 */
public final class MoveLimits {
  private static final String MOVES = "movesAtOnce";
  private static final String COPIES = "copiesAtOnce";
  private static final Logger LOG = LoggerFactory.getLogger(MoveLimits.class);

  private final CopyLimits initial;
  private final Consumer<CopyLimits> applied;
  private final RackReports reports;

  // Guarded by this.
  private CopyLimits inForce;
  private Map<String, String> wanted = Map.of();

  /**
   * @param initial hold from the beginning
   * @param applied is told of all that are to hold
   */
  public MoveLimits(CopyLimits initial, Consumer<CopyLimits> applied, RackReports reports) {
    this.initial = initial;
    this.applied = applied;
    this.reports = reports;
    this.inForce = initial;
    applied.accept(initial);
    LOG.info("{}", sentence(initial));
  }

  /**
   * What a manager is started with, {@link CopyLimits#DEFAULT} unless it is told otherwise.
   *
   * @param property value of a name such as {@code splitrack.limits.moves-at-once}, or null
   * @throws IllegalArgumentException with one line when one is wrong
   */
  public static CopyLimits read(Function<String, @Nullable String> property) {
    CopyLimits absent = CopyLimits.DEFAULT;
    return new CopyLimits(
        number(MOVES, property.apply("splitrack.limits.moves-at-once"), absent.movesAtOnce()),
        number(COPIES, property.apply("splitrack.limits.copies-at-once"), absent.copiesAtOnce()));
  }

  /**
   * Somebody wants others, from now on. Wrong ones are refused, all together, and those that hold
   * go on; one that is not named is as at the beginning.
   *
   * @param source where that is said, for the event
   */
  public synchronized void want(String source, Map<String, String> next) {
    if (next.equals(wanted)) {
      return;
    }
    wanted = Map.copyOf(next);
    CopyLimits limits;
    try {
      limits = parse(next);
    } catch (IllegalArgumentException e) {
      var _ =
          tell(
              "limits_refused",
              "limits of %s are refused: %s; %s".formatted(source, e.getMessage(), stay()));
      return;
    }
    if (!limits.equals(inForce)) {
      inForce = limits;
      applied.accept(limits);
      var _ = tell("limits_changed", sentence(limits) + ", as " + source + " says");
    }
  }

  private CopyLimits parse(Map<String, String> next) {
    Set<String> unknown = new TreeSet<>(next.keySet());
    unknown.removeAll(Set.of(MOVES, COPIES));
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException("there is no limit " + String.join(", ", unknown));
    }
    return new CopyLimits(
        number(MOVES, next.get(MOVES), initial.movesAtOnce()),
        number(COPIES, next.get(COPIES), initial.copiesAtOnce()));
  }

  private static int number(String name, @Nullable String text, int absent) {
    if (text == null) {
      return absent;
    }
    try {
      return Integer.parseInt(text.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s is '%s', not a whole number from 1 to %d"
              .formatted(name, text, CopyLimits.MAX_AT_ONCE));
    }
  }

  private String stay() {
    return "still " + sentence(inForce);
  }

  private static String sentence(CopyLimits limits) {
    return "at most %d regions move at once and at most %d lost copies are made again at once"
        .formatted(limits.movesAtOnce(), limits.copiesAtOnce());
  }

  private long tell(String kind, String sentence) {
    return reports.event(
        kind,
        null,
        null,
        null,
        sentence,
        Map.of(MOVES, inForce.movesAtOnce(), COPIES, inForce.copiesAtOnce()));
  }
}
