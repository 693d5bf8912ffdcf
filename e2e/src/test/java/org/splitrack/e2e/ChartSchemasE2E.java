package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Whether the oldest Kubernetes that the chart installs on, the one that it is tested on, and the
 * newest know every field that it renders, with values of the right types.
 */
@EnabledIfEnvironmentVariable(
    named = "SPLITRACK_TEST_CLUSTER",
    matches = ".+",
    disabledReason = "SPLITRACK_TEST_CLUSTER names no kube context")
@EnabledIfEnvironmentVariable(
    named = KubernetesSchemas.VARIABLE,
    matches = ".+",
    disabledReason =
        KubernetesSchemas.VARIABLE
            + " names no file of `pip download --no-deps kubernetes-validate==1.37.0`")
class ChartSchemasE2E {
  static final List<String> OLDEST_TESTED_NEWEST =
      List.of(Chart.oldestKubernetes(), "1.34", "1.37");

  private static final Map<String, KubernetesSchemas> SCHEMAS = new ConcurrentHashMap<>();

  @ParameterizedTest
  @FieldSource("OLDEST_TESTED_NEWEST")
  void shouldRenderOnlyWhatKubernetesTakes(String version) {
    for (String values : Chart.VALUE_SETS) {
      String rendered = Chart.rendered(values, "--kube-version", version);

      assertThat(rendered).contains("kind: StatefulSet");
      assertThat(schemas(version).refusals(rendered)).as(values).isEmpty();
    }
  }

  @ParameterizedTest
  @FieldSource("OLDEST_TESTED_NEWEST")
  void shouldHavePlainManifestsThatKubernetesTakes(String version) throws IOException {
    for (String name : List.of("namespace", "splitrack", "mcomponent-autoscaler")) {
      String manifests = Files.readString(Chart.plain(name));

      assertThat(schemas(version).refusals(manifests)).as(name).isEmpty();
    }
  }

  /** What shows that the two tests above can fail. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "podManagementPolicy: | podManagmentPolicy: | 'podManagmentPolicy'",
        "value: \"7000\" | value: 7000 | integer found, [string, null] expected",
        "maxUnavailable: 1 | maxUnavailable: [1] | array found",
        "apiVersion: policy/v1 | apiVersion: policy/v1alpha7 | there is no policy/v1alpha7",
        "serviceName: rack-mcomponent | service: rack-mcomponent | 'service'",
      })
  void shouldFindWhatKubernetesDoesNotTake(String right, String wrong, String refusal) {
    String rendered = Chart.rendered("");
    assertThat(rendered).contains(right);

    for (String version : OLDEST_TESTED_NEWEST) {
      assertThat(schemas(version).refusals(rendered.replace(right, wrong)))
          .as(version)
          .isNotEmpty()
          .anyMatch(line -> line.contains(refusal));
    }
  }

  /** Resources of a whole pod came with 1.32. */
  @ParameterizedTest
  @CsvSource({"1.28, false", "1.34, true", "1.37, true"})
  void shouldTellVersionsApart(String version, boolean taken) {
    String newer =
        Chart.rendered("", "--skip-tests")
            .replace(
                "enableServiceLinks: false",
                "enableServiceLinks: false\n      resources: {limits: {cpu: 1}}");

    assertThat(schemas(version).refusals(newer).isEmpty()).isEqualTo(taken);
  }

  private static KubernetesSchemas schemas(String version) {
    return SCHEMAS.computeIfAbsent(version, KubernetesSchemas::new);
  }
}
