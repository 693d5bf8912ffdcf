package org.splitrack.cli.internal.machine;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.transport.TlsFiles;

/** Starts the Spring Boot services of one rack, configured through their environment. */
final class ServiceLauncher {
  private static final int PROBE_TIMEOUT_MS = 1_000;
  private static final int POLL_MS = 100;

  /** Heap of an mComponent without what it keeps of each page that it may hold. */
  private static final long MEMORY_MONITOR_BYTES = 96L << 20;

  /** Its frame and version, and its frame in a free list that doubles as it grows. */
  private static final int HEAP_BYTES_A_PAGE = 32;

  /** How long a service in training looks for its manager, broker and database. */
  private static final int LOOKING_MS = 2_000;

  /** The manager's, which are passed on to it. */
  private static final String LIMITS = "SPLITRACK_LIMITS_";

  private final StateDirectory state;
  private final RackFile rack;

  ServiceLauncher(StateDirectory state, RackFile rack) {
    this.state = state;
    this.rack = rack;
  }

  /**
   * What all services of a role share.
   *
   * @param training makes the AOT cache of this class path
   */
  record Kind(Role role, Installation.ClassPath classPath, AotCaches.Training training) {}

  Kind kind(Role role, Installation installation) {
    Installation.ClassPath classPath = installation.classPath(ServiceProgram.of(role).module());
    return new Kind(role, classPath, training(role, classPath));
  }

  ComponentLaunch launch(
      ComponentId id, Kind kind, List<String> aotOption, int fabricPort, int httpPort) {
    String name = id.toString();
    Path data = state.data(name);
    Path log = state.log(name);
    List<String> options = new ArrayList<>(aotOption);
    if (id.role() == Role.MCOMPONENT) {
      options.add("-Xmx" + memoryMonitorHeapBytes(rack.counts().memoryLimit()));
    }
    return new ComponentLaunch(
        id,
        command(ServiceProgram.of(id.role()), kind.classPath(), options),
        environment(id, data, log, fabricPort, httpPort),
        data,
        Path.of(log + ".out"),
        log,
        fabricPort,
        httpPort,
        () -> answersReady(httpPort));
  }

  /** Pages lie outside the heap, but what is known of each does not. */
  static long memoryMonitorHeapBytes(long memoryLimitBytes) {
    return MEMORY_MONITOR_BYTES + memoryLimitBytes / PageGeometry.PAGE_BYTES * HEAP_BYTES_A_PAGE;
  }

  private static List<String> command(
      ServiceProgram program, Installation.ClassPath classPath, List<String> more) {
    List<String> command = new ArrayList<>(List.of(Installation.java().toString()));
    command.addAll(program.jvmOptions());
    command.addAll(more);
    command.addAll(List.of("-cp", classPath.argument(), program.mainClass()));
    return command;
  }

  private Map<String, String> environment(
      ComponentId id, Path data, Path log, int fabricPort, int httpPort) {
    Map<String, String> environment = StateDirectory.plainEnvironment();
    environment.put("SPLITRACK_COMPONENT", id.toString());
    environment.put("SPLITRACK_RACK_ID", rack.rackId().toString());
    environment.put("SPLITRACK_SECRET_FILE", state.secrets().rack().toString());
    environment.put("SPLITRACK_BIND", "127.0.0.1");
    environment.put("SPLITRACK_PORT", Integer.toString(fabricPort));
    environment.put("SPLITRACK_MANAGER", rack.manager().fabric().toString());
    environment.put("SPLITRACK_KAFKA", "127.0.0.1:" + rack.kafka().port());
    environment.put("SPLITRACK_DATA_DIR", data.toString());
    environment.put("SPLITRACK_NODE", node());
    if (rack.usesTls()) {
      TlsFiles tls = state.certificates().of(id.role());
      environment.put("SPLITRACK_TLS_AUTHORITY_FILE", tls.authority().toString());
      environment.put("SPLITRACK_TLS_CERTIFICATE_FILE", tls.certificate().toString());
      environment.put("SPLITRACK_TLS_KEY_FILE", tls.key().toString());
    }
    environment.put("SERVER_ADDRESS", "127.0.0.1");
    environment.put("SERVER_PORT", Integer.toString(httpPort));
    environment.put("SPRING_MAIN_BANNER_MODE", "off");
    environment.put("LOGGING_FILE_NAME", log.toString());
    environment.put("LOGGING_THRESHOLD_CONSOLE", "off");
    environment.put("LOGGING_LOGBACK_ROLLINGPOLICY_MAX_FILE_SIZE", "4MB");
    environment.put("LOGGING_LOGBACK_ROLLINGPOLICY_MAX_HISTORY", "2");
    environment.put("LOGGING_LOGBACK_ROLLINGPOLICY_TOTAL_SIZE_CAP", "12MB");
    switch (id.role()) {
      case MCOMPONENT ->
          environment.put("SPLITRACK_MEMORY_LIMIT", Long.toString(rack.counts().memoryLimit()));
      case GLOBAL_MANAGER -> {
        postgres(environment, "rack_manager");
        if (rack.usesTls()) {
          // Whoever asks after its health has no certificate.
          environment.put("SERVER_PORT", Integer.toString(rack.manager().http().port()));
          environment.put("MANAGEMENT_SERVER_PORT", Integer.toString(httpPort));
          environment.put("MANAGEMENT_SERVER_ADDRESS", "127.0.0.1");
        }
        environment.put(
            "SPLITRACK_OPERATOR_TOKEN_FILE", state.secrets().operatorToken().toString());
        System.getenv()
            .forEach(
                (name, value) -> {
                  if (name.startsWith(LIMITS)) {
                    environment.put(name, value);
                  }
                });
      }
      case TABLE_SERVICE -> postgres(environment, "rack_tables");
      case PCOMPONENT, SCOMPONENT, POSTGRES, KAFKA, CLI -> {}
    }
    return environment;
  }

