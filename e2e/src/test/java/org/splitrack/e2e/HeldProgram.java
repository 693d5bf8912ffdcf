package org.splitrack.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** A program that says "held" and goes on when its standard input ends. */
final class HeldProgram implements AutoCloseable {
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final long LONGEST_RUN_S = 120;

  private final Rack rack;
  private final Process command;
  private final BufferedReader out;
  private final String process;

  private HeldProgram(Rack rack, Process command, BufferedReader out, String process) {
    this.rack = rack;
    this.command = command;
    this.out = out;
    this.process = process;
  }

  /** Returns when it is held and its regions show in the tables. */
  static HeldProgram start(Rack rack, String... words) {
    String name = "held-" + NUMBER.incrementAndGet();
    List<String> line = new ArrayList<>(List.of("run", "--name", name));
    line.addAll(List.of(words));
    Process command = rack.start(line.toArray(String[]::new));
    BufferedReader out = command.inputReader(StandardCharsets.UTF_8);
    try {
      String said = out.readLine();
      if (!"held".equals(said)) {
        throw new AssertionError(
            said + new String(command.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Rack.Outcome synced = rack.command("sync");
    if (synced.exitCode() != 0) {
      throw new AssertionError("rack sync: " + synced.err());
    }
    String process =
        rack.rows("SELECT process FROM api.processes WHERE name = '" + name + "'")
            .path(0)
            .path("process")
            .asString();
    return new HeldProgram(rack, command, out, process);
  }

  /** One that grows to as many pages of 64 KiB and writes to all of them. */
  static HeldProgram grown(Rack rack, String cache, int pages, String... options) {
    List<String> words = new ArrayList<>(List.of(options));
    words.addAll(
        List.of(
            "--cache",
            cache,
            Rack.example("testbed/grow"),
            "64",
            Integer.toString(pages),
            Integer.toString(pages)));
    return start(rack, words.toArray(String[]::new));
  }

  String process() {
    return process;
  }

  String anyRegion() {
    return rack.rows("SELECT region FROM api.regions WHERE process = " + process)
        .path(0)
        .path("region")
        .asString();
  }

  /** Lets it go on, to its end. */
  Rack.Outcome finish() {
    try {
      command.getOutputStream().close();
      String rest = out.lines().collect(Collectors.joining("\n"));
      String error = new String(command.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!command.waitFor(LONGEST_RUN_S, TimeUnit.SECONDS)) {
        throw new AssertionError("hangs: " + rest + error);
      }
      return new Rack.Outcome(command.exitValue(), rest, error);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    command.destroy();
  }
}
