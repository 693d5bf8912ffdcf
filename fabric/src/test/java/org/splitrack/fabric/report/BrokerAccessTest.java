package org.splitrack.fabric.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerAccessTest {
  @TempDir private Path folder;

  @Test
  void shouldTakeWhatTheFileSaysUnlessItsUseDemandsOtherwise() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("client.properties"),
            "security.protocol=SASL_SSL\nacks=0\nbootstrap.servers=elsewhere:1\n");

    assertThat(new BrokerAccess("a:9092,b:9094", file).settings(Map.of("acks", "all")))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "security.protocol", "SASL_SSL",
                "acks", "all",
                "bootstrap.servers", "a:9092,b:9094"));
  }

  @Test
  void shouldSayWhichFileCannotBeRead() {
    Path missing = folder.resolve("missing");

    assertThatThrownBy(() -> new BrokerAccess("a:9092", missing).settings(Map.of()))
        .isInstanceOf(KafkaException.class)
        .hasMessageContaining("cannot read " + missing);
  }
}
