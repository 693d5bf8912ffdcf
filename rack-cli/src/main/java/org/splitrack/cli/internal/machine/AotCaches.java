package org.splitrack.cli.internal.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.splitrack.cli.internal.Progress;
import org.splitrack.cli.internal.RackFailure;

/**
 * AOT caches (JEP 483, 514): classes loaded and linked by a training run, so that a start takes a
 * third of the time. One a class path, made at the first start after a build; a rack also starts
 * without them.
 */
final class AotCaches {
  /** Training and assembling keep a core busy. */
  private static final int AT_ONCE = 2;

  private static final Duration MOST_TRAINING = Duration.ofMinutes(2);

  private final Path folder;
  private final Progress progress;

  AotCaches(Installation installation, Progress progress) {
    this.folder = installation.made().resolve("aot");
    this.progress = progress;
  }

  /** One training run. */
  interface Training {
    String module();

    /** What the cache depends on, apart from the JDK. */
    String key();

    /**
     * Starts the program with {@code option} among its JVM options, in {@code folder}; it ends by
     * itself, or this ends it.
     */
    void run(String option, Path folder, Path log, Duration atMost)
        throws IOException, InterruptedException;
  }

  /** The JVM option that uses the cache, when there is one. */
  List<String> option(Training training) {
    Path cache = cacheOf(training);
    return Files.exists(cache) ? List.of("-XX:AOTCache=" + cache) : List.of();
  }

  private Path cacheOf(Training training) {
    String key =
        Installation.digest(
            (training.key() + System.getProperty("java.vm.version") + Installation.java())
                .getBytes(java.nio.charset.StandardCharsets.UTF_8));
    return folder.resolve(training.module() + "-" + key + ".aot");
  }

  /** Makes those that are missing. One that cannot be made is said and done without. */
  void make(List<? extends Training> trainings) {
    List<? extends Training> missing =
        trainings.stream().filter(t -> !Files.exists(cacheOf(t)) && !failedBefore(t)).toList();
    if (missing.isEmpty()) {
      return;
    }
    progress.say("making start-up caches, once per build: " + missing.size());
    try (ExecutorService workers = Executors.newFixedThreadPool(AT_ONCE)) {
      List<Future<Optional<String>>> running = new ArrayList<>();
      for (Training training : missing) {
        running.add(workers.submit(() -> train(training)));
      }
      for (Future<Optional<String>> training : running) {
        training.get().ifPresent(progress::say);
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A note instead of a cache: the training of this very content failed, and would again. */
  private boolean failedBefore(Training training) {
    return Files.exists(noteOf(training));
  }

  private Path noteOf(Training training) {
    return Path.of(cacheOf(training) + ".failed");
  }

  private Optional<String> train(Training training) throws InterruptedException {
    Path scratch = null;
    try {
      Files.createDirectories(folder);
      scratch = Files.createTempDirectory(folder, "training-");
      Path log = folder.resolve(training.module() + ".log");
      Path fresh = scratch.resolve("fresh.aot");
      training.run("-XX:AOTCacheOutput=" + fresh, scratch, log, MOST_TRAINING);
      if (!Files.exists(fresh)) {
        Files.writeString(noteOf(training), "see " + log + "\n");
        return Optional.of(
            "%s starts without a cache, more slowly: %s (see %s)"
                .formatted(training.module(), StateDirectory.lastWords(log), log));
      }
      Files.move(fresh, cacheOf(training), StandardCopyOption.ATOMIC_MOVE);
      Installation.prune(folder, training.module() + "-");
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(
          "%s starts without a cache, more slowly: %s"
              .formatted(training.module(), RackFailure.reason(e)));
    } finally {
      if (scratch != null) {
        new StateDirectory(scratch).delete();
      }
    }
  }
}
