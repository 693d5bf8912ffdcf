package org.splitrack.cli.internal.kube;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.LocalPortForward;
import io.fabric8.kubernetes.client.dsl.PodResource;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.Json;
import org.splitrack.cli.internal.Progress;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.Role;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** The pods of one release, and the ports that are forwarded to them. Safe from any thread. */
final class RackPods implements AutoCloseable {
  private static final String COMPONENT = "app.kubernetes.io/component";
  private static final String INSTANCE = "app.kubernetes.io/instance";
  private static final String NUMBER = "apps.kubernetes.io/pod-index";
  private static final long POLL_MS = 200;

  /** For how long somebody may wait without being told what for. */
  private static final Duration UNSAID = Duration.ofSeconds(2);

  private final KubernetesClient client;
  private final ReleaseName name;
  private final Progress progress;
  private final Map<Target, LocalPortForward> forwards = new HashMap<>();

  /** One start of a pod; another one of the same name has another uid. */
  private record Target(String uid, int port) {}

  RackPods(KubernetesClient client, ReleaseName name, Progress progress) {
    this.client = client;
    this.name = name;
    this.progress = progress;
  }

  /** Those on their way out too: they may take their time. */
  List<Pod> all() {
    try {
      return client
          .pods()
          .inNamespace(name.namespace())
          .withLabel("app.kubernetes.io/name", "splitrack")
          .withLabel(INSTANCE, name.release())
          .list()
          .getItems();
    } catch (KubernetesClientException e) {
      throw KubeAccess.unreachable(e);
    }
  }

  /** The component that a pod is; empty for the pods of jobs. */
  static Optional<ComponentId> component(Pod pod) {
    Map<String, String> labels = pod.getMetadata().getLabels();
    String role = labels.getOrDefault(COMPONENT, "");
    String number = labels.getOrDefault(NUMBER, "0");
    try {
      return Optional.of(ComponentId.parse(role + "-" + number));
    } catch (IllegalArgumentException aJob) {
      return Optional.empty();
    }
  }

  /** The pod of a component; of several, one that runs and is to go on, if there is one. */
  Optional<Pod> of(ComponentId id) {
    return all().stream()
        .filter(pod -> component(pod).filter(id::equals).isPresent())
        .max(Comparator.comparing(RackPods::isRunning).thenComparing(pod -> !isLeaving(pod)));
  }

  private static boolean isLeaving(Pod pod) {
    return pod.getMetadata().getDeletionTimestamp() != null;
  }

  /** The same, or one line that says what is wrong. */
  Pod running(ComponentId id) {
    Pod pod =
        of(id)
            .orElseThrow(
                () ->
                    RackFailure.failed(
                        "there is no %s in %s: ./rack components lists them".formatted(id, name)));
    if (!isRunning(pod)) {
      throw RackFailure.failed(
          "%s does not run: kubectl -n %s describe pod %s says why"
              .formatted(id, name.namespace(), pod.getMetadata().getName()));
    }
    return pod;
  }

  /** The same of one that may just be started again. */
  Pod awaitRunning(ComponentId id, Duration patience) {
    BooleanSupplier runs = () -> of(id).filter(RackPods::isRunning).isPresent();
    if (!await(UNSAID, runs)) {
      progress.say(
          "%s does not run; Kubernetes has %d s to start it".formatted(id, patience.toSeconds()));
      await(patience.minus(UNSAID), runs);
    }
    return running(id);
  }

