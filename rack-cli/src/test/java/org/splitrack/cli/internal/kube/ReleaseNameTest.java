package org.splitrack.cli.internal.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.RackFailure;

class ReleaseNameTest {
  @Test
  void shouldReadNamespaceAndRelease() {
    ReleaseName name = ReleaseName.parse("team-a/rack");

    assertThat(name).isEqualTo(new ReleaseName("team-a", "rack"));
    assertThat(name.workload("global-manager")).isEqualTo("rack-global-manager");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "rack", "/rack", "team-a/", "a/b/c", "Team/rack", "a b/c"})
  void shouldRefuseEverythingElse(String text) {
    assertThatThrownBy(() -> ReleaseName.parse(text))
        .isInstanceOfSatisfying(
            RackFailure.class, failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.USAGE))
        .hasMessage("--kube " + text + " is not NAMESPACE/RELEASE");
  }
}
