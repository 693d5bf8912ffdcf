package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The cluster that {@code SPLITRACK_TEST_CLUSTER} names, and a namespace of these tests in it that
 * holds pods to the restricted standard. Helm is run as a person runs it.
 */
final class TestCluster implements AutoCloseable {
  private static final String CONTEXT_VARIABLE = "SPLITRACK_TEST_CLUSTER";

  /** A command that puts image tars on the nodes; without it the images have to be there. */
  private static final String LOAD_VARIABLE = "SPLITRACK_LOAD_IMAGES";

  /** A command that powers nodes off and on. */
  private static final String FAULT_VARIABLE = "SPLITRACK_NODE_FAULTS";

  private static final long LONGEST_COMMAND_S = 400;

  private static final Set<String> OPEN = ConcurrentHashMap.newKeySet();

  /** Of this checkout, which does not change while tests run. */
  private static boolean imagesAreLoaded;

  final KubernetesClient client;
  final String namespace;

  private final String context;

  private TestCluster(KubernetesClient client, String context, String namespace) {
    this.client = client;
    this.context = context;
    this.namespace = namespace;
  }

  /** Makes the namespace. */
  static TestCluster connect() {
    String context = System.getenv(CONTEXT_VARIABLE);
    Config config = Config.autoConfigure(context);
    assertThat(config.getCurrentContext().getName())
        .as("rack --kube works in the current kube context")
        .isEqualTo(context);
    byte[] number = new byte[3];
    new SecureRandom().nextBytes(number);
    String namespace = "splitrack-e2e-" + HexFormat.of().formatHex(number);
    KubernetesClient client = new KubernetesClientBuilder().withConfig(config).build();
    client
        .namespaces()
        .resource(
            new NamespaceBuilder()
                .withNewMetadata()
                .withName(namespace)
                .addToLabels("splitrack.org/e2e", "true")
                .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                .endMetadata()
                .build())
        .create();
    OPEN.add(namespace);
    return new TestCluster(client, context, namespace);
  }

  /** The namespaces that tests work in just now. */
  static Set<String> open() {
    return OPEN;
  }

  /** Makes the images of this checkout and puts them on the nodes, unless that was done. */
  static synchronized void loadImages() {
    String load = System.getenv(LOAD_VARIABLE);
    if (imagesAreLoaded || load == null || load.isBlank()) {
      return;
    }
    try {
      Path folder = Files.createTempDirectory("splitrack-e2e-images-");
      succeed(List.of(Rack.file("rack"), "images", "--tar", folder.toString()));
      List<String> command = new ArrayList<>(List.of(load.split(" ", -1)));
      try (Stream<Path> tars = Files.list(folder)) {
        tars.map(Path::toString).sorted().forEach(command::add);
      }
      // A container runtime may have thrown away what the next image is to build on: once more.
      if (run(command).exitCode() != 0) {
        succeed(command);
      }
      imagesAreLoaded = true;
      try (Stream<Path> tars = Files.list(folder)) {
        for (Path tar : tars.toList()) {
          Files.delete(tar);
        }
      }
      Files.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs helm in the namespace. */
  Rack.Outcome helm(String... words) {
    List<String> command =
        new ArrayList<>(List.of("helm", "--kube-context", context, "-n", namespace));
    command.addAll(List.of(words));
    return run(command);
  }

  /** Has the API server check manifests, and nothing more. */
  Rack.Outcome dryRun(String manifests) {
    try {
      Path file = Files.createTempFile("splitrack-e2e-", ".yaml");
      Files.writeString(file, manifests);
      Rack.Outcome outcome =
          run(
              List.of(
                  "kubectl",
                  "--context",
                  context,
                  "-n",
                  namespace,
                  "apply",
                  "--dry-run=server",
                  "--validate=strict",
                  "-f",
                  file.toString()));
      Files.delete(file);
      return outcome;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@code kill}, {@code boot} and so on of a node whose name ends with its number. */
  static void nodeFault(String fault, String node) {
    List<String> command = new ArrayList<>(List.of(System.getenv(FAULT_VARIABLE).split(" ", -1)));
    command.addAll(List.of(fault, node.replaceAll("\\D+", "")));
    succeed(command);
  }

  /** The names of all nodes. */
  List<String> nodes() {
    return client.nodes().list().getItems().stream()
        .map(node -> node.getMetadata().getName())
        .sorted()
        .toList();
  }

  /** The nodes that names are looked up on: without them nobody finds anybody. */
  Set<String> nodesOfNames() {
    return client
        .pods()
        .inNamespace("kube-system")
        .withLabel("k8s-app", "kube-dns")
        .list()
        .getItems()
        .stream()
        .map(pod -> pod.getSpec().getNodeName())
        .collect(Collectors.toSet());
  }

  /** Does something while new pods start on no other node than this. */
  void whileOthersAreCordoned(String node, Runnable action) {
    List<String> others = nodes().stream().filter(one -> !one.equals(node)).toList();
    try {
      others.forEach(one -> succeed(List.of("kubectl", "cordon", one)));
      action.run();
    } finally {
      others.forEach(one -> succeed(List.of("kubectl", "uncordon", one)));
    }
  }

  boolean isReady(String node) {
    return client.nodes().withName(node).require().getStatus().getConditions().stream()
        .anyMatch(one -> one.getType().equals("Ready") && one.getStatus().equals("True"));
  }

  Pod pod(String name) {
    return client.pods().inNamespace(namespace).withName(name).require();
  }

  /** What a person sees of something in the namespace. */
  String describe(String kind, String name) {
    return run(List.of("kubectl", "-n", namespace, "describe", kind, name)).out();
  }

  /** Names of the namespace's claims of volumes. */
  List<String> claims() {
    return client.persistentVolumeClaims().inNamespace(namespace).list().getItems().stream()
        .map(claim -> claim.getMetadata().getName())
        .toList();
  }

  /** Makes a Secret of the namespace, or has the present one hold these. */
  void put(String name, Map<String, String> texts) {
    var secrets = client.secrets().inNamespace(namespace);
    Secret present = secrets.withName(name).get();
    if (present == null) {
      secrets.resource(RackSecrets.secret(name, texts)).create();
    } else {
      secrets
          .resource(new SecretBuilder(present).withData(RackSecrets.encoded(texts)).build())
          .update();
    }
  }

  static Rack.Outcome succeed(List<String> command) {
    Rack.Outcome outcome = run(command);
    assertThat(outcome.exitCode()).as(command + ": " + outcome.err()).isZero();
    return outcome;
  }

  static Rack.Outcome run(List<String> command) {
    try {
      Path out = Files.createTempFile("splitrack-e2e-", ".out");
      Path err = Files.createTempFile("splitrack-e2e-", ".err");
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      if (!process.waitFor(LONGEST_COMMAND_S, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("hangs: " + command);
      }
      Rack.Outcome outcome =
          new Rack.Outcome(
              process.exitValue(),
              Files.readString(out, StandardCharsets.UTF_8),
              Files.readString(err, StandardCharsets.UTF_8));
      Files.delete(out);
      Files.delete(err);
      return outcome;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Deletes the namespace and all in it. */
  @Override
  public void close() {
    OPEN.remove(namespace);
    client.namespaces().withName(namespace).delete();
    client.close();
  }
}
