package org.splitrack.fabric.transport;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The key that every component of a rack holds and none sends. */
public final class SharedSecret {
  private static final String ALGORITHM = "HmacSHA256";
  private static final int MIN_BYTES = 16;
  private static final int MAX_FILE_BYTES = 1024;

  /** Bytes of a proof. */
  static final int PROOF_BYTES = 32;

  private final SecretKeySpec key;

  /**
   * @param bytes at least 16
   */
  public SharedSecret(byte[] bytes) {
    if (bytes.length < MIN_BYTES) {
      throw new IllegalArgumentException(
          "a secret of " + bytes.length + " bytes is shorter than " + MIN_BYTES);
    }
    key = new SecretKeySpec(bytes, ALGORITHM);
  }

  /** Reads hex text. */
  public static SharedSecret parse(String hex) {
    return new SharedSecret(HexFormat.of().parseHex(hex.trim()));
  }

  /**
   * Reads a file of hex text.
   *
   * @throws IOException when there is none, or it holds something else
   */
  public static SharedSecret read(Path file) throws IOException {
    if (Files.size(file) > MAX_FILE_BYTES) {
      throw new IOException(file + " is too long for a secret");
    }
    try {
      return parse(Files.readString(file));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + " holds no secret: " + e.getMessage(), e);
    }
  }

  /** What only a holder of the secret can compute over {@code parts}. */
  byte[] proof(byte[]... parts) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      for (byte[] part : parts) {
        mac.update(part);
      }
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK lacks " + ALGORITHM, e);
    }
  }
}
