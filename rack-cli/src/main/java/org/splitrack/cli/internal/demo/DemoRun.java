package org.splitrack.cli.internal.demo;

import java.util.Map;

/**
 * One run of the demo's program.
 *
 * @param output what it printed
 * @param stats the keys of {@code --stats}
 */
public record DemoRun(long process, int exitCode, String output, Map<String, Number> stats) {
  /** One of the statistics; 0 when it is missing. */
  public long stat(String key) {
    Number value = stats.get(key);
    return value == null ? 0 : value.longValue();
  }
}
