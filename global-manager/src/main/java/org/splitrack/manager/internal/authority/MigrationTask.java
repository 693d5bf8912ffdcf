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
 * @param bytes copied so far
 * @param rounds times that the region was gone through
 * @param pauseUs how long no write was answered; 0 when that is not known
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

  public MigrationTask copied(long copiedBytes, int copyRounds) {
    return new MigrationTask(
        migration,
        region,
        source,
        target,
        State.HANDING_OFF,
        reason,
        copiedBytes,
        copyRounds,
        pauseUs,
        error,
        startedAt,
        endedAt);
  }

  public MigrationTask paused(long writePauseUs) {
    return new MigrationTask(
        migration,
        region,
        source,
        target,
        state,
        reason,
        bytes,
        rounds,
        writePauseUs,
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
