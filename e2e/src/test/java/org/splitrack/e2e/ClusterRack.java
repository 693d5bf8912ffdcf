package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** A release of the chart on the cluster: its pods, and what {@code rack --kube} says of it. */
final class ClusterRack {
  static final Duration SOON = Duration.ofMinutes(2);

  static final String[] ROLES = {
    "pcomponent", "mcomponent", "scomponent", "global-manager", "table-service", "postgres", "kafka"
  };

  final TestCluster cluster;
  final String release;
  final Rack rack;

  ClusterRack(TestCluster cluster, String release) {
    this.cluster = cluster;
    this.release = release;
    this.rack = Rack.onCluster(cluster.namespace, release);
  }

  /** Installs the chart of this checkout, and fails unless it is ready in three minutes. */
  static ClusterRack install(TestCluster cluster, String release, String... options) {
    TestCluster.loadImages();
    List<String> words =
        new ArrayList<>(
            List.of(
                "install", release, Rack.file("helm/splitrack"), "--wait", "--timeout", "180s"));
    words.addAll(List.of(options));
    Rack.Outcome installed = cluster.helm(words.toArray(String[]::new));
    ClusterRack rack = new ClusterRack(cluster, release);
    assertThat(installed.exitCode()).as(() -> installed.err() + rack.describeAll()).isZero();
    assertThat(installed.out()).contains("./rack --kube " + cluster.namespace + "/" + release);
    return rack;
  }

  /** What {@code helm test} says of it. */
  void assertPassesItsOwnTest() {
    Rack.Outcome tested = cluster.helm("test", release, "--logs");
    assertThat(tested.exitCode()).as(tested.err()).isZero();
    assertThat(tested.out()).contains("its result is right");
  }

  /** Each component with its state, as {@code pcomponent-0 up}. */
  List<String> states() {
    return strings("SELECT component || ' ' || state AS shown FROM api.components", "shown");
  }

  /** A program of 32 MiB in two copies, which waits with a quarter of it cached. */
  HeldProgram hold(String... options) {
    return HeldProgram.grown(rack, "25%", 512, options);
  }

  /** The held program looks at all that it wrote. */
  static void assertIntact(HeldProgram program) {
    Rack.Outcome end = program.finish();
    assertThat(end.exitCode()).as(end.err()).isZero();
    assertThat(end.out()).contains("intact");
  }

  /** Where the regions of a process are at home, with that of the most first. */
  List<String> homesOf(String process) {
    return strings(
        "SELECT home FROM api.regions WHERE process = %s GROUP BY home ORDER BY count(*) DESC, home"
            .formatted(process),
        "home");
  }

  /** All that hold a copy of anything of a process. */
  Set<String> holdersOf(String process) {
    return rack.holdersOf(process);
  }

  private List<String> strings(String query, String column) {
    return rack.rows(query).valueStream().map(row -> row.path(column).asString()).toList();
  }

  String componentOf(String process) {
    return strings("SELECT component FROM api.processes WHERE process = " + process, "component")
        .getFirst();
  }

  String componentOfNamed(String name) {
    return strings("SELECT component FROM api.processes WHERE name = '" + name + "'", "component")
        .getFirst();
  }

  /** The messages of events about a component, oldest first. */
  List<String> eventsOf(String component) {
    return strings(
        "SELECT message FROM api.events WHERE message LIKE '%s %%' ORDER BY event"
            .formatted(component),
        "message");
  }

  /** The regions of a process that an mComponent is home of. */
  List<String> regionsAt(String component, String process) {
    return strings(
        "SELECT region FROM api.regions WHERE process = %s AND home = '%s'"
            .formatted(process, component),
        "region");
  }

  /** One of its regions. */
  String regionOf(String process) {
    return strings("SELECT region FROM api.regions WHERE process = " + process, "region")
        .getFirst();
  }

  String stateOf(String component) {
    return strings(
            "SELECT state FROM api.components WHERE component = '%s'".formatted(component), "state")
        .getFirst();
  }

  String nodeOfOnly(String role) {
    return onlyPodOf(role).getSpec().getNodeName();
  }

  String nodeOf(String component) {
    return podOf(component).getSpec().getNodeName();
  }

  /** What {@code kubectl describe} warns of at the pods of these components. */
  List<String> warningsOf(String... components) {
    Set<String> names = new TreeSet<>();
    for (String component : components) {
      names.add(release + "-" + component);
    }
    return cluster.client.v1().events().inNamespace(cluster.namespace).list().getItems().stream()
        .filter(event -> event.getType().equals("Warning"))
        .filter(event -> names.contains(event.getInvolvedObject().getName()))
        .map(Event::getMessage)
        .toList();
  }

