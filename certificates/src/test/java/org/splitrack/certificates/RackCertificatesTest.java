package org.splitrack.certificates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.SignatureException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class RackCertificatesTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private final Map<String, String> texts =
      RackCertificates.make(
          Map.of("mcomponent", List.of(), "postgres", List.of("db", "db.x")), NOW);

  @Test
  void shouldNameTheRoleAndTheNamesUnderWhichItIsReached() throws Exception {
    assertThat(texts.keySet())
        .containsExactlyInAnyOrder(
            "tls-ca.crt",
            "tls-mcomponent.crt",
            "tls-mcomponent.key",
            "tls-postgres.crt",
            "tls-postgres.key");
    X509Certificate database = certificate("tls-postgres.crt");
    assertThat(database.getSubjectX500Principal().getName()).isEqualTo("CN=postgres,O=splitrack");
    assertThat(database.getSubjectAlternativeNames())
        .extracting(name -> (Object) name.get(1))
        .containsExactly("db", "db.x");
    assertThat(certificate("tls-mcomponent.crt").getSubjectAlternativeNames()).isNull();
    assertThat(texts.get("tls-mcomponent.key")).startsWith("-----BEGIN PRIVATE KEY-----");
  }

  @Test
  void shouldBeOfTheRacksOwnAuthorityAndOfNoOther() throws Exception {
    X509Certificate authority = certificate("tls-ca.crt");
    X509Certificate member = certificate("tls-mcomponent.crt");
    member.verify(authority.getPublicKey());
    assertThat(authority.getBasicConstraints()).isNotNegative();
    assertThat(member.getBasicConstraints()).isNegative();

    X509Certificate other = parse(RackAuthority.create(NOW).certificate());
    assertThatThrownBy(() -> member.verify(other.getPublicKey()))
        .isInstanceOf(SignatureException.class);
  }

  @Test
  void shouldBeGoodForClocksThatAreALittleBehindAndNotForEver() throws Exception {
    X509Certificate member = certificate("tls-mcomponent.crt");
    member.checkValidity(Date.from(NOW.minus(Duration.ofHours(12))));

    assertThatThrownBy(() -> member.checkValidity(Date.from(NOW.plus(RackAuthority.VALIDITY))))
        .isInstanceOf(CertificateException.class);
  }

  private X509Certificate certificate(String file) throws CertificateException {
    return parse(Objects.requireNonNull(texts.get(file), file));
  }

  private static X509Certificate parse(String pem) throws CertificateException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
  }
}
