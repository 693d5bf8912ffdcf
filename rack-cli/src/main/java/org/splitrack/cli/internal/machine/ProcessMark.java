package org.splitrack.cli.internal.machine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One process of this machine. The kernel gives a pid again, so the start time belongs to the
 * identity: a process of another start time is another process.
 *
 * @param startTicks when it started, in clock ticks since the machine did
 */
public record ProcessMark(long pid, long startTicks) {
  /** Zombie, dead. */
  private static final Set<String> REMAINS = Set.of("Z", "X");

  /** By a signal, by a tracer. */
  private static final Set<String> STOPPED = Set.of("T", "t");

  private static final int STATE_FIELD = 0;
  private static final int START_TICKS_FIELD = 19;

  /** The process that has this pid now; empty when there is none, or only its remains. */
  public static Optional<ProcessMark> of(long pid) {
    return stat(pid)
        .filter(fields -> !REMAINS.contains(fields.get(STATE_FIELD)))
        .map(fields -> new ProcessMark(pid, Long.parseLong(fields.get(START_TICKS_FIELD))));
  }

  /** Whether a process runs whose working directory is this one. */
  static boolean anyWorkingIn(Path folder) {
    return ProcessHandle.allProcesses()
        .mapToLong(ProcessHandle::pid)
        .filter(pid -> worksIn(pid, folder))
        .anyMatch(pid -> of(pid).isPresent());
  }

  private static boolean worksIn(long pid, Path folder) {
    try {
      return Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "cwd")).equals(folder);
    } catch (IOException goneOrNotOurs) {
      return false;
    }
  }

  /** The fields of {@code /proc/PID/stat} after the command's name. */
  private static Optional<List<String>> stat(long pid) {
    try {
      String stat =
          Files.readString(
              Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1);
      // The name stands in brackets, and may hold blanks and brackets.
      return Optional.of(List.of(stat.substring(stat.lastIndexOf(')') + 2).strip().split(" ", -1)));
    } catch (IOException noSuchProcess) {
      return Optional.empty();
    }
  }

  /** Whether this very process still runs. */
  public boolean alive() {
    return of(pid).filter(this::equals).isPresent();
  }

  /** Whether it has been stopped by a signal and goes on only with {@code CONT}. */
  boolean paused() {
    return alive()
        && stat(pid).filter(fields -> STOPPED.contains(fields.get(STATE_FIELD))).isPresent();
  }

  /** This process and all that it started, parents before children. */
  List<ProcessMark> family() {
    List<ProcessMark> family = new ArrayList<>(List.of(this));
    if (alive()) {
      ProcessHandle.of(pid).stream()
          .flatMap(ProcessHandle::descendants)
          .flatMap(child -> of(child.pid()).stream())
          .forEach(family::add);
    }
    return family;
  }

  /** Whether its parent has not yet taken note of its end. */
  boolean remains() {
    return stat(pid)
        .filter(fields -> Long.toString(startTicks).equals(fields.get(START_TICKS_FIELD)))
        .isPresent();
  }

  /** Sends a signal such as {@code TERM}, unless the process has ended. */
  public void signal(String name) {
    if (!alive()) {
      return;
    }
    try {
      new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + pid)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
