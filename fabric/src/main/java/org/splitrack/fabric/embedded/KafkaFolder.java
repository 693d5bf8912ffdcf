package org.splitrack.fabric.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * Configuration and log of a Kafka server that is its own controller (KRaft), on loopback.
 *
 * @param folder holds {@code server.properties} and {@code log}
 */
public record KafkaFolder(Path folder) {
  private static final int NODE = 1;

  /**
   * Writes the configuration, and formats the log unless it is formatted. The ports may differ from
   * one start to the next; the log stays valid.
   *
   * @param settings more of server.properties; they win
   */
  public void prepare(int port, int controllerPort, Map<String, String> settings)
      throws IOException {
    Path log = folder.resolve("log");
    Files.createDirectories(log);
    if (!Files.exists(log.resolve("meta.properties"))) {
      format(log);
    }
    var all = new TreeMap<String, String>();
    all.put("process.roles", "broker,controller");
    all.put("node.id", Integer.toString(NODE));
    all.put("controller.quorum.voters", NODE + "@127.0.0.1:" + controllerPort);
    all.put("controller.listener.names", "CONTROLLER");
    all.put(
        "listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
    all.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
    all.put("log.dirs", log.toString());
    all.put("auto.create.topics.enable", "false");
    // A server that was killed may not register again before its old session is over.
    all.put("broker.session.timeout.ms", "2000");
    all.put("broker.heartbeat.interval.ms", "500");
    all.put("offsets.topic.replication.factor", "1");
    all.put("offsets.topic.num.partitions", "1");
    all.put("transaction.state.log.replication.factor", "1");
    all.put("transaction.state.log.min.isr", "1");
    all.put("transaction.state.log.num.partitions", "1");
    all.put("num.network.threads", "2");
    all.put("num.io.threads", "2");
    all.put("background.threads", "2");
    all.put("group.initial.rebalance.delay.ms", "0");
    all.putAll(settings);
    Files.writeString(
        configuration(),
        all.entrySet().stream()
            .map(setting -> setting.getKey() + "=" + setting.getValue() + "\n")
            .collect(Collectors.joining()));
  }

  /** The command that serves this folder until it gets SIGTERM. */
  public List<String> serverCommand(Path java, String classPath, List<String> jvmOptions) {
    var command = new ArrayList<String>();
    command.add(java.toString());
    command.addAll(jvmOptions);
    command.addAll(List.of("-cp", classPath, "kafka.Kafka", configuration().toString()));
    return List.copyOf(command);
  }

  private Path configuration() {
    return folder.resolve("server.properties");
  }

  private static void format(Path log) throws IOException {
    try (var nowhere = new PrintStream(OutputStream.nullOutputStream())) {
      new Formatter()
          .setPrintStream(nowhere)
          .setNodeId(NODE)
          .setClusterId(Uuid.randomUuid().toString())
          .setControllerListenerName("CONTROLLER")
          .setMetadataLogDirectory(log.toString())
          .addDirectory(log.toString())
          .run();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("cannot format " + log + " for Kafka: " + e.getMessage(), e);
    }
  }
}
