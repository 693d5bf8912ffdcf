package org.splitrack.fabric.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.report.BrokerAccess;
import org.splitrack.fabric.report.BrokerSecurity;
import org.splitrack.fabric.transport.LinkProfile;
import org.splitrack.fabric.transport.TlsFiles;

class ComponentSettingsTest {
  private final Map<String, String> properties =
      new HashMap<>(
          Map.of(
              "splitrack.component", "mcomponent-0",
              "splitrack.rack-id", "00000000000000ff",
              "splitrack.secret-file", "/rack/secret",
              "splitrack.data-dir", "/rack/data"));

  @Test
  void shouldFillInWhatMayBeLeftOut() {
    ComponentSettings settings = ComponentSettings.read(properties::get);

    assertThat(settings.component()).hasToString("mcomponent-0");
    assertThat(settings.bind()).isEqualTo("127.0.0.1");
    assertThat(settings.memoryLimitBytes()).isEqualTo(1L << 30);
    assertThat(settings.manager()).isNull();
    assertThat(settings.link()).isEqualTo(LinkProfile.PLAIN);
  }

  @Test
  void shouldReadEndpointsAndSizes() {
    properties.put("splitrack.manager", "localhost:4711");
    properties.put("splitrack.memory-limit", "3221225472");

    ComponentSettings settings = ComponentSettings.read(properties::get);

    assertThat(settings.manager()).isEqualTo(new Endpoint("localhost", 4711));
    assertThat(settings.memoryLimitBytes()).isEqualTo(3L << 30);
  }

  @Test
  void shouldAdvertiseWhatItListensOnUnlessToldOtherwise() {
    properties.put("splitrack.bind", "0.0.0.0");

    assertThat(ComponentSettings.read(properties::get).advertised(7000))
        .isEqualTo(new Endpoint("0.0.0.0", 7000));

    properties.put("splitrack.advertise", "10.1.2.3");
    assertThat(ComponentSettings.read(properties::get).advertised(7000))
        .isEqualTo(new Endpoint("10.1.2.3", 7000));
  }

  @Test
  void shouldTakeSeveralBrokersAndTheFileOfTheirClients() {
    properties.put("splitrack.kafka", "a:9092,b:9094");
    properties.put("splitrack.kafka-properties-file", "/kafka/client.properties");

    assertThat(ComponentSettings.read(properties::get).kafka())
        .isEqualTo(
            new BrokerAccess(
                "a:9092,b:9094",
                new BrokerSecurity.PropertiesFile(Path.of("/kafka/client.properties"))));

    properties.put("splitrack.kafka", "a:9092,b");
    assertThatThrownBy(() -> ComponentSettings.read(properties::get))
        .hasMessage("splitrack.kafka = 'a:9092,b' is wrong: 'b' is not host:port");
  }

  @Test
  void shouldShowABrokerOfTheRackTheCertificateThatItShowsComponents() {
    properties.put("splitrack.kafka", "a:9092");
    properties.put("splitrack.kafka-mtls", "true");
    assertThatThrownBy(() -> ComponentSettings.read(properties::get))
        .hasMessageStartingWith("splitrack.kafka-mtls needs splitrack.tls-authority-file");

    properties.put("splitrack.tls-authority-file", "/rack/ca");
    properties.put("splitrack.tls-certificate-file", "/rack/crt");
    properties.put("splitrack.tls-key-file", "/rack/key");
    TlsFiles files = new TlsFiles(Path.of("/rack/ca"), Path.of("/rack/crt"), Path.of("/rack/key"));
    assertThat(ComponentSettings.read(properties::get).kafka())
        .isEqualTo(new BrokerAccess("a:9092", new BrokerSecurity.RackTls(files)));

    properties.put("splitrack.kafka-mtls", "false");
    assertThat(ComponentSettings.read(properties::get).kafka())
        .as("one of somebody else that asks for nothing")
        .isEqualTo(BrokerAccess.plain("a:9092"));
  }

  @Test
  void shouldNotGuessHowABrokerIsToBeSpokenWith() {
    properties.put("splitrack.kafka-mtls", "yes");
    assertThatThrownBy(() -> ComponentSettings.read(properties::get))
        .hasMessage("splitrack.kafka-mtls = 'yes' is wrong: not true or false");

    properties.put("splitrack.kafka-mtls", "true");
    properties.put("splitrack.kafka-properties-file", "/kafka/client.properties");
    assertThatThrownBy(() -> ComponentSettings.read(properties::get))
        .hasMessageEndingWith("set one or none");
  }

  @Test
  void shouldReadTheLinkToEmulate() {
    properties.put("splitrack.link-delay-us", "200");
    properties.put("splitrack.link-bytes-per-second", "5000000000");

    ComponentSettings settings = ComponentSettings.read(properties::get);

    assertThat(settings.link()).isEqualTo(new LinkProfile(200_000, 5_000_000_000L, false));
  }

  @Test
  void shouldTakeAllOfACertificateOrNothing() throws IOException {
    assertThat(ComponentSettings.read(properties::get).tls()).isNull();

    properties.put("splitrack.tls-authority-file", "/rack/ca");
    properties.put("splitrack.tls-key-file", "/rack/key");
    assertThatThrownBy(() -> ComponentSettings.read(properties::get))
        .hasMessageContaining("set all three or none");

    properties.put("splitrack.tls-certificate-file", "/rack/crt");
    ComponentSettings settings = ComponentSettings.read(properties::get);
    assertThatThrownBy(settings::links)
        .isInstanceOf(IOException.class)
        .hasMessage("the certificate or key /rack/ca cannot be read");
  }

  @Test
  void shouldNameWhatIsMissing() {
    properties.remove("splitrack.rack-id");

    assertThatThrownBy(() -> ComponentSettings.read(properties::get))
        .hasMessage("splitrack.rack-id is not set");
  }

  @Test
  void shouldNameWhatIsWrong() {
    properties.put("splitrack.port", "65536");
    assertThatThrownBy(() -> ComponentSettings.read(properties::get))
        .hasMessageContaining("splitrack.port = '65536' is wrong");

    properties.put("splitrack.port", "0");
    properties.put("splitrack.memory-limit", "0");
    assertThatThrownBy(() -> ComponentSettings.read(properties::get))
        .hasMessageContaining("splitrack.memory-limit = '0' is wrong");
  }
}