  /** Looks until it is so; false when it was not so in time. */
  static boolean await(Duration patience, BooleanSupplier done) {
    long startNs = System.nanoTime();
    while (!done.getAsBoolean()) {
      if (System.nanoTime() - startNs >= patience.toNanos()) {
        return false;
      }
      try {
        Thread.sleep(POLL_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw RackFailure.of(ExitCode.INTERRUPTED, "interrupted");
      }
    }
    return true;
  }

  /**
   * Looks until it is so.
   *
   * @param failure what to say when it was not so in time
   */
  void require(Duration patience, String failure, BooleanSupplier done) {
    if (!await(patience, done)) {
      throw RackFailure.failed(
          "%s after %d s: kubectl -n %s describe pods says why"
              .formatted(failure, patience.toSeconds(), name.namespace()));
    }
  }

  /** The components that speak with one another. */
  List<ComponentId> services() {
    return all().stream()
        .flatMap(pod -> component(pod).stream())
        .filter(id -> id.role() != Role.POSTGRES && id.role() != Role.KAFKA)
        .distinct()
        .sorted()
        .toList();
  }

  /** On which node each component runs. */
  Map<ComponentId, String> nodes() {
    Map<ComponentId, String> nodes = new TreeMap<>();
    for (Pod pod : all()) {
      component(pod)
          .filter(id -> isRunning(pod))
          .ifPresent(id -> nodes.put(id, pod.getSpec().getNodeName()));
    }
    return nodes;
  }

  static boolean isRunning(Pod pod) {
    return !isOutOfReach(pod)
        && pod.getStatus().getContainerStatuses().stream()
            .anyMatch(
                status -> status.getState() != null && status.getState().getRunning() != null);
  }

  /**
   * Whether its node is: Kubernetes takes back that the pod is ready then, and leaves as they were
   * the containers, of which nobody knows better.
   */
  private static boolean isOutOfReach(Pod pod) {
    return hasReadyContainers(pod)
        && pod.getStatus().getConditions().stream()
            .anyMatch(one -> one.getType().equals("Ready") && one.getStatus().equals("False"));
  }

  static boolean isReady(Pod pod) {
    return hasReadyContainers(pod) && !isOutOfReach(pod);
  }

  private static boolean hasReadyContainers(Pod pod) {
    List<ContainerStatus> containers = pod.getStatus().getContainerStatuses();
    return !containers.isEmpty() && containers.stream().allMatch(ContainerStatus::getReady);
  }

  /** Another for each start of its container. */
  static String container(Pod pod) {
    return pod.getStatus().getContainerStatuses().stream()
        .map(status -> Objects.requireNonNullElse(status.getContainerID(), ""))
        .findFirst()
        .orElse("");
  }

  /** What the components use, in order of their names; those without figures yet are left out. */
  List<PodUsage> usage() {
    Map<String, Pod> running = new HashMap<>();
    Set<String> nodes = new TreeSet<>();
    for (Pod pod : all()) {
      component(pod)
          .filter(id -> isRunning(pod))
          .ifPresent(
              id -> {
                running.put(pod.getMetadata().getUid(), pod);
                nodes.add(pod.getSpec().getNodeName());
              });
    }
    List<PodUsage> usage = new ArrayList<>();
    for (String node : nodes) {
      for (JsonNode pod : summary(node).path("pods")) {
        Pod ours = running.get(pod.path("podRef").path("uid").asString(""));
        if (ours == null) {
          continue;
        }
        JsonNode container = container(pod, ours.getSpec().getContainers().getFirst().getName());
        JsonNode cpu = container.path("cpu");
        if (cpu.has("usageCoreNanoSeconds")) {
          usage.add(
              new PodUsage(
                  component(ours).orElseThrow(),
                  Instant.parse(cpu.path("time").asString()),
                  cpu.path("usageCoreNanoSeconds").asLong(),
                  container.path("memory").path("workingSetBytes").asLong()));
        }
      }
    }
    usage.sort(Comparator.comparing(PodUsage::component));
    return usage;
  }

  /** The component's own, whatever was added to its pod. */
  private static JsonNode container(JsonNode pod, String name) {
    return pod.path("containers")
        .valueStream()
        .filter(container -> container.path("name").asString("").equals(name))
        .findFirst()
        .orElseGet(MissingNode::getInstance);
  }

  private JsonNode summary(String node) {
    try {
      return Json.MAPPER.readTree(client.raw("/api/v1/nodes/" + node + "/proxy/stats/summary"));
    } catch (KubernetesClientException e) {
      throw KubeAccess.unreachable(e);
    }
  }

  /** Where to dial for a port of a pod; the same for the same start of it. */
  synchronized Endpoint forward(Pod pod, int port) {
    Target target = new Target(pod.getMetadata().getUid(), port);
    LocalPortForward forward = forwards.get(target);
    if (forward == null || !forward.isAlive()) {
      try {
        forward = resource(pod).portForward(port);
      } catch (KubernetesClientException e) {
        throw KubeAccess.unreachable(e);
      }
      forwards.put(target, forward);
    }
    return new Endpoint("127.0.0.1", forward.getLocalPort());
  }

  PodResource resource(Pod pod) {
    return client.pods().inNamespace(name.namespace()).withName(pod.getMetadata().getName());
  }

  @Override
  public synchronized void close() {
    for (LocalPortForward forward : forwards.values()) {
      try {
        forward.close();
      } catch (IOException e) {
        throw RackFailure.failed("a forwarded port does not close: " + RackFailure.reason(e));
      }
    }
    forwards.clear();
  }
}
