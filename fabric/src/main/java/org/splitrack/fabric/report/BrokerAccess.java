package org.splitrack.fabric.report;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.KafkaException;

/**
 * How Kafka is reached.
 *
 * @param servers {@code host:port}, or several with commas between them
 * @param security what its clients show, and what they check
 */
public record BrokerAccess(String servers, BrokerSecurity security) {
  /** Without TLS and password. */
  public static BrokerAccess plain(Object servers) {
    return new BrokerAccess(servers.toString(), new BrokerSecurity.None());
  }

  /**
   * What a client is configured with.
   *
   * @param own what its use demands; wins over what its security says
   * @throws KafkaException in one line when a file cannot be read
   */
  public Map<String, Object> settings(Map<String, Object> own) {
    Map<String, Object> settings = new HashMap<>(security.settings());
    settings.putAll(own);
    settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, servers);
    return settings;
  }
}
