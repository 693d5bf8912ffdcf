package org.splitrack.cli.internal.kube;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.access.LinkCuts;
import org.splitrack.cli.internal.access.RackFaults;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.control.ComponentCalls.Halt;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.transport.Dialer;

/**
 * Faults of pods. A killed component is started again by its kubelet, under the same name and
 * address; a paused one is silent, for a container's first process cannot be frozen from inside.
 */
final class KubeFaults implements RackFaults {
  private static final Duration CALL_LIMIT = Duration.ofSeconds(5);
  private static final Duration GONE_PATIENCE = Duration.ofSeconds(30);
  private static final Duration READY_PATIENCE = Duration.ofMinutes(3);

  private final RackPods pods;
  private final Dialer dialer;

  KubeFaults(RackPods pods, Dialer dialer) {
    this.pods = pods;
    this.dialer = dialer;
  }

  @Override
  public void kill(ComponentId id) {
    Pod pod = pods.running(id);
    if (id.role() == Role.POSTGRES || id.role() == Role.KAFKA) {
      delete(pod, 0);
    } else {
      halt(id, pod);
    }
    String container = RackPods.container(pod);
    pods.require(
        GONE_PATIENCE,
        id + " has not ended",
        () ->
            pods.of(id)
                .filter(now -> RackPods.container(now).equals(container))
                .filter(RackPods::isRunning)
                .isEmpty());
  }

  private void halt(ComponentId id, Pod pod) {
    try (ControlClient client = new ControlClient(dialer)) {
      client.call(pods.forward(pod, KubeAccess.FABRIC_PORT), new Halt(), CALL_LIMIT);
      throw RackFailure.failed(id + " answers that it has ended, and has not");
    } catch (ControlFault e) {
      if (e.code() != ControlFault.Code.UNREACHABLE) {
        throw RackFailure.failed(RackFailure.reason(e));
      }
      // It went without an answer, as it should; whoever called this sees whether it did go.
    }
  }

  /** Ends its pod without a word to the component. */
  void deleteByForce(ComponentId id) {
    delete(pods.running(id), 0);
  }

  @Override
  public void pause(ComponentId id) {
    pods.running(id);
    cuts().silence(id, true);
  }

  @Override
  public void resume(ComponentId id) {
    pods.running(id);
    cuts().silence(id, false);
  }

  @Override
  public void start(ComponentId id) {
    Optional<Pod> now = pods.of(id);
    if (now.filter(RackPods::isReady).isPresent()) {
      throw RackFailure.failed(id + " is running already");
    }
    awaitReady(id);
  }

  @Override
  public void restart(ComponentId id) {
    Pod pod = pods.running(id);
    delete(pod, null);
    String uid = pod.getMetadata().getUid();
    pods.require(
        READY_PATIENCE,
        id + " has not been made again",
        () ->
            pods.of(id)
                .filter(now -> !now.getMetadata().getUid().equals(uid))
                .filter(RackPods::isReady)
                .isPresent());
  }

  private void awaitReady(ComponentId id) {
    pods.require(
        READY_PATIENCE,
        id + " is not ready",
        () -> pods.of(id).filter(RackPods::isReady).isPresent());
  }

  private void delete(Pod pod, @Nullable Integer graceSeconds) {
    try {
      if (graceSeconds == null) {
        pods.resource(pod).delete();
      } else {
        pods.resource(pod).withGracePeriod(graceSeconds).delete();
      }
    } catch (KubernetesClientException e) {
      throw KubeAccess.unreachable(e);
    }
  }

  @Override
  public void cut(ComponentId one, @Nullable ComponentId from) {
    cuts().cut(one, from);
  }

  @Override
  public void heal(ComponentId one, @Nullable ComponentId from) {
    cuts().heal(one, from);
  }

  private LinkCuts cuts() {
    return new LinkCuts(dialer, pods.services(), this::endpoint);
  }

  private @Nullable Endpoint endpoint(ComponentId id) {
    return pods.of(id)
        .filter(RackPods::isRunning)
        .map(pod -> pods.forward(pod, KubeAccess.FABRIC_PORT))
        .orElse(null);
  }
}
