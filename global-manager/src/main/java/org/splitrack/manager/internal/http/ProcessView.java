package org.splitrack.manager.internal.http;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.report.StateChange.ProcessState;
import org.splitrack.manager.internal.authority.ProcessRow;

/** A process as JSON: the columns of {@code api.processes}, and why it ended. */
final class ProcessView {
  private static final List<String> STATS =
      List.of(
          "wall_ms",
          "cpu_ms",
          "pages_touched",
          "cache_pages",
          "hits",
          "misses",
          "zero_fills",
          "prefetch_used",
          "prefetch_wasted",
          "write_backs",
          "bytes_in",
          "bytes_out",
          "miss_us_p50",
          "miss_us_p90",
          "miss_us_p99",
          "miss_us_max",
          "stall_ms_max",
          "regions",
          "mcomponents");

  private ProcessView() {}

  static Map<String, @Nullable Object> of(ProcessRow row) {
    ProcessState state = row.asReported();
    Map<String, @Nullable Object> view = new LinkedHashMap<>();
    view.put("process", state.process());
    view.put("name", state.name());
    view.put("program", state.program());
    view.put("program_digest", state.programDigest());
    view.put("args", state.args());
    view.put("tenant", state.tenant());
    view.put("owner", state.owner());
    view.put("component", state.component());
    view.put("state", state.state());
    view.put("exit_code", state.exitCode());
    view.put("ack", state.ack());
    view.put("safety", state.safety());
    view.put("started_at", state.startedAt());
    view.put("ended_at", state.endedAt());
    STATS.forEach(key -> view.put(key, state.stats().get(key)));
    state.stats().forEach(view::putIfAbsent);
    ProcessRow.End end = row.end();
    view.put("reason", end == null ? null : end.reason());
    return view;
  }
}
