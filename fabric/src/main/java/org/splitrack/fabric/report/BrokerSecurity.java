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
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.config.types.Password;
import org.splitrack.fabric.transport.TlsFiles;

/** How Kafka and its clients know one another. Files are read at every connection. */
public sealed interface BrokerSecurity {
  /** Not at all, and in clear. */
  record None() implements BrokerSecurity {}

  /**
   * As somebody else's broker wants it: a password or a file that has changed needs no restart.
   *
   * @param file settings of all clients, such as those of TLS and SASL
   */
  record PropertiesFile(Path file) implements BrokerSecurity {}

  /**
   * By certificates of the rack's own authority. The broker's has to name the host by which it is
   * reached: the role in it is looked at by the broker alone.
   */
  record RackTls(TlsFiles files) implements BrokerSecurity {}

  /**
   * What a client is configured with for it.
   *
   * @throws KafkaException in one line when a file cannot be read
   */
  default Map<String, Object> settings() {
    return switch (this) {
      case None _ -> Map.of();
      case PropertiesFile properties -> inFile(properties.file());
      case RackTls tls -> rackTls(tls.files());
    };
  }

  private static Map<String, Object> rackTls(TlsFiles files) {
    return Map.of(
        CommonClientConfigs.SECURITY_PROTOCOL_CONFIG,
        "SSL",
        SslConfigs.SSL_ENABLED_PROTOCOLS_CONFIG,
        "TLSv1.3",
        SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG,
        "PEM",
        SslConfigs.SSL_TRUSTSTORE_CERTIFICATES_CONFIG,
        pem(files.authority()),
        SslConfigs.SSL_KEYSTORE_TYPE_CONFIG,
        "PEM",
        SslConfigs.SSL_KEYSTORE_CERTIFICATE_CHAIN_CONFIG,
        pem(files.certificate()),
        SslConfigs.SSL_KEYSTORE_KEY_CONFIG,
        pem(files.key()));
  }

  /** As a password, which Kafka never prints. */
  private static Password pem(Path file) {
    try {
      return new Password(Files.readString(file));
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static Map<String, Object> inFile(Path file) {
    Properties properties = new Properties();
    try (Reader text = Files.newBufferedReader(file)) {
      properties.load(text);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    Map<String, Object> settings = new HashMap<>();
    properties.forEach((key, value) -> settings.put(key.toString(), value));
    return settings;
  }

  private static KafkaException unreadable(Path file, IOException e) {
    return new KafkaException("cannot read " + file + ": " + e.getMessage(), e);
  }
}
