package org.splitrack.cli.internal.kube;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.EphemeralContainer;
import io.fabric8.kubernetes.api.model.EphemeralContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.PodResource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.fabric.ComponentId;

/**
 * A job of the image {@code cluster-jobs} in the pod of a component: in its network and its limits,
 * with what its container is told and the secrets that it sees. Kubernetes has no way to end it or
 * to take it out of the pod again, so a job ends by itself, and what is left is an ended container
 * in the pod's description.
 */
public final class PodJob {
  private static final String IMAGE = "splitrack/cluster-jobs:";
  private static final Set<String> SHARED = Set.of("/secrets", "/tmp");

  private final RackPods pods;
  private final Pod pod;
  private final String name;

  private PodJob(RackPods pods, Pod pod, String name) {
    this.pods = pods;
    this.pod = pod;
    this.name = name;
  }

  /** Starts one; {@code name} is used once in the life of a pod. */
  static PodJob start(
      RackPods pods,
      ComponentId beside,
      String name,
      List<String> arguments,
      Map<String, String> environment) {
    Pod pod = pods.running(beside);
    EphemeralContainer added =
        container(pod.getSpec().getContainers().getFirst(), name, arguments, environment);
    try {
      pods.resource(pod)
          .ephemeralContainers()
          .edit(
              now ->
                  new PodBuilder(now).editSpec().addToEphemeralContainers(added).endSpec().build());
    } catch (KubernetesClientException e) {
      throw KubeAccess.unreachable(e);
    }
    return new PodJob(pods, pod, name);
  }

  static EphemeralContainer container(
      Container beside, String name, List<String> arguments, Map<String, String> environment) {
    List<EnvVar> variables = new ArrayList<>(beside.getEnv());
    environment.forEach(
        (key, value) -> variables.add(new EnvVarBuilder().withName(key).withValue(value).build()));
    return new EphemeralContainerBuilder()
        .withName(name)
        .withImage(beside.getImage().replaceFirst("splitrack/[a-z-]+:", IMAGE))
        .withImagePullPolicy(beside.getImagePullPolicy())
        .withArgs(arguments)
        .withEnv(variables)
        .withVolumeMounts(
            beside.getVolumeMounts().stream()
                .filter(mount -> SHARED.contains(mount.getMountPath()))
                .toList())
        .withSecurityContext(beside.getSecurityContext())
        .withTerminationMessagePolicy("FallbackToLogsOnError")
        .build();
  }

  /** Returns when it runs, or has run. */
  public void awaitStart(Duration patience) {
    pods.require(
        patience,
        name + " does not start",
        () -> state().getRunning() != null || state().getTerminated() != null);
  }

  /**
   * Waits for its end; what it wrote.
   *
   * @throws RackFailure with its last line when it fails
   */
  public List<String> awaitOutput(Duration patience) {
    pods.require(patience, name + " does not end", () -> state().getTerminated() != null);
    List<String> lines;
    try {
      lines = resource().inContainer(name).getLog().lines().toList();
    } catch (KubernetesClientException e) {
      throw KubeAccess.unreachable(e);
    }
    if (state().getTerminated().getExitCode() != 0) {
      throw RackFailure.failed(
          "%s in pod %s: %s"
              .formatted(
                  name,
                  pod.getMetadata().getName(),
                  lines.isEmpty() ? "it ended without a word" : lines.getLast()));
    }
    return lines;
  }

  private ContainerState state() {
    try {
      Pod now = resource().get();
      if (now == null || !now.getMetadata().getUid().equals(pod.getMetadata().getUid())) {
        throw RackFailure.failed("the pod of " + name + " has gone");
      }
      return now.getStatus().getEphemeralContainerStatuses().stream()
          .filter(status -> status.getName().equals(name))
          .map(ContainerStatus::getState)
          .findFirst()
          .orElseGet(ContainerState::new);
    } catch (KubernetesClientException e) {
      throw KubeAccess.unreachable(e);
    }
  }

  private PodResource resource() {
    return pods.resource(pod);
  }
}
