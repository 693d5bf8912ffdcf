package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ConditionTimeoutException;
import org.splitrack.fabric.wire.Status;
import tools.jackson.databind.JsonNode;

/** A program on the rack that is to meet a fault, with most of its memory outside its cache. */
final class RunningProgram {
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final long LONGEST_RUN_S = 180;

  /** Pages of a region, about, that tell whether it is written to. */
  private static final int LOOKED_AT = 32;

  private final Rack rack;
  private final Process command;
  private final String process;

  private RunningProgram(Rack rack, Process command, String process) {
    this.rack = rack;
    this.command = command;
    this.process = process;
  }

  /** Returns when its regions show in the tables and their homes are being asked for pages. */
  static RunningProgram start(Rack rack, String ack, String... words) {
    String name = "faulted-" + NUMBER.incrementAndGet();
    List<String> line =
        new ArrayList<>(List.of("run", "--name", name, "--ack", ack, "--cache", "25%"));
    line.addAll(List.of(words));
    Process command = rack.start(line.toArray(String[]::new));
    try {
      awaitRequests(rack, command, name);
    } catch (ConditionTimeoutException | AssertionError e) {
      command.destroy();
      throw e;
    }
    JsonNode rows = rack.rows("SELECT process FROM api.processes WHERE name = '" + name + "'");
    RunningProgram program =
        new RunningProgram(rack, command, rows.path(0).path("process").asString());
    program.assertRuns("while it was to meet its fault");
    return program;
  }

  private static void awaitRequests(Rack rack, Process command, String name) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                !command.isAlive()
                    || !rack.rows(
                            """
                            SELECT 1 FROM api.regions r
                              JOIN api.processes p USING (process)
                              JOIN api.components c ON c.component = r.home
                             WHERE p.name = '%s' AND c.load > 0
                            """
                                .formatted(name))
                        .isEmpty());
  }

  /** Likewise, in two copies, and when all its regions have both. */
  static RunningProgram startProtected(Rack rack, String... words) {
    RunningProgram program = start(rack, "safe", words);
    rack.succeed("protected", "--wait");
    return program;
  }

  String process() {
    return process;
  }

  /** The pComponent that it runs on, or ran on last. */
  String component() {
    return rack.rows("SELECT component FROM api.processes WHERE process = " + process)
        .path(0)
        .path("component")
        .asString("");
  }

  /** One of its regions with its home and its further copies; the home has the most of them. */
  record Lies(long region, int pages, String home, List<String> secondaries, long epoch) {}

  Lies mostlyLies() {
    return lies(
        rack,
        """
          JOIN (SELECT home, count(*) AS held FROM api.regions WHERE process = %1$s
                 GROUP BY home) homes USING (home)
         WHERE process = %1$s ORDER BY held DESC, home, region LIMIT 1
        """
            .formatted(process));
  }

  /** The same when all its regions have their second copies, and the tables say where. */
  Lies liesProtected() {
    rack.succeed("protected", "--wait");
    rack.succeed("sync");
    return mostlyLies();
  }

  /** The same when all its regions have their second copies, whatever these are good for. */
  Lies liesCopied() {
    rack.awaitRow(
        """
        SELECT 1 WHERE NOT EXISTS
          (SELECT 1 FROM api.regions WHERE process = %s AND copies < copies_wanted)
        """
            .formatted(process));
    return mostlyLies();
  }

  /** The first region that the tables know of a process. */
  static Lies firstOf(Rack rack, String process) {
    rack.awaitRow("SELECT 1 FROM api.regions WHERE process = " + process);
    return lies(rack, "WHERE process = %s ORDER BY region LIMIT 1".formatted(process));
  }

  /** Where one of its regions is now. */
  Lies lies(long region) {
    return lies(rack, "WHERE region = " + region);
  }

  /** What the rest of a query on the regions finds first. */
  private static Lies lies(Rack rack, String which) {
    JsonNode row =
        rack.rows("SELECT region, pages, home, secondaries, epoch FROM api.regions " + which)
            .path(0);
    List<String> secondaries = new ArrayList<>();
    row.path("secondaries").forEach(one -> secondaries.add(one.asString()));
    return new Lies(
        row.path("region").asLong(),
        row.path("pages").asInt(),
        row.path("home").asString(""),
        secondaries,
        row.path("epoch").asLong());
  }

  /** Whether the home has pages of this region that were written: what a fault there can lose. */
  boolean isDirty(Lies lies) {
    try (PageLanes lanes = PageLanes.to(rack, lies.home())) {
      return versions(lanes, lies).stream().anyMatch(RunningProgram::isWritten);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until it writes to this region, as the home of it sees. */
  void awaitWritesTo(Lies lies) {
    try (PageLanes lanes = PageLanes.to(rack, lies.home())) {
      List<Long> before = versions(lanes, lies);
      assertThat(before).as("pages that the home of %s serves", lies).isNotEmpty();
      List<Long> now =
          await()
              .atMost(Duration.ofSeconds(30))
              .pollInterval(Duration.ofMillis(50))
              .until(() -> versions(lanes, lies), versions -> !versions.equals(before));
      assertThat(now).as("%s is dirty", lies).anyMatch(RunningProgram::isWritten);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isWritten(long version) {
    return version > 0;
  }

  /** Versions of some of its pages, 0 = never written; none when that is not its home any more. */
  private static List<Long> versions(PageLanes lanes, Lies lies) throws IOException {
    List<Long> versions = new ArrayList<>();
    for (int page = 0; page < lies.pages(); page += Math.max(1, lies.pages() / LOOKED_AT)) {
      PageLanes.Reply reply = lanes.read(lies.region(), lies.epoch(), page);
      if (reply.status() != Status.OK) {
        return List.of();
      }
      versions.add(reply.version());
    }
    return versions;
  }

  /** Waits until one of its regions has two copies, none of them here. */
  void awaitTwoCopies(long region, String without) {
    rack.awaitRow(
        "SELECT 1 FROM api.regions WHERE region = %d AND copies = 2 AND '%s' <> ALL (secondaries || home)"
            .formatted(region, without));
  }

  /** Those of its regions that this mComponent is home of. */
  int homesAt(String component) {
    return rack.rows(
            "SELECT region FROM api.regions WHERE process = %s AND home = '%s'"
                .formatted(process, component))
        .size();
  }

  boolean runs() {
    return command.isAlive();
  }

  /** As Ctrl-C in its command: it is told to stop. */
  void destroy() {
    command.destroy();
  }

  void assertRuns(String when) {
    assertThat(runs()).as("the program runs " + when).isTrue();
  }

  /** Waits for its end; a program that neither goes on nor ends fails the test. */
  Rack.Outcome end() {
    try {
      assertThat(command.waitFor(LONGEST_RUN_S, TimeUnit.SECONDS)).as("ends").isTrue();
      return new Rack.Outcome(
          command.exitValue(),
          new String(command.getInputStream().readAllBytes(), StandardCharsets.UTF_8),
          new String(command.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
