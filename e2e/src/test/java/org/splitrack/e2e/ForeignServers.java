package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.splitrack.certificates.RackAuthority;

/**
 * A PostgreSQL and a Kafka of somebody else, in a namespace of their own: both speak TLS with
 * certificates of an authority that no rack knows by itself, and ask for passwords.
 */
final class ForeignServers implements AutoCloseable {
  static final String POSTGRES = "db";
  static final String KAFKA = "broker";

  private static final String SERVERS =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: db}
      spec:
        selector: {app: db}
        ports: [{port: 5432}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: broker}
      spec:
        selector: {app: broker}
        ports: [{port: 9094}]
      ---
      apiVersion: apps/v1
      kind: StatefulSet
      metadata: {name: db}
      spec:
        serviceName: db
        selector: {matchLabels: {app: db}}
        template:
          metadata: {labels: {app: db}}
          spec:
            automountServiceAccountToken: false
            securityContext: {runAsNonRoot: true, runAsUser: 999, runAsGroup: 999, fsGroup: 999, seccompProfile: {type: RuntimeDefault}}
            containers:
            - name: postgres
              image: postgres:18
              imagePullPolicy: IfNotPresent
              args: [postgres, -cssl=on, -cssl_cert_file=/settings/db.crt, -cssl_key_file=/settings/db.key, -cshared_buffers=32MB]
              env:
              - {name: POSTGRES_PASSWORD_FILE, value: /settings/admin.password}
              - {name: POSTGRES_INITDB_ARGS, value: --encoding=UTF8}
              - {name: PGDATA, value: /var/lib/postgresql/18/docker}
              ports: [{containerPort: 5432}]
              readinessProbe: {tcpSocket: {port: 5432}, periodSeconds: 2}
              securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
              resources: {requests: {cpu: 50m, memory: 96Mi}, limits: {memory: 384Mi}}
              volumeMounts:
              - {name: data, mountPath: /var/lib/postgresql}
              - {name: settings, mountPath: /settings, readOnly: true}
              - {name: first-start, mountPath: /docker-entrypoint-initdb.d, readOnly: true}
              - {name: run, mountPath: /var/run/postgresql}
            volumes:
            - {name: settings, secret: {secretName: settings, defaultMode: 0440}}
            - {name: first-start, secret: {secretName: first-start, defaultMode: 0440}}
            - {name: run, emptyDir: {}}
        volumeClaimTemplates:
        - metadata: {name: data}
          spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
      ---
      apiVersion: apps/v1
      kind: StatefulSet
      metadata: {name: broker}
      spec:
        serviceName: broker
        selector: {matchLabels: {app: broker}}
        template:
          metadata: {labels: {app: broker}}
          spec:
            automountServiceAccountToken: false
            enableServiceLinks: false
            securityContext: {runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000, seccompProfile: {type: RuntimeDefault}}
            containers:
            - name: kafka
              image: apache/kafka:4.2.1
              imagePullPolicy: IfNotPresent
              command:
              - sh
              - -ec
              - |
                /opt/kafka/bin/kafka-storage.sh format --ignore-formatted -t MkU3OEVBNTcwNTJENDM2Qg -c /settings/server.properties
                exec /opt/kafka/bin/kafka-server-start.sh /settings/server.properties
              env:
              - {name: KAFKA_HEAP_OPTS, value: -Xms64m -Xmx256m}
              - {name: LOG_DIR, value: /data/logs}
              ports: [{containerPort: 9094}]
              readinessProbe: {tcpSocket: {port: 9094}, periodSeconds: 2}
              securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
              resources: {requests: {cpu: 50m, memory: 384Mi}, limits: {memory: 768Mi}}
              volumeMounts:
              - {name: data, mountPath: /data}
              - {name: settings, mountPath: /settings, readOnly: true}
            volumes:
            - {name: settings, secret: {secretName: settings, defaultMode: 0440}}
            - {name: data, emptyDir: {}}
      """;

  final TestCluster cluster;
  private final String authority;
  private final String brokerPassword = RackSecrets.hex(16);

  private ForeignServers(TestCluster cluster, String authority) {
    this.cluster = cluster;
    this.authority = authority;
  }

  /**
   * Starts both, and waits for neither.
   *
   * @param rack keys of a rack's Secret, whose passwords the roles of the database have
   */
  static ForeignServers start(Map<String, String> rack) {
    TestCluster cluster = TestCluster.connect();
    RackAuthority signer = RackAuthority.create(Instant.now());
    ForeignServers servers = new ForeignServers(cluster, signer.certificate());
    RackAuthority.Issued db = signer.issue(POSTGRES, List.of(servers.host(POSTGRES)));
    RackAuthority.Issued broker = signer.issue(KAFKA, List.of(servers.host(KAFKA)));
    cluster.put(
        "settings",
        Map.of(
            "admin.password",
            RackSecrets.hex(16),
            "db.crt",
            db.certificate(),
            "db.key",
            db.key(),
            "broker.pem",
            broker.key() + broker.certificate(),
            "server.properties",
            servers.brokerProperties()));
    cluster.put("first-start", Map.of("database.sql", RackSecrets.databaseSql(rack)));
    cluster
        .client
        .load(new ByteArrayInputStream(SERVERS.getBytes(StandardCharsets.UTF_8)))
        .inNamespace(cluster.namespace)
        .create();
    return servers;
  }

  private String host(String server) {
    return server + "." + cluster.namespace + ".svc";
  }

  private String brokerProperties() {
    return """
        node.id=1
        process.roles=broker,controller
        controller.quorum.voters=1@localhost:9093
        controller.listener.names=CONTROLLER
        listeners=CLIENTS://:9094,INSIDE://localhost:9092,CONTROLLER://localhost:9093
        advertised.listeners=CLIENTS://%s:9094,INSIDE://localhost:9092
        inter.broker.listener.name=INSIDE
        listener.security.protocol.map=CLIENTS:SASL_SSL,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT
        sasl.enabled.mechanisms=PLAIN
        listener.name.clients.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_rack="%s";
        ssl.keystore.type=PEM
        ssl.keystore.location=/settings/broker.pem
        log.dirs=/data/log
        offsets.topic.replication.factor=1
        transaction.state.log.replication.factor=1
        transaction.state.log.min.isr=1
        log.cleaner.dedupe.buffer.size=4194304
        """
        .formatted(host(KAFKA), brokerPassword);
  }

  /** Names of the volumes that they have. */
  List<String> claims() {
    return cluster.claims();
  }

  /** Waits until both take connections. */
  void awaitReady() {
    await()
        .atMost(ClusterRack.SOON)
        .until(() -> pods().size() == 2 && pods().stream().allMatch(Readiness::isPodReady));
  }

  List<Pod> pods() {
    return cluster.client.pods().inNamespace(cluster.namespace).list().getItems();
  }

  /** Has a server run, or not. */
  void scale(String server, int count) {
    cluster
        .client
        .apps()
        .statefulSets()
        .inNamespace(cluster.namespace)
        .withName(server)
        .scale(count);
    await()
        .atMost(ClusterRack.SOON)
        .until(
            () ->
                pods().stream()
                        .filter(pod -> pod.getMetadata().getName().startsWith(server + "-"))
                        .filter(pod -> count == 0 || Readiness.isPodReady(pod))
                        .count()
                    == count);
  }

  /** Puts into a namespace what a rack there needs to be let in: Secrets foreign-db and -kafka. */
  void introduce(TestCluster to) {
    to.put("foreign-db", Map.of("ca.crt", authority));
    to.put("foreign-kafka", Map.of("ca.crt", authority, "client.properties", clientProperties()));
  }

  private String clientProperties() {
    return """
        security.protocol=SASL_SSL
        sasl.mechanism=PLAIN
        sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="rack" password="%s";
        ssl.truststore.type=PEM
        ssl.truststore.location=/kafka/ca.crt
        """
        .formatted(brokerPassword);
  }

  /** Values of a release that uses both, for helm's command line. */
  Stream<String> values() {
    return Stream.concat(postgresValues(), kafkaValues(host(KAFKA) + ":9094"));
  }

  Stream<String> postgresValues() {
    return postgresValues(host(POSTGRES));
  }

  static Stream<String> postgresValues(String host) {
    return Stream.of(
        "--set",
        "postgresql.bundled.enabled=false,postgresql.external.host="
            + host
            + ",postgresql.external.existingSecret=foreign-db");
  }

  static Stream<String> kafkaValues(String servers) {
    return Stream.of(
        "--set",
        "kafka.bundled.enabled=false,kafka.external.bootstrapServers="
            + servers
            + ",kafka.external.existingSecret=foreign-kafka");
  }

  /** What it says of itself, for the message of a test that fails. */
  String describe() {
    return TestCluster.run(List.of("kubectl", "-n", cluster.namespace, "get", "pods", "-o", "wide"))
        .out();
  }

  /** That both are as they were. */
  void assertUntouched(List<Pod> before) {
    assertThat(pods())
        .extracting(pod -> pod.getMetadata().getUid())
        .as(describe())
        .containsAll(before.stream().map(pod -> pod.getMetadata().getUid()).toList());
  }

  @Override
  public void close() {
    cluster.close();
  }
}
