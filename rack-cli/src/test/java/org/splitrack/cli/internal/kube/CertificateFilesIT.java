package org.splitrack.cli.internal.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.splitrack.certificates.RackCertificates;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.tables.Tables;
import org.splitrack.fabric.embedded.RackDatabase;
import org.splitrack.fabric.testkit.EmbeddedPostgres;
import org.splitrack.fabric.transport.TlsCredentials;

/** Against a server that asks for a certificate of the rack's. */
class CertificateFilesIT {
  private static final Pattern KEY = Pattern.compile("sslkey=([^&]+)");

  private final Map<String, String> texts = certificates();

  @TempDir private Path folder;

  @Test
  void shouldLetAJdbcUrlIntoADatabaseThatAsksForACertificateAndLeaveNothingBehind()
      throws IOException {
    try (EmbeddedPostgres postgres =
        EmbeddedPostgres.start(
            "hostssl all all all scram-sha-256 clientcert=verify-ca\n",
            Map.of(
                "ssl", "on",
                "ssl_min_protocol_version", "TLSv1.3",
                "ssl_ca_file", file("tls-ca.crt").toString(),
                "ssl_cert_file", file("tls-postgres.crt").toString(),
                "ssl_key_file", file("tls-postgres.key").toString()))) {
      // given
      CertificateFiles own = files(texts);
      CertificateFiles strangers = files(certificates());
      Path kept = keyIn(own.urlParameters());

      // when, then
      try (Tables tables = connect(postgres, own)) {
        assertThat(tables.query("SELECT 1 AS one", 1, Duration.ofSeconds(5)).listing().rows())
            .isEqualTo(List.of(List.of(1)));
      }
      assertThatThrownBy(() -> connect(postgres, strangers)).isInstanceOf(RackFailure.class);
      assertThatThrownBy(
              () ->
                  Tables.connect(
                      postgres.url() + "?sslmode=require", RackDatabase.READER, "any", "ask"))
          .isInstanceOf(RackFailure.class)
          .hasMessageContaining("valid client certificate");

      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)))
          .isEqualTo("rw-------");
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(Objects.requireNonNull(kept.getParent()))))
          .isEqualTo("rwx------");
      own.close();
      strangers.close();
      assertThat(kept.getParent()).doesNotExist();
    }
  }

  private static Tables connect(EmbeddedPostgres postgres, CertificateFiles files) {
    return Tables.connect(
        postgres.url() + "?" + files.urlParameters(), RackDatabase.READER, "any", "ask");
  }

  private static Path keyIn(String parameters) {
    Matcher key = KEY.matcher(parameters);
    assertThat(key.find()).isTrue();
    return Path.of(key.group(1));
  }

  private static Map<String, String> certificates() {
    return RackCertificates.make(
        Map.of("postgres", List.of("rack-postgres"), "cli", List.of()), Instant.now());
  }

  private static CertificateFiles files(Map<String, String> texts) throws IOException {
    String authority = Objects.requireNonNull(texts.get("tls-ca.crt"));
    String certificate = Objects.requireNonNull(texts.get("tls-cli.crt"));
    String key = Objects.requireNonNull(texts.get("tls-cli.key"));
    return CertificateFiles.write(
        authority, certificate, TlsCredentials.of(authority, certificate, key).encodedKey());
  }

  /** As PostgreSQL wants it: closed to everyone else. */
  private Path file(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.writeString(file, Objects.requireNonNull(texts.get(name), name));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }
}
