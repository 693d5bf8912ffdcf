package org.splitrack.bench.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.splitrack.bench.BenchRow;
import org.splitrack.bench.BenchRow.Better;
import org.splitrack.bench.Samples;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code rack up} of a default rack with its AOT caches present: time, and memory of all processes.
 */
final class UpBench implements Benchmark {
  private static final int ROUNDS = 3;
  private static final double SECONDS_BOUND = 20;
  private static final double MIB_BOUND = 3 * 1024;

  private final Path launcher;

  UpBench(Path launcher) {
    this.launcher = launcher;
  }

  @Override
  public String name() {
    return "up";
  }

  @Override
  public List<BenchRow> measure(BenchedRack rack) throws IOException, InterruptedException {
    Samples seconds = new Samples();
    Samples mib = new Samples();
    for (int round = 0; round < ROUNDS; round++) {
      rack.progress().accept("up: round " + (round + 1) + " of " + ROUNDS);
      Path state = Files.createTempDirectory("splitrack-bench-");
      try {
        long startNs = System.nanoTime();
        run(state, "up");
        seconds.add((System.nanoTime() - startNs) / 1e9);
        mib.add(residentKib(state) / 1024.0);
      } finally {
        run(state, "down", "--purge");
      }
    }
    return List.of(
        BenchRow.absolute("up.seconds", "s", seconds, SECONDS_BOUND, Better.LOWER),
        BenchRow.absolute("up.resident", "MiB", mib, MIB_BOUND, Better.LOWER));
  }

  private void run(Path state, String... words) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(launcher.toString());
    builder.command().addAll(List.of(words));
    builder.environment().put("SPLITRACK_STATE", state.toString());
    Process process =
        builder
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!process.waitFor(180, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException("rack " + words[0] + " failed for " + state);
    }
  }

  private static long residentKib(Path state) throws IOException {
    JsonNode rack = JsonMapper.shared().readTree(Files.readAllBytes(state.resolve("rack.json")));
    long sum = 0;
    for (JsonNode component : rack.path("components")) {
      ProcessHandle handle = ProcessHandle.of(component.path("pid").asLong()).orElseThrow();
      try (Stream<ProcessHandle> children = handle.descendants()) {
        for (ProcessHandle process : Stream.concat(Stream.of(handle), children).toList()) {
          sum += residentKib(process.pid());
        }
      }
    }
    return sum;
  }

  /** Proportional: a page that several processes share is counted once in all. */
  private static long residentKib(long pid) throws IOException {
    Path rollup = Path.of("/proc", Long.toString(pid), "smaps_rollup");
    if (!Files.isReadable(rollup)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(rollup)) {
      return lines
          .filter(line -> line.startsWith("Pss:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
          .sum();
    }
  }
}
