package org.splitrack.tables.internal.mirror;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.report.StateChange;
import org.splitrack.fabric.report.StateEnvelope;
import org.splitrack.fabric.report.StateTopic;

/** State changes for tests. */
final class Changes {
  static final Instant AT = Instant.parse("2026-01-02T03:04:05.123456Z");
  static final BootId BOOT = new BootId(15);
  static final BootId OTHER_BOOT = new BootId(16);
  static final String SOURCE = "global-manager-0";

  private Changes() {}

  static Received received(long offset, BootId boot, long sequence, StateChange change) {
    var envelope = new StateEnvelope(SOURCE, boot, sequence, AT.plusSeconds(sequence), change);
    return new Received(offset, StateTopic.encode(envelope));
  }

  static StateChange.ComponentState component(String state) {
    return new StateChange.ComponentState(
        "mcomponent-0", "mcomponent", state, "00ab", "node", "", 1L << 40, 4096, 0.5, AT);
  }

  static StateChange.ProcessState running(long process) {
    return process(process, "running", null, null, Map.of());
  }

  static StateChange.ProcessState ended(long process, String state) {
    return process(
        process, state, 0, AT.plusMillis(1500), Map.of("wall_ms", 1500, "miss_us_p50", 12.5));
  }

  private static StateChange.ProcessState process(
      long process,
      String state,
      @Nullable Integer exitCode,
      @Nullable Instant endedAt,
      Map<String, Number> stats) {
    return new StateChange.ProcessState(
        process,
        "wc",
        "/bin/wc.wasm",
        "ab".repeat(32),
        List.of("wc", "a, \"b\" {c}", ""),
        "default",
        "root",
        "pcomponent-0",
        state,
        exitCode,
        "none",
        "default",
        AT,
        endedAt,
        stats);
  }

  static StateChange.ThreadState thread(long process, int thread, String state) {
    return new StateChange.ThreadState(process, thread, "pcomponent-0", state);
  }

  static StateChange.RegionState region(long region, long process, long epoch, boolean ended) {
    return new StateChange.RegionState(
        region,
        process,
        3,
        "mcomponent-" + epoch,
        List.of("mcomponent-8", "mcomponent-9"),
        epoch,
        1,
        "private",
        4096,
        1,
        2,
        "none",
        false,
        ended);
  }

  static StateChange.MigrationState migration(
      long migration, String state, @Nullable Instant endedAt) {
    return new StateChange.MigrationState(
        migration,
        9,
        "mcomponent-1",
        "mcomponent-2",
        state,
        "requested",
        8192,
        1,
        endedAt == null ? null : 0.75,
        state.equals("failed") ? "the target is full" : null,
        AT,
        endedAt);
  }

  static StateChange.FailoverState failover(long failover, @Nullable Instant protectedAt) {
    return new StateChange.FailoverState(
        failover,
        "mcomponent-1",
        "00ab",
        3,
        AT,
        AT.plusMillis(2),
        AT.plusMillis(1),
        protectedAt,
        protectedAt == null ? null : 12.5);
  }

  static StateChange.Event event(String name) {
    return event(name, null);
  }

  static StateChange.Event event(String name, @Nullable Long cause) {
    return new StateChange.Event(
        name, 7L, null, cause, "It happened.", Map.of("bytes", 5, "who", "me"));
  }
}
