package org.splitrack.jobs.internal;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.splitrack.certificates.RackCertificates;
import org.splitrack.fabric.RackId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.embedded.RackDatabase;

/** What a rack's Secret holds, by key. */
final class RackSecret {
  static final String RACK_ID = "rack-id";
  static final String RACK = "rack-secret";
  static final String OPERATOR_TOKEN = "operator-token";
  static final String POSTGRES_ADMIN = "postgres-admin.password";

  /** Makes database and roles at the first start of the bundled PostgreSQL. */
  static final String DATABASE_SQL = "database.sql";

  private static final int SECRET_BYTES = 32;

  private RackSecret() {}

  /** The key of a database role's password. */
  static String password(String role) {
    return "postgres-" + role.substring("rack_".length()) + ".password";
  }

  /** Whatever a rack needs of it, wherever its database is. */
  static List<String> neededKeys() {
    List<String> keys = new ArrayList<>(List.of(RACK_ID, RACK, OPERATOR_TOKEN));
    RackDatabase.roles().forEach(role -> keys.add(password(role)));
    keys.add(RackCertificates.AUTHORITY);
    for (Role role : Role.values()) {
      keys.add(RackCertificates.certificate(role.prefix()));
      keys.add(RackCertificates.key(role.prefix()));
    }
    return keys;
  }

  /** Those of {@link #neededKeys} that are not there. */
  static List<String> missing(Predicate<String> present) {
    return neededKeys().stream().filter(present.negate()).toList();
  }

  /**
   * A new one.
   *
   * @param release whose Services the certificates name
   */
  static Map<String, String> generate(SecureRandom random, String namespace, String release) {
    Map<String, String> secret = new TreeMap<>(certificates(namespace, release));
    secret.put(RACK_ID, new RackId(random.nextLong()).toString());
    secret.put(RACK, hex(random));
    secret.put(OPERATOR_TOKEN, hex(random));
    secret.put(POSTGRES_ADMIN, hex(random));
    Map<String, String> passwords = new TreeMap<>();
    for (String role : RackDatabase.roles()) {
      String password = hex(random);
      passwords.put(role, password);
      secret.put(password(role), password);
    }
    secret.put(DATABASE_SQL, databaseSql(passwords));
    return secret;
  }

  /** Under which names the Service of each role is found; pods are dialled by their address. */
  private static Map<String, List<String>> serviceNames(String namespace, String release) {
    Map<String, List<String>> names = new TreeMap<>();
    for (Role role : Role.values()) {
      String service = release + "-" + role.prefix();
      String inNamespace = service + "." + namespace;
      names.put(
          role.prefix(),
          List.of(
              service,
              inNamespace,
              inNamespace + ".svc",
              inNamespace + ".svc.cluster.local",
              "localhost"));
    }
    return names;
  }

  /** Those of a new authority, by key. */
  static Map<String, String> certificates(String namespace, String release) {
    return RackCertificates.make(serviceNames(namespace, release), Instant.now());
  }

  /** As a single-user server reads it too: an empty line ends a statement. */
  private static String databaseSql(Map<String, String> passwords) {
    List<String> statements = new ArrayList<>(RackDatabase.createRoles(passwords));
    statements.addAll(RackDatabase.createDatabase(RackDatabase.NAME));
    return String.join(";\n\n", statements) + ";\n\n";
  }

  private static String hex(SecureRandom random) {
    byte[] secret = new byte[SECRET_BYTES];
    random.nextBytes(secret);
    return HexFormat.of().formatHex(secret);
  }
}