  void deleteByForce(Pod pod) {
    cluster
        .client
        .pods()
        .inNamespace(cluster.namespace)
        .withName(pod.getMetadata().getName())
        .withGracePeriod(0)
        .delete();
  }

  /** Likewise, and returns when its next start is there: what was in this one's memory is gone. */
  void deleteByForceAndAwaitNext(String component) {
    String boot = bootOf(component);
    deleteByForce(podOf(component));
    await().atMost(SOON).until(() -> !bootOf(component).equals(boot));
  }

  /** As {@code kubectl delete pod}, which would also wait. */
  void delete(Pod pod) {
    cluster.client.pods().inNamespace(cluster.namespace).resource(pod).delete();
  }

  void scale(String role, int count) {
    cluster
        .client
        .apps()
        .statefulSets()
        .inNamespace(cluster.namespace)
        .withName(release + "-" + role)
        .scale(count);
  }

  /** As {@link #hold} does, on a pComponent of another node than this. */
  HeldProgram holdAwayFrom(String node, String... options) {
    HeldProgram program = without(processorsOf(node), () -> hold(options));
    assertThat(nodeOf(componentOf(program.process()))).isNotEqualTo(node);
    return program;
  }

  /** Likewise. */
  BusyProgram workAwayFrom(String node) {
    BusyProgram program = without(processorsOf(node), () -> BusyProgram.start(rack));
    assertThat(nodeOf(program.component())).isNotEqualTo(node);
    return program;
  }

  private List<String> processorsOf(String node) {
    return podsOf("pcomponent").stream()
        .filter(pod -> pod.getSpec().getNodeName().equals(node))
        .map(ClusterRack::componentOf)
        .toList();
  }

  /** Starts something while these components take nothing new. */
  <T> T without(List<String> components, Supplier<T> start) {
    components.forEach(component -> rack.succeed("drain", "--no-wait", component));
    try {
      return start.get();
    } finally {
      components.forEach(component -> rack.succeed("drain", component, "--undo"));
    }
  }

  /** Has the one pod of a role run on this node. */
  void moveTo(String role, String node) {
    Pod pod = onlyPodOf(role);
    if (!pod.getSpec().getNodeName().equals(node)) {
      cluster.whileOthersAreCordoned(
          node,
          () -> {
            delete(pod);
            awaitGone(List.of(pod));
            awaitAllThere();
          });
    }
    assertThat(onlyPodOf(role).getSpec().getNodeName()).isEqualTo(node);
  }

  /** Has a node run an mComponent, one of another node that has two of them if it has none. */
  void spreadMemory(String node) {
    Map<String, List<Pod>> byNode =
        podsOf("mcomponent").stream()
            .collect(Collectors.groupingBy(pod -> pod.getSpec().getNodeName()));
    if (byNode.containsKey(node)) {
      return;
    }
    Pod second =
        byNode.values().stream()
            .filter(pods -> pods.size() > 1)
            .map(List::getLast)
            .findFirst()
            .orElseThrow();
    cluster.whileOthersAreCordoned(
        node,
        () -> {
          delete(second);
          awaitGone(List.of(second));
          awaitAllThere();
        });
  }

  /** The mComponent of a node, one that is to go on. */
  String memoryOf(String node) {
    return podsOf("mcomponent").stream()
        .filter(pod -> pod.getSpec().getNodeName().equals(node))
        .map(ClusterRack::componentOf)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no mComponent on " + node));
  }

  /** Has an mComponent be home of something of a program. */
  void makeHome(String component, String process) {
    if (!homesOf(process).contains(component)) {
      rack.succeed("migrate", regionOf(process), component);
    }
    assertThat(homesOf(process)).contains(component);
  }

  /** Waits until these have ended. */
  void awaitGone(List<Pod> ending) {
    for (Pod pod : ending) {
      await()
          .atMost(SOON)
          .until(
              () -> {
                Pod now =
                    cluster
                        .client
                        .pods()
                        .inNamespace(cluster.namespace)
                        .withName(pod.getMetadata().getName())
                        .get();
                return now == null
                    || !now.getMetadata().getUid().equals(pod.getMetadata().getUid());
              });
    }
  }

  /** Waits until all components of the rack are up, and nothing of any program is in one copy. */
  void awaitAllUp() {
    awaitAllThere();
    rack.succeed("protected", "--wait");
  }

  /** Waits until all components of the rack are up. */
  void awaitAllThere() {
    await().atMost(SOON).until(() -> podsOf(ROLES).stream().allMatch(Readiness::isPodReady));
    await()
        .atMost(SOON)
        .ignoreExceptionsInstanceOf(AssertionError.class)
        .until(
            () ->
                rack.rows("SELECT 1 FROM api.components WHERE state NOT IN ('up', 'left')")
                    .isEmpty());
  }

