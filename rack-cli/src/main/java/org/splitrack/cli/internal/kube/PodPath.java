package org.splitrack.cli.internal.kube;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.Map;
import org.splitrack.fabric.ComponentId;

/**
 * A port from one pod to another that the network policies of a release do not know, until it is
 * closed. Policies add up, so two more let it through, and no less passes than before. Where the
 * release has no policies there are none to add to: the first one would shut everything else out.
 */
public final class PodPath implements AutoCloseable {
  private static final String POD = "statefulset.kubernetes.io/pod-name";

  private final KubernetesClient client;
  private final List<NetworkPolicy> policies;

  private PodPath(KubernetesClient client, List<NetworkPolicy> policies) {
    this.client = client;
    this.policies = policies;
  }

  static PodPath open(
      KubernetesClient client,
      ReleaseName release,
      String name,
      ComponentId from,
      ComponentId to,
      int port) {
    try {
      boolean restricted =
          client
                  .network()
                  .v1()
                  .networkPolicies()
                  .inNamespace(release.namespace())
                  .withName(release.workload("deny"))
                  .get()
              != null;
      PodPath path =
          new PodPath(client, restricted ? policies(release, name, from, to, port) : List.of());
      path.policies.forEach(policy -> client.resource(policy).create());
      return path;
    } catch (KubernetesClientException e) {
      throw KubeAccess.unreachable(e);
    }
  }

  static List<NetworkPolicy> policies(
      ReleaseName release, String name, ComponentId from, ComponentId to, int port) {
    NetworkPolicy in =
        new NetworkPolicyBuilder()
            .withNewMetadata()
            .withName(name + "-in")
            .withNamespace(release.namespace())
            .withLabels(release.labels())
            .endMetadata()
            .withNewSpec()
            .withPodSelector(selector(release, to))
            .withPolicyTypes("Ingress")
            .addNewIngress()
            .addNewFrom()
            .withPodSelector(selector(release, from))
            .endFrom()
            .addNewPort()
            .withProtocol("TCP")
            .withNewPort(port)
            .endPort()
            .endIngress()
            .endSpec()
            .build();
    NetworkPolicy out =
        new NetworkPolicyBuilder()
            .withNewMetadata()
            .withName(name + "-out")
            .withNamespace(release.namespace())
            .withLabels(release.labels())
            .endMetadata()
            .withNewSpec()
            .withPodSelector(selector(release, from))
            .withPolicyTypes("Egress")
            .addNewEgress()
            .addNewTo()
            .withPodSelector(selector(release, to))
            .endTo()
            .addNewPort()
            .withProtocol("TCP")
            .withNewPort(port)
            .endPort()
            .endEgress()
            .endSpec()
            .build();
    return List.of(in, out);
  }

  private static LabelSelector selector(ReleaseName release, ComponentId id) {
    return new LabelSelectorBuilder().withMatchLabels(Map.of(POD, release.pod(id))).build();
  }

  @Override
  public void close() {
    try {
      policies.forEach(policy -> client.resource(policy).delete());
    } catch (KubernetesClientException e) {
      throw KubeAccess.unreachable(e);
    }
  }
}
