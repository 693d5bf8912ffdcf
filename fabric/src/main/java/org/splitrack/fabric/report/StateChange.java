package org.splitrack.fabric.report;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a component says happened to the state that it owns. Each kind is a state (the newest of a
 * key counts) or an event (all count). Published in order per source with a sequence of its own.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = StateChange.ComponentState.class, name = "component"),
  @JsonSubTypes.Type(value = StateChange.ProcessState.class, name = "process"),
  @JsonSubTypes.Type(value = StateChange.ThreadState.class, name = "thread"),
  @JsonSubTypes.Type(value = StateChange.RegionState.class, name = "region"),
  @JsonSubTypes.Type(value = StateChange.MigrationState.class, name = "migration"),
  @JsonSubTypes.Type(value = StateChange.FailoverState.class, name = "failover"),
  @JsonSubTypes.Type(value = StateChange.Event.class, name = "event")
})
public sealed interface StateChange {
  /**
   * State, by the manager. Columns of {@code api.components}.
   *
   * @param state starting, up, suspect, draining, down or left
   */
  record ComponentState(
      String component,
      String role,
      String state,
      String bootId,
      String node,
      String profile,
      long capacityBytes,
      long usedBytes,
      double load,
      Instant reportedAt)
      implements StateChange {}

  /**
   * State, by the manager. Columns of {@code api.processes}.
   *
   * @param state running, exited, failed, lost or stopped
   * @param stats the keys of {@code --stats}; empty while it runs
   */
  record ProcessState(
      long process,
      String name,
      String program,
      String programDigest,
      List<String> args,
      String tenant,
      String owner,
      String component,
      String state,
      @Nullable Integer exitCode,
      String ack,
      String safety,
      Instant startedAt,
      @Nullable Instant endedAt,
      Map<String, Number> stats)
      implements StateChange {}

  /** State, by the pComponent: {@code running} or {@code ended}. */
  record ThreadState(long process, int thread, String component, String state)
      implements StateChange {}

  /** State, by the manager. Columns of {@code api.regions}; {@code ended} removes it. */
  record RegionState(
      long region,
      long process,
      int index,
      String home,
      List<String> secondaries,
      long epoch,
      long term,
      String mode,
      int pages,
      int copies,
      int copiesWanted,
      String protection,
      boolean moving,
      boolean ended)
      implements StateChange {}

  /**
   * State, by the manager. Columns of {@code api.migrations}; what has ended stays ended.
   *
   * @param state reserving, copying, handing_off, done, aborted or failed
   * @param reason why it was wanted: requested, drain, balance
   * @param bytes of the pages sent to make the target a copy, known at the hand-off; 0 when it was
   *     one
   * @param rounds times that the region was gone through for that
   * @param writePauseMs how long no write of the region was answered at the hand-off
   * @param endedAt null until it is done, aborted or failed
   */
  record MigrationState(
      long migration,
      long region,
      String source,
      String target,
      String state,
      String reason,
      long bytes,
      int rounds,
      @Nullable Double writePauseMs,
      @Nullable String error,
      Instant startedAt,
      @Nullable Instant endedAt)
      implements StateChange {}

  /**
   * State, by the manager. Columns of {@code api.failovers}: one row per start of a component that
   * failed, told again as its times come.
   *
   * @param regions how many regions lost their home or a copy with it
   * @param committedAt when the new configurations were stored
   * @param sealedAt when the last new home refused the old epoch
   * @param protectedAt when every region had its copies again
   * @param stallMsMax longest time that a program waited for memory over it
   */
  record FailoverState(
      long failover,
      String component,
      String bootId,
      int regions,
      Instant suspectedAt,
      @Nullable Instant sealedAt,
      @Nullable Instant committedAt,
      @Nullable Instant protectedAt,
      @Nullable Double stallMsMax)
      implements StateChange {}

  /**
   * Event, by anyone.
   *
   * @param name its kind: {@code component_up}, {@code process_started}, {@code region_granted}
   * @param message one plain sentence
   * @param cause sequence of the event, of the same source and boot, that led to it
   */
  record Event(
      String name,
      @Nullable Long process,
      @Nullable Long region,
      @Nullable Long cause,
      String message,
      Map<String, Object> details)
      implements StateChange {}
}
