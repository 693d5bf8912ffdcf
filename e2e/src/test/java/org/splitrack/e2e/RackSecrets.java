package org.splitrack.e2e;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.splitrack.certificates.RackCertificates;
import org.splitrack.fabric.embedded.RackDatabase;

/** A Secret as somebody makes it by hand for {@code existingSecret}, by what the manual says. */
final class RackSecrets {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final List<String> ROLES =
      List.of(
          "pcomponent",
          "mcomponent",
          "scomponent",
          "global-manager",
          "table-service",
          "cli",
          "postgres",
          "kafka");

  private RackSecrets() {}

  /** All keys of a rack with the bundled PostgreSQL and Kafka, and so those of one without. */
  static Map<String, String> generate(String release) {
    Map<String, String> keys = new TreeMap<>(certificates(release));
    keys.put("rack-id", hex(8));
    keys.put("rack-secret", hex(32));
    keys.put("operator-token", hex(32));
    keys.put("postgres-admin.password", hex(32));
    for (String role : RackDatabase.roles()) {
      keys.put(passwordKey(role), hex(32));
    }
    keys.put("database.sql", databaseSql(keys));
    return keys;
  }

  /** Those that begin with {@code tls-}, of a new authority. */
  static Map<String, String> certificates(String release) {
    return RackCertificates.make(
        ROLES.stream()
            .collect(Collectors.toMap(role -> role, role -> List.of(release + "-" + role))),
        Instant.now());
  }

  /** The key of a database role's password. */
  static String passwordKey(String role) {
    return "postgres-" + role.substring("rack_".length()) + ".password";
  }

  /** What makes the database and its roles, with the passwords of a Secret. */
  static String databaseSql(Map<String, String> keys) {
    Map<String, String> passwords =
        RackDatabase.roles().stream()
            .collect(
                Collectors.toMap(role -> role, role -> keys.getOrDefault(passwordKey(role), "")));
    List<String> statements = new ArrayList<>(RackDatabase.createRoles(passwords));
    statements.addAll(RackDatabase.createDatabase(RackDatabase.NAME));
    return String.join(";\n\n", statements) + ";\n\n";
  }

  static Secret secret(String name, Map<String, String> texts) {
    return new SecretBuilder()
        .withNewMetadata()
        .withName(name)
        .endMetadata()
        .withData(encoded(texts))
        .build();
  }

  static Map<String, String> encoded(Map<String, String> texts) {
    return texts.entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                entry ->
                    Base64.getEncoder()
                        .encodeToString(entry.getValue().getBytes(StandardCharsets.UTF_8))));
  }

  static String hex(int bytes) {
    byte[] random = new byte[bytes];
    RANDOM.nextBytes(random);
    return HexFormat.of().formatHex(random);
  }

  /** Values of a rack that takes little of a machine, for helm's command line. */
  static Stream<String> small() {
    return Stream.of(
        "--set",
        "processor.replicaCount=1,processor.cache=64Mi,processor.resources.requests.memory=256Mi",
        "--set",
        "memory.replicaCount=2,memory.limit=96Mi,memory.cpuRequest=50m",
        "--set",
        "storage.replicaCount=1,storage.persistence.size=1Gi");
  }
}
