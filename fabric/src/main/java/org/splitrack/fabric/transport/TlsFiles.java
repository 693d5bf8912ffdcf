package org.splitrack.fabric.transport;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a component's {@link TlsCredentials} are, as PEM.
 *
 * @param authority certificate of the rack's authority
 * @param certificate the component's own
 * @param key of that certificate; PKCS #8
 */
public record TlsFiles(Path authority, Path certificate, Path key) {
  private static final int MAX_FILE_BYTES = 64 << 10;

  /**
   * Reads them.
   *
   * @throws IOException with one line when one is missing or makes no sense
   */
  public TlsCredentials read() throws IOException {
    return TlsCredentials.of(text(authority), text(certificate), text(key));
  }

  private static String text(Path file) throws IOException {
    if (!Files.isReadable(file)) {
      throw new IOException("the certificate or key " + file + " cannot be read");
    }
    if (Files.size(file) > MAX_FILE_BYTES) {
      throw new IOException(file + " is too long for a certificate or a key");
    }
    return Files.readString(file);
  }
}
