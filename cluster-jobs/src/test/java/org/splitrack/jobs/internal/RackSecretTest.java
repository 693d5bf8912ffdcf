package org.splitrack.jobs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.RackId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.embedded.RackDatabase;
import org.splitrack.fabric.transport.SharedSecret;
import org.splitrack.fabric.transport.TlsCredentials;

class RackSecretTest {
  private final Map<String, String> secret =
      RackSecret.generate(new SecureRandom(), "here", "rack");

  @Test
  void shouldHoldWhatComponentsRead() {
    assertThat(RackSecret.missing(secret::containsKey)).isEmpty();
    assertThat(RackId.parse(of(RackSecret.RACK_ID))).isNotNull();
    assertThat(SharedSecret.parse(of(RackSecret.RACK))).isNotNull();
  }

  @Test
  void shouldMakeEachRoleWithThePasswordThatItsServiceIsGiven() {
    String sql = of(RackSecret.DATABASE_SQL);

    for (String role : RackDatabase.roles()) {
      assertThat(sql)
          .containsPattern(
              "CREATE ROLE %s LOGIN .* PASSWORD '%s';\n\n"
                  .formatted(role, of(RackSecret.password(role))));
    }
    assertThat(sql).contains("CREATE DATABASE splitrack OWNER rack_tables;\n\n").endsWith(";\n\n");
    assertThat(sql.split(";\n\n")).allSatisfy(one -> assertThat(one).doesNotContain("\n"));
  }

  private String of(String key) {
    return Objects.requireNonNull(secret.get(key), key);
  }

  @Test
  void shouldCertifyEveryRoleThatComponentsTalkTo() throws IOException {
    for (String role : List.of("pcomponent", "global-manager", "cli", "postgres", "kafka")) {
      TlsCredentials credentials =
          TlsCredentials.of(
              of("tls-ca.crt"), of("tls-" + role + ".crt"), of("tls-" + role + ".key"));
      assertThat(credentials.contextFor(Role.GLOBAL_MANAGER)).isNotNull();
    }
    assertThat(secret).doesNotContainKey("tls-ca.key");
  }

  /** Clients of these check the name by which they reach them, as they know nothing of roles. */
  @Test
  void shouldNameTheServicesOfPostgresAndKafkaInTheirCertificates() throws Exception {
    for (String role : List.of("postgres", "kafka")) {
      X509Certificate certificate =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(
                      new ByteArrayInputStream(
                          of("tls-" + role + ".crt").getBytes(StandardCharsets.US_ASCII)));

      assertThat(certificate.getSubjectX500Principal().getName())
          .isEqualTo("CN=" + role + ",O=splitrack");
      assertThat(certificate.getSubjectAlternativeNames())
          .extracting(name -> (Object) name.get(1))
          .contains("rack-" + role, "rack-" + role + ".here.svc");
    }
  }

  @Test
  void shouldBeAnotherOneEachTime() {
    assertThat(RackSecret.generate(new SecureRandom(), "here", "rack").values())
        .doesNotContainAnyElementsOf(secret.values());
  }
}
