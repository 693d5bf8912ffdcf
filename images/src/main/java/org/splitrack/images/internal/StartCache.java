package org.splitrack.images.internal;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.splitrack.cli.internal.machine.FreePorts;
import org.splitrack.cli.internal.machine.RackCounts;
import org.splitrack.cli.internal.machine.ServiceProgram;
import org.splitrack.fabric.ComponentId;

/**
 * AOT caches (JEP 483, 514) for images: the service is started once with the image's own Java and
 * with the jars as the image has them, and ended in order. It finds no manager, broker or database,
 * but what it loads to look for them is most of what it ever loads.
 */
final class StartCache {
  /** Jib's modification time of all files; the JVM compares it. */
  private static final FileTime TIME_IN_IMAGES = FileTime.from(Instant.ofEpochSecond(1));

  private static final long MOST_START_NS = TimeUnit.SECONDS.toNanos(120);
  private static final int LOOKING_MS = 2_000;
  private static final int MOST_ASSEMBLING_S = 120;
  private static final int POLL_MS = 100;
  private static final int PROBE_TIMEOUT_MS = 1_000;

  private final JavaOfBase java;
  private final Path kept;

  /**
   * @param kept where caches stay until the next build
   */
  StartCache(JavaOfBase java, Path kept) {
    this.java = java;
    this.kept = kept;
  }

  /**
   * The cache of this image; made unless it is there.
   *
   * @return empty when the training made none; the log beside it says why
   */
  Optional<Path> of(ServiceImage image) throws IOException, InterruptedException {
    Files.createDirectories(kept);
    String module = image.program().module();
    Path cache = kept.resolve(module + "-" + key(image) + ".aot");
    if (Files.exists(cache)) {
      return Optional.of(cache);
    }
    Path scratch = Files.createTempDirectory(kept, module + "-training-");
    try {
      Path fresh = scratch.resolve("start.aot");
      train(image, scratch, fresh, kept.resolve(module + ".log"));
      if (!Files.exists(fresh)) {
        return Optional.empty();
      }
      try (Stream<Path> others = Files.list(kept)) {
        for (Path old : others.filter(f -> isCacheOf(module, f)).toList()) {
          Files.delete(old);
        }
      }
      return Optional.of(Files.move(fresh, cache, StandardCopyOption.ATOMIC_MOVE));
    } finally {
      Scratch.delete(scratch);
    }
  }

  private static boolean isCacheOf(String module, Path file) {
    String name = file.getFileName().toString();
    return name.startsWith(module + "-") && name.endsWith(".aot");
  }

  private String key(ServiceImage image) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(java.version().getBytes(StandardCharsets.UTF_8));
      digest.update(image.program().toString().getBytes(StandardCharsets.UTF_8));
      // Our jars carry their digest, libraries their version.
      digest.update(image.jars().toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void train(ServiceImage image, Path scratch, Path fresh, Path log)
      throws IOException, InterruptedException {
    Path lib = Files.createDirectory(scratch.resolve("lib"));
    for (Path jar : image.jars()) {
      Path copy = Files.copy(jar, lib.resolve(jar.getFileName()));
      Files.setLastModifiedTime(copy, TIME_IN_IMAGES);
    }
    Path secret =
        Files.writeString(scratch.resolve("secret"), "00112233445566778899aabbccddeeff\n");
    List<String> command = new ArrayList<>(List.of(java.java().toString()));
    command.addAll(image.program().jvmOptions());
    command.add("-XX:AOTCacheOutput=" + fresh);
    command.addAll(List.of("-cp", image.classPathIn(lib.toString()), image.program().mainClass()));
    try (FreePorts free = FreePorts.take()) {
      int port = free.next();
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(scratch.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      builder.environment().clear();
      builder.environment().putAll(environment(image, scratch, secret, free.next(), port));
      Process process = builder.start();
      try {
        long beginNs = System.nanoTime();
        while (process.isAlive() && !answers(port) && System.nanoTime() - beginNs < MOST_START_NS) {
          Thread.sleep(POLL_MS);
        }
        process.waitFor(LOOKING_MS, TimeUnit.MILLISECONDS);
        process.destroy();
        process.waitFor(MOST_ASSEMBLING_S, TimeUnit.SECONDS);
      } finally {
        process.destroyForcibly();
      }
    }
  }

  private static Map<String, String> environment(
      ServiceImage image, Path scratch, Path secret, int fabricPort, int healthPort) {
    String nobody = "127.0.0.1:1";
    return Map.ofEntries(
        Map.entry("LC_ALL", "C.UTF-8"),
        Map.entry("SPLITRACK_COMPONENT", component(image)),
        Map.entry("SPLITRACK_RACK_ID", "0000000000000001"),
        Map.entry("SPLITRACK_SECRET_FILE", secret.toString()),
        Map.entry("SPLITRACK_OPERATOR_TOKEN_FILE", secret.toString()),
        Map.entry("SPLITRACK_POSTGRES_PASSWORD_FILE", secret.toString()),
        Map.entry("SPLITRACK_POSTGRES_URL", "jdbc:postgresql://" + nobody + "/splitrack"),
        Map.entry("SPLITRACK_POSTGRES_USER", "nobody"),
        Map.entry("SPLITRACK_BIND", "127.0.0.1"),
        Map.entry("SPLITRACK_PORT", Integer.toString(fabricPort)),
        Map.entry("SPLITRACK_MANAGER", nobody),
        Map.entry("SPLITRACK_KAFKA", nobody),
        Map.entry("SPLITRACK_DATA_DIR", scratch.toString()),
        Map.entry("SPLITRACK_MEMORY_LIMIT", Long.toString(64L << 20)),
        Map.entry("SPLITRACK_CACHE_BYTES", Long.toString(64L << 20)),
        Map.entry("SERVER_ADDRESS", "127.0.0.1"),
        Map.entry("SERVER_PORT", Integer.toString(healthPort)));
  }

  private static String component(ServiceImage image) {
    return RackCounts.SERVICES.stream()
        .filter(role -> ServiceProgram.of(role).equals(image.program()))
        .findFirst()
        .map(role -> new ComponentId(role, 0).toString())
        .orElseThrow();
  }

  private static boolean answers(int port) {
    try {
      HttpURLConnection probe =
          (HttpURLConnection)
              URI.create("http://127.0.0.1:" + port + "/actuator/health/liveness")
                  .toURL()
                  .openConnection();
      probe.setConnectTimeout(PROBE_TIMEOUT_MS);
      probe.setReadTimeout(PROBE_TIMEOUT_MS);
      try {
        return probe.getResponseCode() > 0;
      } finally {
        probe.disconnect();
      }
    } catch (IOException notYet) {
      return false;
    }
  }
}