  private void postgres(Map<String, String> environment, String role) {
    environment.put("SPLITRACK_POSTGRES_URL", rack.jdbcUrl());
    environment.put("SPLITRACK_POSTGRES_USER", role);
    environment.put(
        "SPLITRACK_POSTGRES_PASSWORD_FILE",
        PostgresServer.password(state.secrets(), role).toString());
  }

  private static String node() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      return "localhost";
    }
  }

  private static boolean answersReady(int httpPort) {
    return health(httpPort, "readiness") == HttpURLConnection.HTTP_OK;
  }

  private static boolean answers(int httpPort) {
    return health(httpPort, "liveness") > 0;
  }

  /** The status of an answer, or -1 when there is none. */
  private static int health(int httpPort, String group) {
    try {
      HttpURLConnection probe =
          (HttpURLConnection)
              URI.create("http://127.0.0.1:" + httpPort + "/actuator/health/" + group)
                  .toURL()
                  .openConnection();
      probe.setConnectTimeout(PROBE_TIMEOUT_MS);
      probe.setReadTimeout(PROBE_TIMEOUT_MS);
      try {
        return probe.getResponseCode();
      } finally {
        probe.disconnect();
      }
    } catch (IOException notYet) {
      return -1;
    }
  }

  /**
   * A training run: the service starts, with no manager, broker or database to reach, and ends in
   * order. What it loads to serve and to look for them is as much as Spring's context.
   */
  private AotCaches.Training training(Role role, Installation.ClassPath classPath) {
    ServiceProgram program = ServiceProgram.of(role);
    return new AotCaches.Training() {
      @Override
      public String module() {
        return program.module();
      }

      @Override
      public String key() {
        return classPath.digest() + program.jvmOptions();
      }

      @Override
      public void run(String option, Path folder, Path log, Duration atMost)
          throws IOException, InterruptedException {
        try (FreePorts free = FreePorts.take()) {
          int httpPort = free.next();
          ProcessBuilder builder =
              new ProcessBuilder(command(program, classPath, List.of(option)))
                  .directory(folder.toFile())
                  .redirectErrorStream(true)
                  .redirectOutput(log.toFile());
          builder.environment().clear();
          builder
              .environment()
              .putAll(
                  environment(
                      new ComponentId(role, 0),
                      folder,
                      folder.resolve("log"),
                      free.next(),
                      httpPort));
          builder.environment().remove("LOGGING_THRESHOLD_CONSOLE");
          builder.environment().remove("LOGGING_FILE_NAME");
          Process process = builder.start();
          try {
            long endNs = System.nanoTime() + atMost.toNanos();
            while (process.isAlive() && !answers(httpPort) && System.nanoTime() - endNs < 0) {
              Thread.sleep(POLL_MS);
            }
            process.waitFor(LOOKING_MS, TimeUnit.MILLISECONDS);
            process.destroy();
            process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS);
          } finally {
            process.destroyForcibly();
          }
        }
      }
    };
  }
}
