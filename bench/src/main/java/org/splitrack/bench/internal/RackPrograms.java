package org.splitrack.bench.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.splitrack.cli.internal.manager.ManagerClient;
import org.splitrack.cli.internal.manager.ProcessOutput;
import tools.jackson.databind.JsonNode;

/** Runs programs on the rack under test and gives the figures that it keeps of them. */
final class RackPrograms {
  private static final Duration WAIT = Duration.ofSeconds(10);
  private static final long MOST_SECONDS_A_RUN = 120;

  private final ManagerClient manager;

  RackPrograms(ManagerClient manager) {
    this.manager = manager;
  }

  /**
   * A finished run.
   *
   * @param figures the keys of {@code --stats}
   * @param output what it wrote, a character for each byte
   */
  record Run(JsonNode figures, String output) {
    double number(String key) {
      return figures.path(key).asDouble();
    }

    long outputChecksum() {
      CRC32C checksum = new CRC32C();
      checksum.update(output.getBytes(StandardCharsets.ISO_8859_1));
      return checksum.getValue();
    }

    /** The number behind {@code word} at the beginning of a line of the output. */
    double printed(String word) {
      return output
          .lines()
          .filter(line -> line.startsWith(word + " "))
          .mapToDouble(line -> Double.parseDouble(line.substring(word.length() + 1)))
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("it did not print " + word));
    }
  }

  /**
   * Runs a program to its end.
   *
   * @param settings fields of a process specification that are not at their default
   * @throws IllegalStateException when it ends with another exit code than 0
   */
  Run run(Path program, List<String> arguments, Map<String, ?> settings) throws IOException {
    return awaitEnd(start(program, arguments, settings));
  }

  /** Starts a program; its number. */
  long start(Path program, List<String> arguments, Map<String, ?> settings) throws IOException {
    byte[] module = Files.readAllBytes(program);
    String digest = sha256(module);
    if (!manager.holdsProgram(digest)) {
      manager.putProgram(digest, module);
    }
    Map<String, Object> spec = new HashMap<>();
    String name = program.getFileName().toString();
    List<String> words = new ArrayList<>(List.of(name));
    words.addAll(arguments);
    spec.put("name", name);
    spec.put("program_digest", digest);
    spec.put("args", words);
    spec.put("environment", Map.of());
    spec.put("directories", List.of());
    spec.put("tenant", "default");
    spec.put("owner", "bench");
    spec.put("ack", "none");
    spec.put("prefetch", "leap");
    spec.put("evict", "clock");
    spec.put("safety", "default");
    spec.put("strict", false);
    spec.put("detached", true);
    spec.putAll(settings);
    return manager.start(spec).process();
  }

  /**
   * Waits for the end of a program.
   *
   * @throws IllegalStateException when it ends with another exit code than 0
   */
  Run awaitEnd(long process) {
    JsonNode end = figures(process);
    String output = new String(output(process), StandardCharsets.ISO_8859_1);
    if (end.path("exit_code").asInt(-1) != 0) {
      throw new IllegalStateException("process " + process + " ended with " + end);
    }
    return new Run(end, output);
  }

  /** Waits for the end of a program that may say by its exit code 1 that it found something. */
  Run awaitResult(long process) {
    JsonNode end = figures(process);
    String output = new String(output(process), StandardCharsets.ISO_8859_1);
    int exitCode = end.path("exit_code").asInt(-1);
    if (exitCode != 0 && exitCode != 1) {
      throw new IllegalStateException("process " + process + " ended with " + end);
    }
    return new Run(end, output);
  }

  /** What it has written so far, the first part of it. */
  String written(long process) {
    return new String(
        manager.output(process, 0, Duration.ZERO).bytes(), StandardCharsets.ISO_8859_1);
  }

  void stop(long process) {
    manager.stop(process);
  }

  /** How it ended; waits for that. */
  JsonNode figures(long process) {
    long deadlineNs = System.nanoTime() + Duration.ofSeconds(MOST_SECONDS_A_RUN).toNanos();
    JsonNode end = manager.awaitEnd(process, WAIT);
    while (end == null) {
      if (System.nanoTime() - deadlineNs > 0) {
        manager.stop(process);
        throw new IllegalStateException(
            "process " + process + " ran for over " + MOST_SECONDS_A_RUN + " s");
      }
      end = manager.awaitEnd(process, WAIT);
    }
    return end;
  }

  private byte[] output(long process) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    long offset = 0;
    while (true) {
      ProcessOutput part = manager.output(process, offset, Duration.ZERO);
      all.writeBytes(part.bytes());
      offset = part.nextOffset();
      if (part.ended() && part.bytes().length == 0) {
        return all.toByteArray();
      }
    }
  }

  private static String sha256(byte[] octets) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
