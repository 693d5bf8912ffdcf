package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.splitrack.fabric.region.CopyLimits;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the chart renders. Needs helm, so it runs where a cluster is. */
@EnabledIfEnvironmentVariable(
    named = "SPLITRACK_TEST_CLUSTER",
    matches = ".+",
    disabledReason = "SPLITRACK_TEST_CLUSTER names no kube context")
class ChartE2E {
  private static final Pattern VALUE = Pattern.compile("(?<indent> *)\\w+:(?<value>.*)");

  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  @ParameterizedTest
  @FieldSource("org.splitrack.e2e.Chart#VALUE_SETS")
  void shouldRenderNoSecretAndOnlyRestrictedPods(String values) {
    List<HasMetadata> rendered = rendered(values);

    assertThat(rendered).noneMatch(Secret.class::isInstance);
    List<PodSpec> pods = rendered.stream().flatMap(one -> pod(one).stream()).toList();
    assertThat(pods).hasSizeGreaterThanOrEqualTo(6);
    for (PodSpec pod : pods) {
      assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
      assertThat(pod.getSecurityContext().getRunAsUser()).isPositive();
      assertThat(pod.getSecurityContext().getSeccompProfile().getType())
          .isEqualTo("RuntimeDefault");
      for (Container container : pod.getContainers()) {
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(container.getSecurityContext().getCapabilities().getDrop())
            .containsExactly("ALL");
        assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
        assertThat(container.getResources().getLimits()).containsKey("memory");
        assertThat(container.getImage()).matches(".+:[^:]+").doesNotEndWith(":latest");
      }
    }
  }

  @Test
  void shouldGiveATokenOnlyToTheJobThatMakesTheSecretAndToTheManager() {
    List<HasMetadata> rendered = rendered("");

    for (HasMetadata one : rendered) {
      for (PodSpec pod : pod(one)) {
        assertThat(pod.getAutomountServiceAccountToken())
            .as(one.getMetadata().getName())
            .isEqualTo(one instanceof Job || isManager(one));
      }
    }
    assertThat(rightsIn(rendered))
        .containsExactlyInAnyOrder(
            "create secrets",
            "get secrets rack-rack",
            "patch secrets rack-rack",
            "list pods",
            "watch pods",
            "create events",
            "list configmaps rack-limits",
            "watch configmaps rack-limits");
    assertThat(rightsIn(rendered(Chart.EXTERNAL)))
        .containsExactlyInAnyOrder(
            "list pods",
            "watch pods",
            "create events",
            "list configmaps rack-limits",
            "watch configmaps rack-limits");
    assertThat(rendered(Chart.EXTERNAL)).noneMatch(Job.class::isInstance);
  }

  private static boolean isManager(HasMetadata one) {
    return one.getMetadata().getName().equals("rack-global-manager");
  }

  /** Verb, resource and the names that it is for. */
  private static List<String> rightsIn(List<HasMetadata> rendered) {
    return rendered.stream()
        .filter(Role.class::isInstance)
        .flatMap(role -> ((Role) role).getRules().stream())
        .flatMap(
            rule ->
                rule.getVerbs().stream()
                    .flatMap(
                        verb ->
                            rule.getResources().stream()
                                .map(
                                    resource ->
                                        (verb
                                                + " "
                                                + resource
                                                + " "
                                                + String.join(",", rule.getResourceNames()))
                                            .strip())))
        .toList();
  }

