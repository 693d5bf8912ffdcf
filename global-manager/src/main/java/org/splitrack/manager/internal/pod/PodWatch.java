package org.splitrack.manager.internal.pod;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;

/**
 * Watches the pods of one Helm release for as long as the application runs, and tells what is new.
 * What people should see of a pod it writes as an event of that pod. It only makes the manager look
 * sooner: without the Kubernetes API the rack goes on, on registrations and heartbeats alone.
 */
public final class PodWatch extends Watch<Pod> {
  private static final String COMPONENT = "app.kubernetes.io/component";
  private static final String NUMBER = "apps.kubernetes.io/pod-index";
  private static final Logger LOG = LoggerFactory.getLogger(PodWatch.class);

  private final KubernetesClient client;
  private final ReleaseName of;
  private final PodListener listener;

  public PodWatch(KubernetesClient client, ReleaseName of, PodListener listener) {
    super("pods");
    this.client = client;
    this.of = of;
    this.listener = listener;
  }

  @Override
  SharedIndexInformer<Pod> informer() {
    return client
        .pods()
        .inNamespace(of.namespace())
        .withLabel("app.kubernetes.io/name", "splitrack")
        .withLabel("app.kubernetes.io/instance", of.release())
        .runnableInformer(0)
        .addEventHandler(new Changes());
  }

  /**
   * Puts a sentence where {@code kubectl describe pod} shows it, in the background; without the
   * Kubernetes API it is only logged.
   *
   * @param reason one word in capitals and small letters
   */
  public void warn(ComponentId component, String reason, String sentence) {
    Thread.ofVirtual().name("pod-event").start(() -> write(component, reason, sentence));
  }

  private void write(ComponentId component, String reason, String sentence) {
    SharedIndexInformer<Pod> pods = running();
    if (pods == null) {
      return;
    }
    try {
      pods.getStore().list().stream()
          .filter(pod -> service(pod).filter(component::equals).isPresent())
          // A Deployment's next pod may be there before the last one has gone.
          .max(Comparator.comparing(pod -> pod.getMetadata().getCreationTimestamp()))
          .ifPresent(
              pod ->
                  client
                      .v1()
                      .events()
                      .inNamespace(of.namespace())
                      .resource(warning(pod, reason, sentence))
                      .create());
    } catch (KubernetesClientException e) {
      LOG.warn("Kubernetes was not told that {}: {}", sentence, e.getMessage());
    }
  }

  private static Event warning(Pod pod, String reason, String sentence) {
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    return new EventBuilder()
        .withNewMetadata()
        .withGenerateName(pod.getMetadata().getName() + "-")
        .endMetadata()
        .withType("Warning")
        .withReason(reason)
        .withMessage(sentence)
        .withFirstTimestamp(now)
        .withLastTimestamp(now)
        .withCount(1)
        .withNewSource()
        .withComponent("splitrack-global-manager")
        .endSource()
        .withNewInvolvedObject()
        .withApiVersion("v1")
        .withKind("Pod")
        .withName(pod.getMetadata().getName())
        .withNamespace(pod.getMetadata().getNamespace())
        .withUid(pod.getMetadata().getUid())
        .endInvolvedObject()
        .build();
  }

  private void changed(@Nullable Pod before, @Nullable Pod now) {
    PodNews.between(view(before), view(now)).ifPresent(this::tell);
  }

  private void tell(PodNews news) {
    switch (news) {
      case PodNews.Starting(PodView pod) -> listener.starting(pod.component(), pod.node());
      case PodNews.Leaving(PodView pod) -> listener.leaving(pod.component(), pod.address());
      case PodNews.Doubt(PodView pod, String why) ->
          listener.doubt(pod.component(), pod.address(), why);
    }
  }

  private static @Nullable PodView view(@Nullable Pod pod) {
    if (pod == null || pod.getStatus() == null) {
      return null;
    }
    return component(pod)
        .map(
            component ->
                new PodView(
                    component,
                    Objects.requireNonNullElse(pod.getStatus().getPodIP(), ""),
                    Objects.requireNonNullElse(pod.getSpec().getNodeName(), ""),
                    pod.getMetadata().getDeletionTimestamp() != null,
                    pod.getStatus().getConditions().stream().anyMatch(PodWatch::saysReady),
                    pod.getStatus().getContainerStatuses().stream()
                        .mapToInt(ContainerStatus::getRestartCount)
                        .sum()))
        .orElse(null);
  }

  private static boolean saysReady(PodCondition condition) {
    return "Ready".equals(condition.getType()) && "True".equals(condition.getStatus());
  }

  /** Those that register here; the pods of jobs, PostgreSQL and Kafka do not. */
  private static Optional<ComponentId> component(Pod pod) {
    return service(pod).filter(component -> component.role() != Role.GLOBAL_MANAGER);
  }

  private static Optional<ComponentId> service(Pod pod) {
    Map<String, String> labels = pod.getMetadata().getLabels();
    Role role = Role.ofPrefix(labels.getOrDefault(COMPONENT, ""));
    if (role == null || !Role.SERVICES.contains(role)) {
      return Optional.empty();
    }
    return Optional.of(new ComponentId(role, Integer.parseInt(labels.getOrDefault(NUMBER, "0"))));
  }

  private final class Changes implements ResourceEventHandler<Pod> {
    @Override
    public void onAdd(Pod pod) {
      changed(null, pod);
    }

    @Override
    public void onUpdate(Pod before, Pod now) {
      changed(before, now);
    }

    @Override
    public void onDelete(Pod pod, boolean finalStateUnknown) {
      changed(pod, null);
    }
  }
}
