package org.splitrack.cli.internal.kube;

import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.RollableScalableResource;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.access.RackSize;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;

/** The replicas of a release's StatefulSets. */
final class KubeSize implements RackSize {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final KubernetesClient client;
  private final RackPods pods;
  private final ReleaseName name;

  KubeSize(KubernetesClient client, RackPods pods, ReleaseName name) {
    this.client = client;
    this.pods = pods;
    this.name = name;
  }

  @Override
  public int of(Role role) {
    try {
      StatefulSet set = set(role).get();
      if (set == null) {
        throw RackFailure.failed("%s has no StatefulSet for %s".formatted(name, role.prefix()));
      }
      return set.getSpec().getReplicas();
    } catch (KubernetesClientException e) {
      throw KubeAccess.unreachable(e);
    }
  }

  @Override
  public List<ComponentId> running(Role role) {
    return pods.all().stream()
        .filter(RackPods::isRunning)
        .flatMap(pod -> RackPods.component(pod).stream())
        .filter(id -> id.role() == role)
        .sorted()
        .toList();
  }

  @Override
  public void grow(Role role, int count) {
    scale(role, count);
    pods.require(
        PATIENCE,
        "not all %d pods are ready".formatted(count),
        () ->
            IntStream.range(0, count)
                .mapToObj(number -> new ComponentId(role, number))
                .allMatch(id -> pods.of(id).filter(RackPods::isReady).isPresent()));
  }

  @Override
  public void shrink(Role role, int count) {
    scale(role, count);
    pods.require(
        PATIENCE,
        "there are still more than %d pods".formatted(count),
        () ->
            pods.all().stream()
                .flatMap(pod -> RackPods.component(pod).stream())
                .noneMatch(id -> id.role() == role && id.ordinal() >= count));
  }

  private void scale(Role role, int count) {
    try {
      set(role).scale(count);
    } catch (KubernetesClientException e) {
      throw KubeAccess.unreachable(e);
    }
  }

  private RollableScalableResource<StatefulSet> set(Role role) {
    return client
        .apps()
        .statefulSets()
        .inNamespace(name.namespace())
        .withName(name.release() + "-" + role.prefix());
  }
}
