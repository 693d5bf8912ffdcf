package org.splitrack.manager.internal.authority;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.report.StateChange.MigrationState;

/**
 * A migration that was accepted; immutable.
 *
 * @param bytes of the pages sent to make the target a copy; 0 before the hand-off, and when it was
 *     one
 * @param rounds times that the region was gone through for that
 * @param pauseUs how long no write was answered; 0 when none had to wait
 * @param error why it did not come to its end
 * @param endedAt null while it is under way
 */
public record MigrationTask(
    long migration,
    RegionId region,
    ComponentId source,
    ComponentId target,
    State state,
    String reason,
    long bytes,
    int rounds,
    long pauseUs,
    @Nullable String error,
    Instant startedAt,
    @Nullable Instant endedAt) {
  private static final double US_PER_MS = 1e3;

  /** How far it is. */
  public enum State {
    RESERVING,
    COPYING,
    HANDING_OFF,
    DONE,
    ABORTED,
    FAILED;

    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public MigrationTask at(State next) {
    return new MigrationTask(
        migration, region, source, target, next, reason, bytes, rounds, pauseUs, error, startedAt,
        endedAt);
  }

  /** The target is home; the row is yet to follow. What is said of a pause later may be more. */
  public MigrationTask handedOff(long copiedBytes, int copyRounds, long writePauseUs) {
    return new MigrationTask(
        migration,
        region,
        source,
        target,
        State.HANDING_OFF,
        reason,
        copiedBytes,
        copyRounds,
        Math.max(pauseUs, writePauseUs),
        error,
        startedAt,
        endedAt);
  }

  public MigrationTask ended(State end, @Nullable String why, Instant at) {
    return new MigrationTask(
        migration, region, source, target, end, reason, bytes, rounds, pauseUs, why, startedAt, at);
  }

  /** The row of {@code api.migrations}. */
  public MigrationState asReported() {
    return new MigrationState(
        migration,
        region.value(),
        source.toString(),
        target.toString(),
        state.text(),
        reason,
        bytes,
        rounds,
        state == State.DONE && pauseUs > 0 ? pauseUs / US_PER_MS : null,
        error,
        startedAt,
        endedAt);
  }
}