  @Test
  void shouldSumUpToWhatOneNodeOfSixGibibytesHas() {
    long requested =
        rendered("").stream()
            .filter(one -> !(one instanceof Job) && !(one instanceof Pod))
            .flatMap(one -> pod(one).stream().map(pod -> copies(one) * memory(pod.getContainers())))
            .mapToLong(Long::longValue)
            .sum();

    assertThat(requested).isBetween(1L << 30, 6L * (1L << 30) - (512L << 20));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "postgresql.external.host=db | set bundled.enabled to false",
        "postgresql.bundled.enabled=false | name postgresql.external.host",
        "postgresql.bundled.enabled=false,postgresql.external.host=db | needs existingSecret",
        "kafka.bundled.enabled=false | name kafka.external.bootstrapServers",
        "kafka.external.bootstrapServers=a:9092 | set bundled.enabled to false",
        "kafka.external.existingSecret=tls | bootstrapServers, which are not named",
        "postgresql.external.existingSecret=ca | postgresql.external.host, which is not named",
        "memory.limit=8Mi | less than 16Mi",
        "processor.cache=512Mi | leaves less than 1Gi",
        "processor.cache=1200Mi,processor.jvmOptions={-Xmx128m} | leaves less than 256Mi",
        "memory.replicas=5 | additional properties 'replicas' not allowed",
        "memory.limit=512M | does not match pattern",
        "memory.replicaCount=0 | minimum: got 0, want 1",
        "globalManager.limits.movesAtOnce=0 | minimum: got 0, want 1",
        "globalManager.limits.moves=4 | additional properties 'moves' not allowed",
      })
  void shouldRefuseWhatContradictsItselfInOneLine(String values, String reason) {
    Rack.Outcome outcome = Chart.template(values);

    assertThat(outcome.exitCode()).isNotZero();
    assertThat(outcome.err().lines()).anyMatch(line -> line.contains(reason));
  }

  /** Helm takes such a name, and no Service can have it. */
  @ParameterizedTest
  @ValueSource(strings = {"1rack", "a.b"})
  void shouldRefuseAReleaseThatIsNamedLikeNoService(String name) {
    Rack.Outcome outcome =
        TestCluster.run(List.of("helm", "template", name, Rack.file("helm/splitrack")));

    assertThat(outcome.exitCode()).isNotZero();
    assertThat(outcome.err()).contains("the release name " + name + " names no Service");
  }

  @Test
  void shouldCheckTheCertificateOfAnExternalDatabaseAgainstItsAuthority() {
    String values = Chart.EXTERNAL + ",postgresql.external.existingSecret=ca";

    assertThat(rendered(values))
        .filteredOn(Deployment.class::isInstance)
        .hasSize(2)
        .allSatisfy(
            one -> {
              assertThat(Chart.template(values).out())
                  .contains("?sslmode=verify-full&sslrootcert=/postgres/ca.crt");
              assertThat(pod(one).getFirst().getVolumes())
                  .filteredOn(volume -> volume.getName().equals("postgres"))
                  .singleElement()
                  .satisfies(
                      volume -> assertThat(volume.getSecret().getSecretName()).isEqualTo("ca"));
            });
    assertThat(
            Chart.template(Chart.EXTERNAL + ",postgresql.external.parameters=sslmode=require")
                .out())
        .contains("db.example.org:5432/splitrack?sslmode=require");
  }

  /** Each pod sees the key of its own role's certificate and of no other's. */
  @Test
  void shouldGiveEachRoleItsOwnCertificateUnlessAllGoesInClear() {
    for (HasMetadata one : rendered("")) {
      String role = one.getMetadata().getLabels().getOrDefault("app.kubernetes.io/component", "");
      Set<String> expected =
          switch (role) {
            case "make-secrets" -> Set.of();
            case "test" -> Set.of("tls-cli.key");
            default -> Set.of("tls-" + role + ".key");
          };
      for (PodSpec pod : pod(one)) {
        assertThat(tlsKeysOf(pod)).as(role).isEqualTo(expected);
      }
    }
    assertThat(rendered("transport=plain").stream().flatMap(one -> pod(one).stream()).toList())
        .isNotEmpty()
        .allSatisfy(pod -> assertThat(tlsKeysOf(pod)).isEmpty());
    assertThat(Chart.template("transport=none").exitCode()).isNotZero();
  }

  /** No other pod reaches a port of theirs without a certificate; in clear all is as it was. */
  @Test
  void shouldHaveItsOwnKafkaAndPostgresSpeakOnlyTlsUnlessAllGoesInClear() {
    Map<String, String> kafka = environmentOf("rack-kafka", "");
    assertThat(kafka)
        .containsEntry("KAFKA_LISTENERS", "CLIENTS://:9092,CONTROLLER://localhost:9093")
        .containsEntry("KAFKA_ADVERTISED_LISTENERS", "CLIENTS://rack-kafka:9092")
        .containsEntry("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "CONTROLLER:PLAINTEXT,CLIENTS:SSL")
        .containsEntry("KAFKA_SSL_CLIENT_AUTH", "required")
        .containsEntry("KAFKA_SSL_ENABLED_PROTOCOLS", "TLSv1.3")
        .containsEntry("KAFKA_SSL_KEYSTORE_KEY", "${directory:/secrets:tls-kafka.key}");
    assertThat(argumentsOf("rack-postgres", ""))
        .contains(
            "-cssl=on", "-cssl_ca_file=/secrets/tls-ca.crt", "-chba_file=/access/pg_hba.conf");
    assertThat(accessIn(rendered("")).lines())
        .isNotEmpty()
        .allMatch(
            line ->
                line.startsWith("local ")
                    || (line.startsWith("hostssl ")
                        && line.endsWith(" scram-sha-256 clientcert=verify-ca")));

    Map<String, String> plain = environmentOf("rack-kafka", "transport=plain");
    assertThat(plain)
        .containsEntry("KAFKA_LISTENERS", "PLAINTEXT://:9092,CONTROLLER://localhost:9093")
        .containsEntry(
            "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT");
    assertThat(plain.keySet())
        .noneMatch(name -> name.startsWith("KAFKA_SSL") || name.contains("AUTHORIZER"));
    assertThat(argumentsOf("rack-postgres", "transport=plain"))
        .noneMatch(argument -> argument.contains("ssl") || argument.contains("hba"));
    assertThat(accessIn(rendered("transport=plain"))).isEmpty();
  }

  @Test
  void shouldHaveThoseWhoSpeakWithThemShowTheirOwnCertificates() {
    for (String role : List.of("global-manager", "table-service")) {
      assertThat(environmentOf("rack-" + role, "").get("SPLITRACK_POSTGRES_URL"))
          .isEqualTo(
              "jdbc:postgresql://rack-postgres:5432/splitrack?sslmode=verify-full"
                  + "&sslrootcert=/secrets/tls-ca.crt&sslcert=/secrets/tls-%s.crt&sslkey=/secrets/tls-%s.key&pemKeyAlgorithm=EC"
                      .formatted(role, role));
      assertThat(environmentOf("rack-" + role, "transport=plain").get("SPLITRACK_POSTGRES_URL"))
          .isEqualTo("jdbc:postgresql://rack-postgres:5432/splitrack");
      assertThat(environmentOf("rack-" + role, Chart.EXTERNAL).get("SPLITRACK_POSTGRES_URL"))
          .as("one of somebody else that knows nothing of the rack's authority")
          .doesNotContain("sslcert");
    }
    for (String role : List.of("global-manager", "table-service", "pcomponent")) {
      assertThat(environmentOf("rack-" + role, ""))
          .containsEntry("SPLITRACK_KAFKA_MTLS", "true")
          .containsEntry("SPLITRACK_TLS_KEY_FILE", "/secrets/tls-" + role + ".key");
      for (String values : List.of("transport=plain", Chart.EXTERNAL)) {
        assertThat(environmentOf("rack-" + role, values)).doesNotContainKey("SPLITRACK_KAFKA_MTLS");
      }
    }
  }

  private static String accessIn(List<HasMetadata> rendered) {
    return rendered.stream()
        .filter(ConfigMap.class::isInstance)
        .map(one -> ((ConfigMap) one).getData().getOrDefault("pg_hba.conf", ""))
        .collect(Collectors.joining());
  }

  private static List<String> argumentsOf(String name, String values) {
    return container(name, rendered(values)).getArgs();
  }

  /** What is said in the manifest itself, of the container of a StatefulSet or a Deployment. */
  private static Map<String, String> environmentOf(String name, String values) {
    return container(name, rendered(values)).getEnv().stream()
        .filter(variable -> variable.getValue() != null)
        .collect(Collectors.toMap(EnvVar::getName, EnvVar::getValue));
  }

  /** The container of a StatefulSet or a Deployment. */
  static Container container(String name, List<HasMetadata> rendered) {
    return rendered.stream()
        .filter(one -> one.getMetadata().getName().equals(name))
        .flatMap(one -> pod(one).stream())
        .map(pod -> pod.getContainers().getFirst())
        .findFirst()
        .orElseThrow();
  }

  private static Set<String> tlsKeysOf(PodSpec pod) {
    return pod.getVolumes().stream()
        .filter(volume -> volume.getSecret() != null)
        .flatMap(volume -> volume.getSecret().getItems().stream())
        .map(KeyToPath::getKey)
        .filter(key -> key.startsWith("tls-") && key.endsWith(".key"))
        .collect(Collectors.toSet());
  }

  @Test
  void shouldKeepThePlainManifestsEqualToTheChart() throws IOException {
    Path rendered = Files.createTempFile("splitrack-e2e-", ".yaml");
    TestCluster.succeed(List.of(Rack.file("k8s/render"), rendered.toString()));

    assertThat(rendered)
        .as("k8s/render makes them again")
        .hasSameTextualContentAs(Path.of(Rack.file("k8s/splitrack.yaml")));
    Files.delete(rendered);
  }

  @Test
  void shouldRefuseToInstallOnAnOlderKubernetesThanItNeeds() {
    String[] number = Chart.oldestKubernetes().split("\\.", -1);
    String older = number[0] + "." + (Integer.parseInt(number[1]) - 1);

    Rack.Outcome outcome = Chart.template("", "--kube-version", older + ".9");

    assertThat(outcome.exitCode()).isNotZero();
    assertThat(outcome.err()).contains("incompatible with Kubernetes v" + older);
  }

  /** The API server checks more than its schemas say. The test's pod would need its account. */
  @Test
  @EnabledIfEnvironmentVariable(
      named = "SPLITRACK_TEST_CLUSTER",
      matches = "(?!none$).+",
      disabledReason = "SPLITRACK_TEST_CLUSTER names no kube context")
  void shouldBeTakenByTheApiServer() throws IOException {
    try (TestCluster cluster = TestCluster.connect()) {
      for (String values : Chart.VALUE_SETS) {
        assertTaken(cluster, Chart.rendered(values, "--skip-tests"));
      }
      for (String name : List.of("splitrack", "mcomponent-autoscaler")) {
        String manifests = Files.readString(Chart.plain(name));
        assertTaken(
            cluster, manifests.replace("namespace: splitrack", "namespace: " + cluster.namespace));
      }
      Rack.Outcome wrong =
          cluster.dryRun(Chart.rendered("", "--skip-tests").replace("clusterIP: None", "ip: None"));
      assertThat(wrong.exitCode()).isNotZero();
      assertThat(wrong.err()).contains("unknown field \"spec.ip\"");
    }
  }

  private static void assertTaken(TestCluster cluster, String manifests) {
    Rack.Outcome outcome = cluster.dryRun(manifests);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("(server dry run)");
  }

  /**
   * What is called for without being able to fail a pod's start: order, probes, spread, budgets.
   */
  @Test
  void shouldStartProbeAndSpreadThePodsOfEachRoleAlike() {
    List<HasMetadata> rendered = rendered("");
    Set<String> budgets =
        rendered.stream()
            .filter(PodDisruptionBudget.class::isInstance)
            .map(one -> one.getMetadata().getName())
            .collect(Collectors.toSet());

    for (HasMetadata one : rendered) {
      String name = one.getMetadata().getName();
      if (one instanceof StatefulSet set) {
        assertThat(set.getSpec().getPodManagementPolicy()).as(name).isEqualTo("Parallel");
      }
      if (one instanceof StatefulSet || one instanceof Deployment) {
        PodSpec pod = pod(one).getFirst();
        Container container = pod.getContainers().getFirst();
        for (Probe probe :
            Arrays.asList(
                container.getStartupProbe(),
                container.getReadinessProbe(),
                container.getLivenessProbe())) {
          assertThat(probe).as(name).isNotNull();
          if (container.getImage().startsWith("splitrack/")) {
            assertThat(probe.getHttpGet().getPort().getStrVal()).as(name).isEqualTo("health");
          }
        }
        if (container.getImage().startsWith("splitrack/")) {
          assertThat(container.getPorts().stream().map(ContainerPort::getContainerPort))
              .as(name)
              .doesNotHaveDuplicates();
          assertThat(pod.getTopologySpreadConstraints().getFirst().getWhenUnsatisfiable())
              .isEqualTo("ScheduleAnyway");
          assertThat(annotationsOfPods(one)).containsKey("checksum/rack");
          assertThat(budgets.contains(name)).as(name).isEqualTo(one instanceof StatefulSet);
        }
      }
    }
  }

  private static Map<String, String> annotationsOfPods(HasMetadata one) {
    return switch (one) {
      case StatefulSet set -> set.getSpec().getTemplate().getMetadata().getAnnotations();
      case Deployment deployment ->
          deployment.getSpec().getTemplate().getMetadata().getAnnotations();
      default -> Map.of();
    };
  }

  /** A pod whose manifest is the same does not start again. */
  @Test
  void shouldChangeNothingButTheirOwnConfigMapWhenLimitsChange() {
    List<HasMetadata> before = rendered("");
    List<HasMetadata> changed = new ArrayList<>(rendered("globalManager.limits.movesAtOnce=4"));

    changed.removeAll(before);

    assertThat(changed)
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.getMetadata().getName()).isEqualTo("rack-limits");
              assertThat(((ConfigMap) one).getData())
                  .containsOnly(
                      Map.entry("movesAtOnce", "4"),
                      Map.entry(
                          "copiesAtOnce", Integer.toString(CopyLimits.DEFAULT.copiesAtOnce())));
            });
    assertThat(before)
        .filteredOn(one -> one.getMetadata().getName().equals("rack-limits"))
        .singleElement()
        .satisfies(
            one ->
                assertThat(((ConfigMap) one).getData().get("movesAtOnce"))
                    .as("the same as on one machine")
                    .isEqualTo(Integer.toString(CopyLimits.DEFAULT.movesAtOnce())));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "memory.replicaCount=1 | run programs with --ack none",
        "memory.replicaCount=2 | scale statefulset/rack-mcomponent --replicas 3",
        "memory.replicaCount=3 | ''",
      })
  void shouldSayWhatToDoNextAndWarnOfTooFewMComponents(String values, String warning) {
    Rack.Outcome outcome =
        TestCluster.run(
            List.of(
                "helm",
                "install",
                "rack",
                Rack.file("helm/splitrack"),
                "--dry-run=client",
                "--namespace",
                "racks",
                "--set",
                values));

    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out().substring(outcome.out().indexOf("NOTES:")))
        .contains("./rack --kube racks/rack components", warning)
        .satisfies(notes -> assertThat(notes.contains("WARNING")).isEqualTo(!warning.isEmpty()));
  }

  @Test
  void shouldSayOfEachValueWhatItIs() throws IOException {
    List<String> lines = Files.readAllLines(Rack.checkout().resolve("helm/splitrack/values.yaml"));
    List<String> silent = new ArrayList<>();
    int explained = Integer.MAX_VALUE;
    for (int i = 0; i < lines.size(); i++) {
      Matcher value = VALUE.matcher(lines.get(i));
      if (!value.matches() || value.group("indent").length() > explained) {
        continue;
      }
      boolean said = lines.get(i - 1).strip().startsWith("# -- ");
      explained = said ? value.group("indent").length() : Integer.MAX_VALUE;
      if (!said && !value.group("value").isBlank()) {
        silent.add(lines.get(i));
      }
    }
    assertThat(silent).isEmpty();
  }

  /** Helm refuses a value that the schema lacks; this is the other direction. */
  @Test
  void shouldNameInTheSchemaOnlyValuesThatThereAre() throws IOException {
    JsonNode schema =
        JsonMapper.shared()
            .readTree(
                Files.readAllBytes(Rack.checkout().resolve("helm/splitrack/values.schema.json")));
    Map<?, ?> values =
        YAML.unmarshal(
            Files.readString(Rack.checkout().resolve("helm/splitrack/values.yaml")), Map.class);

    Set<String> missing = new TreeSet<>();
    compare("", schema, values, missing);
    assertThat(missing).isEmpty();
  }

  private static void compare(String path, JsonNode schema, Map<?, ?> values, Set<String> missing) {
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      String key = path + "." + property.getKey();
      Object value = values.get(property.getKey());
      if (value == null) {
        if (!path.endsWith(".resources.limits")) {
          missing.add(key);
        }
      } else if (value instanceof Map<?, ?> nested) {
        compare(key, property.getValue(), nested, missing);
      }
    }
  }

  static List<HasMetadata> rendered(String values) {
    Object parsed =
        YAML.unmarshal(
            new ByteArrayInputStream(Chart.rendered(values).getBytes(StandardCharsets.UTF_8)));
    return ((Collection<?>) parsed).stream().map(HasMetadata.class::cast).toList();
  }

  private static List<PodSpec> pod(HasMetadata one) {
    return switch (one) {
      case StatefulSet set -> List.of(set.getSpec().getTemplate().getSpec());
      case Deployment deployment -> List.of(deployment.getSpec().getTemplate().getSpec());
      case Job job -> List.of(job.getSpec().getTemplate().getSpec());
      case Pod pod -> List.of(pod.getSpec());
      default -> List.of();
    };
  }

  private static int copies(HasMetadata one) {
    return switch (one) {
      case StatefulSet set -> set.getSpec().getReplicas();
      case Deployment deployment -> deployment.getSpec().getReplicas();
      default -> throw new IllegalArgumentException(one.getKind());
    };
  }

  private static long memory(List<Container> containers) {
    return containers.stream()
        .map(container -> container.getResources().getRequests().get("memory"))
        .mapToLong(quantity -> quantity.getNumericalAmount().longValueExact())
        .sum();
  }
}
