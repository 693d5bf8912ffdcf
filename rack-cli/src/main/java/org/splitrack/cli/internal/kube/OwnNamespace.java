package org.splitrack.cli.internal.kube;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import org.splitrack.cli.internal.RackFailure;

/**
 * A namespace of the current kube context that holds pods to the restricted standard, and goes with
 * all that is in it when it is closed.
 */
public final class OwnNamespace implements AutoCloseable {
  private static final Duration GONE_PATIENCE = Duration.ofMinutes(2);

  private final KubernetesClient client;
  private final String name;

  private OwnNamespace(KubernetesClient client, String name) {
    this.client = client;
    this.name = name;
  }

  /** Makes it. */
  public static OwnNamespace make(String name) {
    KubernetesClient client =
        new KubernetesClientBuilder().withConfig(Config.autoConfigure(null)).build();
    try {
      client
          .resource(
              new NamespaceBuilder()
                  .withNewMetadata()
                  .withName(name)
                  .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                  .endMetadata()
                  .build())
          .create();
      return new OwnNamespace(client, name);
    } catch (KubernetesClientException e) {
      client.close();
      throw KubeAccess.unreachable(e);
    }
  }

  public String name() {
    return name;
  }

  /** Deletes it. Its pods get no time: what they hold goes with them. */
  @Override
  public void close() {
    try {
      client.namespaces().withName(name).delete();
      boolean gone =
          RackPods.await(
              GONE_PATIENCE,
              () -> {
                client.pods().inNamespace(name).withGracePeriod(0).delete();
                return client.namespaces().withName(name).get() == null;
              });
      if (!gone) {
        throw RackFailure.failed(
            "the namespace %s does not go: kubectl describe namespace %s says why"
                .formatted(name, name));
      }
    } catch (KubernetesClientException e) {
      throw KubeAccess.unreachable(e);
    } finally {
      client.close();
    }
  }
}
