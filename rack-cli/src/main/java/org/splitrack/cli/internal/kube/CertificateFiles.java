package org.splitrack.cli.internal.kube;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.splitrack.cli.internal.RackFailure;

/**
 * What a client of the rack's PostgreSQL shows and checks, as files: a JDBC URL can name nothing
 * else, and whoever prints one may hand it to another program. They are closed to everyone else,
 * and go when this is closed or the command ends.
 */
final class CertificateFiles implements AutoCloseable {
  private static final String AUTHORITY = "ca.crt";
  private static final String CERTIFICATE = "client.crt";

  /** The only form of a key that every version of the JDBC driver reads, and psql reads it too. */
  private static final String KEY = "client.pk8";

  private final Path folder;

  private CertificateFiles(Path folder) {
    this.folder = folder;
  }

  /**
   * Writes them.
   *
   * @param authority PEM
   * @param certificate PEM
   * @param key PKCS #8, DER
   */
  static CertificateFiles write(String authority, String certificate, byte[] key) {
    try {
      CertificateFiles files = new CertificateFiles(Files.createTempDirectory("splitrack-tls-"));
      // Ctrl-C is how some commands end; what is registered first is deleted last.
      files.folder.toFile().deleteOnExit();
      files.add(AUTHORITY, authority.getBytes(StandardCharsets.US_ASCII));
      files.add(CERTIFICATE, certificate.getBytes(StandardCharsets.US_ASCII));
      files.add(KEY, key);
      return files;
    } catch (IOException e) {
      throw RackFailure.failed("certificates cannot be kept: " + RackFailure.reason(e));
    }
  }

  private void add(String name, byte[] content) throws IOException {
    Path file =
        Files.createFile(
            folder.resolve(name),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    file.toFile().deleteOnExit();
    Files.write(file, content);
  }

  /**
   * Parameters of a JDBC URL. The server's name is not checked: a port of this machine leads to it.
   */
  String urlParameters() {
    return "sslmode=verify-ca&sslrootcert=%s&sslcert=%s&sslkey=%s"
        .formatted(inUrl(AUTHORITY), inUrl(CERTIFICATE), inUrl(KEY));
  }

  private String inUrl(String name) {
    return URLEncoder.encode(folder.resolve(name).toString(), StandardCharsets.UTF_8)
        .replace("%2F", "/");
  }

  @Override
  public void close() {
    try {
      for (String name : List.of(AUTHORITY, CERTIFICATE, KEY)) {
        Files.deleteIfExists(folder.resolve(name));
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      throw RackFailure.failed("certificates stay in " + folder + ": " + RackFailure.reason(e));
    }
  }
}
