package org.splitrack.fabric.report;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * How Kafka is reached.
 *
 * @param servers {@code host:port}, or several with commas between them
 * @param propertiesFile settings of all clients, such as those of TLS and SASL; read at every
 *     connection, so that a new password needs no restart
 */
public record BrokerAccess(String servers, @Nullable Path propertiesFile) {
  /** Without TLS and password. */
  public static BrokerAccess plain(Object servers) {
    return new BrokerAccess(servers.toString(), null);
  }

  /**
   * What a client is configured with.
   *
   * @param own what its use demands; wins over the file
   * @throws KafkaException in one line when the file cannot be read
   */
  public Map<String, Object> settings(Map<String, Object> own) {
    Map<String, Object> settings = new HashMap<>();
    if (propertiesFile != null) {
      Properties properties = new Properties();
      try (Reader text = Files.newBufferedReader(propertiesFile)) {
        properties.load(text);
      } catch (IOException e) {
        throw new KafkaException("cannot read " + propertiesFile + ": " + e.getMessage(), e);
      }
      properties.forEach((key, value) -> settings.put(key.toString(), value));
    }
    settings.putAll(own);
    settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, servers);
    return settings;
  }
}
