package org.splitrack.fabric.testkit;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.embedded.KafkaFolder;

/**
 * A real Kafka server (KRaft) in a JVM of its own on a free port of loopback. Needs the Kafka
 * server on the test's class path.
 */
public final class EmbeddedKafka implements AutoCloseable {
  private static final String LOGGING = "org/splitrack/fabric/testkit/kafka-logback.xml";

  private final Path folder;
  private final int port;
  private final int controllerPort;
  private final ServerProcess server;

  private EmbeddedKafka(Path folder, int port, int controllerPort) {
    this.folder = folder;
    this.server = new ServerProcess(folder);
    this.port = port;
    this.controllerPort = controllerPort;
  }

  /** Starts one and waits until it answers. */
  public static EmbeddedKafka start() {
    try {
      var kafka =
          new EmbeddedKafka(
              Files.createTempDirectory("splitrack-kafka-"), FreePorts.next(), FreePorts.next());
      kafka.restart();
      return kafka;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts the server again after {@link #kill}: the same log on the same port. */
  public void restart() {
    var kafka = new KafkaFolder(folder);
    try {
      kafka.prepare(port, controllerPort, Map.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.start(
        new ProcessBuilder(
                kafka.serverCommand(
                    Path.of(System.getProperty("java.home"), "bin", "java"),
                    System.getProperty("java.class.path"),
                    List.of(
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dlogback.configurationFile=" + LOGGING)))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("out").toFile())));
    await("Kafka of " + folder)
        .atMost(Duration.ofMinutes(1))
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptions()
        .until(
            () -> {
              new Socket(InetAddress.getLoopbackAddress(), port).close();
              return true;
            });
  }

  /** Ends the server as SIGKILL does; its log stays. */
  public void kill() {
    server.kill();
  }

  /** Where producers and consumers connect. */
  public Endpoint endpoint() {
    return new Endpoint("127.0.0.1", port);
  }

  @Override
  public void close() {
    server.close();
  }
}
