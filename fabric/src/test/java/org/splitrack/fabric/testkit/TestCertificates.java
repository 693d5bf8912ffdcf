package org.splitrack.fabric.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.splitrack.certificates.RackAuthority;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.transport.TlsCredentials;

/** Credentials of one authority, and of others that nobody knows. */
public final class TestCertificates {
  private static @Nullable RackAuthority made;

  private TestCertificates() {}

  private static synchronized RackAuthority rack() {
    if (made == null) {
      made = another();
    }
    return made;
  }

  private static RackAuthority another() {
    return RackAuthority.create(Instant.now());
  }

  /** As a component of the rack has them. */
  public static TlsCredentials of(Role role) {
    return of(rack(), rack(), role.prefix());
  }

  /** Of the rack's authority, for whatever is no role. */
  public static TlsCredentials named(String commonName) {
    return of(rack(), rack(), commonName);
  }

  /** Trusts the rack's authority and shows a certificate of another one. */
  public static TlsCredentials foreign(Role role) {
    return of(rack(), another(), role.prefix());
  }

  /** Shows a certificate of the rack's authority and trusts another one. */
  public static TlsCredentials distrustful(Role role) {
    return of(another(), rack(), role.prefix());
  }

  private static TlsCredentials of(RackAuthority trusted, RackAuthority issuer, String name) {
    RackAuthority.Issued issued = issuer.issue(name, List.of());
    try {
      return TlsCredentials.of(trusted.certificate(), issued.certificate(), issued.key());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
