package org.splitrack.cli.internal.machine;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.embedded.KafkaFolder;

/**
 * Kafka's own server, broker and controller in one process, on loopback only, with bounded topics
 * in a folder that outlives it.
 */
final class KafkaBroker {
  static final ComponentId ID = new ComponentId(Role.KAFKA, 0);

  private static final List<String> JVM_OPTIONS =
      List.of("-Xms48m", "-Xmx224m", "-XX:TieredStopAtLevel=1");

  private static final Map<String, String> SETTINGS =
      Map.of(
          // A broker that was killed comes back as soon as its last session has run out.
          "broker.session.timeout.ms", "3000",
          "broker.heartbeat.interval.ms", "500",
          // Bounds: of a topic, a segment, the metadata log, and the cleaner's memory.
          "log.retention.bytes", "67108864",
          "log.segment.bytes", "16777216",
          "metadata.max.retention.bytes", "16777216",
          "log.cleaner.threads", "1",
          "log.cleaner.dedupe.buffer.size", "4194304",
          "log.cleaner.io.buffer.size", "131072");

  private final Installation.ClassPath classPath;
  private final Path data;
  private final Path log;
  private final RackFile.KafkaPorts ports;

  KafkaBroker(Installation.ClassPath classPath, Path data, Path log, RackFile.KafkaPorts ports) {
    this.classPath = classPath;
    this.data = data;
    this.log = log;
    this.ports = ports;
  }

  /** Formats the folder at the first start, and writes the configuration at each. */
  ComponentLaunch prepare(List<String> aotOption) {
    writeFiles();
    return new ComponentLaunch(
        ID,
        command(aotOption),
        StateDirectory.plainEnvironment(),
        data,
        Path.of(log + ".out"),
        log,
        0,
        0,
        this::ready);
  }

  private List<String> command(List<String> aotOption) {
    List<String> options = new ArrayList<>(ServiceProgram.COMMON_OPTIONS);
    options.addAll(JVM_OPTIONS);
    options.addAll(aotOption);
    options.add("-Djava.util.logging.config.file=" + data.resolve("logging.properties"));
    return new KafkaFolder(data).serverCommand(Installation.java(), classPath.argument(), options);
  }

  private void writeFiles() {
    try {
      new KafkaFolder(data).prepare(ports.port(), ports.controllerPort(), SETTINGS);
      Files.writeString(data.resolve("logging.properties"), logging());
    } catch (IOException e) {
      throw RackFailure.failed("cannot prepare Kafka: " + RackFailure.reason(e));
    }
  }

  private String logging() {
    return """
    .level=WARNING
    handlers=java.util.logging.FileHandler
    java.util.logging.FileHandler.pattern=%s
    java.util.logging.FileHandler.append=true
    java.util.logging.FileHandler.limit=4194304
    java.util.logging.FileHandler.count=1
    java.util.logging.FileHandler.formatter=java.util.logging.SimpleFormatter
    java.util.logging.SimpleFormatter.format=%%1$tFT%%1$tT.%%1$tL %%4$s %%3$s: %%5$s%%6$s%%n
    kafka.server.KafkaRaftServer.level=INFO
    """
        .formatted(log);
  }

  /** Asks which versions it speaks: the first request that any client sends. */
  private boolean ready() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), ports.port()), 200);
      socket.setSoTimeout(1_000);
      DataOutputStream request = new DataOutputStream(socket.getOutputStream());
      int correlation = 7;
      request.writeInt(10);
      request.writeShort(18);
      request.writeShort(0);
      request.writeInt(correlation);
      request.writeShort(-1);
      request.flush();
      DataInputStream answer = new DataInputStream(socket.getInputStream());
      return answer.readInt() > 6 && answer.readInt() == correlation && answer.readShort() == 0;
    } catch (IOException notYet) {
      return false;
    }
  }

  /** A training run: a start on a folder of its own, and an orderly end. */
  static AotCaches.Training training(Installation.ClassPath classPath) {
    return new AotCaches.Training() {
      @Override
      public String module() {
        return classPath.module();
      }

      @Override
      public String key() {
        return classPath.digest() + ServiceProgram.COMMON_OPTIONS + JVM_OPTIONS;
      }

      @Override
      public void run(String option, Path folder, Path log, Duration atMost)
          throws IOException, InterruptedException {
        try (FreePorts free = FreePorts.take()) {
          KafkaBroker broker =
              new KafkaBroker(
                  classPath,
                  folder.resolve("kafka"),
                  log,
                  new RackFile.KafkaPorts(free.next(), free.next()));
          broker.writeFiles();
          Process process =
              new ProcessBuilder(broker.command(List.of(option)))
                  .redirectErrorStream(true)
                  .redirectOutput(log.toFile())
                  .start();
          try {
            long endNs = System.nanoTime() + atMost.toNanos();
            while (process.isAlive() && !broker.ready() && System.nanoTime() - endNs < 0) {
              Thread.sleep(100);
            }
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