  String bootOf(String component) {
    JsonNode rows =
        rack.rows("SELECT boot_id FROM api.components WHERE component = '" + component + "'");
    return rows.path(0).path("boot_id").asString();
  }

  int restartsOf(String component) {
    return restartsOf(podOf(component));
  }

  static int restartsOf(Pod pod) {
    return pod.getStatus().getContainerStatuses().stream()
        .mapToInt(ContainerStatus::getRestartCount)
        .sum();
  }

  /** The pod of a numbered component. */
  Pod podOf(String component) {
    return cluster.pod(release + "-" + component);
  }

  /** What {@code kubectl describe} says of the pods of a role. */
  String describe(String role) {
    StringBuilder text = new StringBuilder();
    for (Pod pod : podsOf(role)) {
      text.append(cluster.describe("pod", pod.getMetadata().getName()));
    }
    return text.toString();
  }

  /** The same of all, for the message of a test that fails. */
  String describeAll() {
    return cluster.describe("pod", "-l=app.kubernetes.io/instance=" + release);
  }

  /** The one pod of a role. */
  Pod onlyPodOf(String role) {
    List<Pod> pods = podsOf(role);
    assertThat(pods).hasSize(1);
    return pods.getFirst();
  }

  /** The numbered component that a pod is. */
  static String componentOf(Pod pod) {
    Map<String, String> labels = pod.getMetadata().getLabels();
    return labels.get("app.kubernetes.io/component")
        + "-"
        + labels.get("apps.kubernetes.io/pod-index");
  }

  /** Those that are to go on. */
  List<Pod> podsOf(String... roles) {
    return podsAndLeavingOf(roles).stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .toList();
  }

  List<Pod> podsAndLeavingOf(String... roles) {
    return cluster
        .client
        .pods()
        .inNamespace(cluster.namespace)
        .withLabel("app.kubernetes.io/instance", release)
        .withLabelIn("app.kubernetes.io/component", roles)
        .list()
        .getItems();
  }

  String logOf(Pod pod) {
    return cluster
        .client
        .pods()
        .inNamespace(cluster.namespace)
        .withName(pod.getMetadata().getName())
        .getLog();
  }

  /** Those of a role, with a number of its own, so that nobody takes the pod for the rack's. */
  Map<String, String> labels(String role) {
    return Map.of(
        "app.kubernetes.io/name",
        "splitrack",
        "app.kubernetes.io/instance",
        release,
        "app.kubernetes.io/component",
        role,
        "apps.kubernetes.io/pod-index",
        "9");
  }

  /** What a script prints in a pod with these labels. */
  String outputOf(String name, Map<String, String> labels, String script) {
    var pods = cluster.client.pods().inNamespace(cluster.namespace);
    pods.resource(running(name, labels, script)).create();
    await()
        .atMost(SOON)
        .until(() -> "Succeeded".equals(pods.withName(name).require().getStatus().getPhase()));
    String said = pods.withName(name).getLog();
    pods.withName(name).delete();
    return said;
  }

  /** A pod with these labels that runs a script which does not end; it has an address. */
  Pod start(String name, Map<String, String> labels, String script) {
    var pods = cluster.client.pods().inNamespace(cluster.namespace);
    pods.resource(running(name, labels, script)).create();
    await().atMost(SOON).until(() -> Readiness.isPodReady(pods.withName(name).require()));
    return pods.withName(name).require();
  }

  private static Pod running(String name, Map<String, String> labels, String script) {
    return pod(name, labels)
        .editSpec()
        .editFirstContainer()
        .withCommand("sh", "-c", script)
        .endContainer()
        .endSpec()
        .build();
  }

  /** A pod of one container that may do nothing. */
  static PodBuilder pod(String name, Map<String, String> labels) {
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .withLabels(labels)
        .endMetadata()
        .withNewSpec()
        .withRestartPolicy("Never")
        .withTerminationGracePeriodSeconds(1L)
        .withAutomountServiceAccountToken(false)
        .withNewSecurityContext()
        .withRunAsNonRoot(true)
        .withRunAsUser(10001L)
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .endSecurityContext()
        .addNewContainer()
        .withName(name)
        .withImage("busybox:1.37")
        .withImagePullPolicy("IfNotPresent")
        .withNewSecurityContext()
        .withAllowPrivilegeEscalation(false)
        .withNewCapabilities()
        .withDrop("ALL")
        .endCapabilities()
        .endSecurityContext()
        .endContainer()
        .endSpec();
  }
}
