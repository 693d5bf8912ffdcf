package org.splitrack.fabric.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.types.Password;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.splitrack.fabric.transport.TlsFiles;

class BrokerAccessTest {
  @TempDir private Path folder;

  @Test
  void shouldTakeWhatTheFileSaysUnlessItsUseDemandsOtherwise() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("client.properties"),
            "security.protocol=SASL_SSL\nacks=0\nbootstrap.servers=elsewhere:1\n");

    BrokerAccess access =
        new BrokerAccess("a:9092,b:9094", new BrokerSecurity.PropertiesFile(file));
    assertThat(access.settings(Map.of("acks", "all")))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "security.protocol", "SASL_SSL",
                "acks", "all",
                "bootstrap.servers", "a:9092,b:9094"));
  }

  @Test
  void shouldSayWhichFileCannotBeRead() {
    Path missing = folder.resolve("missing");

    for (BrokerSecurity security :
        List.of(
            new BrokerSecurity.PropertiesFile(missing),
            new BrokerSecurity.RackTls(new TlsFiles(missing, missing, missing)))) {
      assertThatThrownBy(() -> new BrokerAccess("a:9092", security).settings(Map.of()))
          .isInstanceOf(KafkaException.class)
          .hasMessageContaining("cannot read " + missing);
    }
  }

  @Test
  void shouldShowItsOwnCertificateAndTakeOnlyThoseOfTheRackAndPrintNoKey() throws IOException {
    TlsFiles files =
        new TlsFiles(
            Files.writeString(folder.resolve("ca.crt"), "the authority"),
            Files.writeString(folder.resolve("own.crt"), "the certificate"),
            Files.writeString(folder.resolve("own.key"), "the key"));

    Map<String, Object> settings =
        new BrokerAccess("a:9092", new BrokerSecurity.RackTls(files)).settings(Map.of());

    assertThat(settings)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "security.protocol", "SSL",
                "ssl.enabled.protocols", "TLSv1.3",
                "ssl.truststore.type", "PEM",
                "ssl.truststore.certificates", new Password("the authority"),
                "ssl.keystore.type", "PEM",
                "ssl.keystore.certificate.chain", new Password("the certificate"),
                "ssl.keystore.key", new Password("the key"),
                "bootstrap.servers", "a:9092"));
    assertThat(settings.toString()).doesNotContain("the key");
  }
}
