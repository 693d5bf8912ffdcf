package org.splitrack.cli.internal.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EphemeralContainer;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.ComponentId;

class PodJobTest {
  @Test
  void shouldTakeRegistrySecretsAndRestrictionsFromTheContainerBesideIt() {
    Container beside =
        new ContainerBuilder()
            .withName("mcomponent")
            .withImage("registry.example:5000/team/splitrack/mcomponent-service:0.1.0")
            .withImagePullPolicy("IfNotPresent")
            .addNewEnv()
            .withName("SPLITRACK_RACK_ID")
            .withValue("1")
            .endEnv()
            .addNewVolumeMount()
            .withName("secrets")
            .withMountPath("/secrets")
            .endVolumeMount()
            .addNewVolumeMount()
            .withName("data")
            .withMountPath("/data")
            .endVolumeMount()
            .withNewSecurityContext()
            .withReadOnlyRootFilesystem(true)
            .endSecurityContext()
            .build();

    EphemeralContainer job = PodJob.container(beside, "job-1", List.of("job"), Map.of("A", "b"));

    assertThat(job.getImage()).isEqualTo("registry.example:5000/team/splitrack/cluster-jobs:0.1.0");
    assertThat(job.getEnv()).extracting(EnvVar::getName).containsExactly("SPLITRACK_RACK_ID", "A");
    assertThat(job.getVolumeMounts())
        .extracting(VolumeMount::getMountPath)
        .containsExactly("/secrets");
    assertThat(job.getSecurityContext()).isEqualTo(beside.getSecurityContext());
  }

  @Test
  void shouldLetOnePortThroughBetweenTwoPodsOnly() {
    List<NetworkPolicy> policies =
        PodPath.policies(
            new ReleaseName("here", "rack"),
            "path",
            ComponentId.parse("pcomponent-0"),
            ComponentId.parse("mcomponent-1"),
            20_001);

    assertThat(policies)
        .extracting(policy -> policy.getSpec().getPodSelector().getMatchLabels().toString())
        .containsExactly(
            "{statefulset.kubernetes.io/pod-name=rack-mcomponent-1}",
            "{statefulset.kubernetes.io/pod-name=rack-pcomponent-0}");
    assertThat(policies.getFirst().getSpec().getIngress().getFirst().getPorts())
        .extracting(port -> port.getPort().getIntVal())
        .containsExactly(20_001);
  }
}
