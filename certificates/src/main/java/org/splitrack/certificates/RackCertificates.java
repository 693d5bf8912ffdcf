package org.splitrack.certificates;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a rack keeps of them: PEM texts by the name of their file, or of their key in a Secret. */
public final class RackCertificates {
  /** The authority's certificate. */
  public static final String AUTHORITY = "tls-ca.crt";

  private RackCertificates() {}

  /** Where a role's certificate is. */
  public static String certificate(String role) {
    return "tls-" + role + ".crt";
  }

  /** Where its key is. */
  public static String key(String role) {
    return "tls-" + role + ".key";
  }

  /** Whether a file, or a key of a Secret, is one of these by its name. */
  public static boolean isOne(String name) {
    return name.startsWith("tls-");
  }

  /**
   * All of them, of a new authority.
   *
   * @param dnsNames of each role, under which clients that check names reach it
   */
  public static Map<String, String> make(Map<String, List<String>> dnsNames, Instant now) {
    RackAuthority authority = RackAuthority.create(now);
    Map<String, String> texts = new TreeMap<>();
    texts.put(AUTHORITY, authority.certificate());
    dnsNames.forEach(
        (role, names) -> {
          RackAuthority.Issued issued = authority.issue(role, names);
          texts.put(certificate(role), issued.certificate());
          texts.put(key(role), issued.key());
        });
    return texts;
  }
}
