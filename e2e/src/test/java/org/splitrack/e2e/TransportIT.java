package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.splitrack.certificates.RackAuthority;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.MemoryCalls.ProbeRegions;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.HandshakeRefused;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.transport.TlsCredentials;
import org.splitrack.fabric.transport.TlsFiles;
import org.splitrack.fabric.transport.TlsTransport;
import org.splitrack.fabric.transport.Transport;
import org.splitrack.fabric.wire.Lane;
import tools.jackson.databind.JsonNode;

/** A rack whose components show each other certificates, and strangers who hold its secret. */
class TransportIT {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private static Rack rack;

  @BeforeAll
  static void start() {
    rack =
        Rack.up("--transport", "mtls", "--processors", "1", "--memories", "2", "--storages", "1");
  }

  @AfterAll
  static void stop() {
    rack.close();
  }

  @Test
  void shouldRunProgramsAndKeepFilesAsInClear() {
    assertThat(rack.description().path("transport").asString()).isEqualTo("mtls");
    Rack.Outcome run =
        rack.command("run", "--cache", "25%", "--ack", "safe", Rack.example("matrix_multiply"));
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).isEqualTo(Rack.expected("matrix_multiply"));
    assertThat(rack.sql("SELECT 1 FROM api.processes WHERE misses > 0 AND write_backs > 0").size())
        .as("pages that went over the links")
        .isPositive();

    rack.succeed("put", Rack.file("README.md"), "/readme.md");
    Rack.Outcome counted = rack.command("run", Rack.example("wc"), "/readme.md");
    assertThat(counted.exitCode()).as(counted.err()).isZero();
    rack.succeed("cut", "mcomponent-1", "scomponent-0");
    rack.succeed("heal", "mcomponent-1", "scomponent-0");
  }

  @Test
  void shouldFailOverAsInClear() {
    RunningProgram program =
        RunningProgram.start(
            rack, "safe", Rack.example("kmeans"), "--points", "1M", "--iterations", "16");
    rack.succeed("protected", "--wait");
    String victim = program.mostlyLies().home();
    program.assertRuns("before the kill");

    rack.succeed("kill", victim);

    Rack.Outcome end = program.end();
    assertThat(end.exitCode()).as(end.err()).isZero();
    rack.succeed("start", victim);
    rack.awaitUp(victim);
  }

  @Test
  void shouldRefuseWhoeverHasNoCertificateOfThisRackThoughItHoldsTheSecret() throws IOException {
    ComponentId pcomponent = ComponentId.parse("pcomponent-7");
    Endpoint memory = rack.fabricOf("mcomponent-0");
    assertThatThrownBy(() -> connect(tls(foreign("pcomponent")), pcomponent, memory))
        .isInstanceOf(HandshakeRefused.class)
        .hasMessageStartingWith("TLS: ");
    assertThatThrownBy(() -> connect(new TcpTransport(), pcomponent, memory))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> connect(tls(own(Role.SCOMPONENT)), pcomponent, memory))
        .isInstanceOf(HandshakeRefused.class)
        .hasMessage("pcomponent-7 cannot have a certificate of scomponent");

    connect(tls(own(Role.PCOMPONENT)), pcomponent, memory);
  }

  @Test
  void shouldRefuseACallThatIsNoneOfTheCallersBusiness() throws IOException {
    BootId boot = boot("mcomponent-0");

    ControlFault denied =
        catchThrowableOfType(
            ControlFault.class, () -> probe(Role.PCOMPONENT, "pcomponent-7", boot));
    assertThat(denied.code()).isEqualTo(ControlFault.Code.DENIED);
    assertThat(denied).hasMessage("ProbeRegions is not for pcomponent");

    probe(Role.GLOBAL_MANAGER, "global-manager-7", boot);
  }

  @Test
  void shouldSpeakHttpOnlyWithTheCommandsCertificate() throws Exception {
    assertThat(status(own(Role.CLI).contextFor(Role.GLOBAL_MANAGER))).isEqualTo(200);
    assertThat(status(own(Role.PCOMPONENT).contextFor(Role.GLOBAL_MANAGER))).isEqualTo(403);
    assertThatThrownBy(() -> status(foreign("cli").contextFor(Role.GLOBAL_MANAGER)))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> status(own(Role.CLI).contextFor(Role.MCOMPONENT)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not of mcomponent");
  }

  @Test
  void shouldNotChangeHowARunningRackSpeaks() {
    Rack.Outcome outcome = rack.command("up", "--transport", "plain");

    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.lastErrorLine()).contains("does not run with --transport plain");
    assertThat(rack.command("up", "--transport", "tls").exitCode()).isEqualTo(2);
    rack.succeed("up");
  }

  private static void probe(Role role, String name, BootId boot) throws IOException {
    try (ControlClient client =
        new ControlClient(new Dialer(tls(own(role)), rack.newIdentity(ComponentId.parse(name))))) {
      assertThat(client.call(rack.fabricOf("mcomponent-0"), new ProbeRegions(boot, false), LIMIT))
          .isNotNull();
    }
  }

  private static void connect(Transport transport, ComponentId as, Endpoint endpoint)
      throws IOException {
    new Dialer(transport, rack.newIdentity(as)).connect(endpoint, Lane.MISS, LIMIT).close();
  }

  private static Transport tls(TlsCredentials credentials) {
    return new TlsTransport(new TcpTransport(), credentials);
  }

  private static TlsCredentials own(Role role) throws IOException {
    var secrets = rack.state().resolve("secrets");
    return new TlsFiles(
            secrets.resolve("tls-ca.crt"),
            secrets.resolve("tls-" + role.prefix() + ".crt"),
            secrets.resolve("tls-" + role.prefix() + ".key"))
        .read();
  }

  private static TlsCredentials foreign(String role) throws IOException {
    RackAuthority.Issued issued = RackAuthority.create(Instant.now()).issue(role, List.of());
    return TlsCredentials.of(
        Files.readString(rack.state().resolve("secrets/tls-ca.crt")),
        issued.certificate(),
        issued.key());
  }

  private static BootId boot(String component) {
    return BootId.parse(
        rack.sql("SELECT boot_id FROM api.components WHERE component = '" + component + "'")
            .path(0)
            .path("boot_id")
            .asString());
  }

  private static int status(SSLContext tls) throws IOException, InterruptedException {
    JsonNode door = rack.description().path("manager").path("http");
    String address =
        door.isString()
            ? door.asString()
            : door.path("host").asString() + ":" + door.path("port").asInt();
    try (HttpClient http = HttpClient.newBuilder().sslContext(tls).build()) {
      return http.send(
              HttpRequest.newBuilder(URI.create("https://" + address + "/v1/protection"))
                  .timeout(LIMIT)
                  .header(
                      "Authorization",
                      "Bearer "
                          + Files.readString(rack.state().resolve("secrets/operator-token"))
                              .strip())
                  .GET()
                  .build(),
              BodyHandlers.discarding())
          .statusCode();
    }
  }
}
