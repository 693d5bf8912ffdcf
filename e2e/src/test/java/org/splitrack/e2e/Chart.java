package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The chart, as helm renders it. */
final class Chart {
  static final String EXTERNAL =
      "postgresql.bundled.enabled=false,postgresql.external.host=db.example.org,"
          + "existingSecret=mine,kafka.bundled.enabled=false,"
          + "kafka.external.bootstrapServers=a.example.org:9094,kafka.external.existingSecret=tls";

  /** What the templates branch on, as {@code --set} takes it. */
  static final List<String> VALUE_SETS =
      List.of(
          "",
          EXTERNAL,
          "networkPolicy.enabled=false,pdb.enabled=false",
          "image.registry=registry.example.org/team,image.pullSecrets={one}",
          "memory.replicaCount=1,memory.limit=64Mi",
          "transport=plain",
          EXTERNAL + ",transport=plain,postgresql.external.existingSecret=ca",
          "processor.jvmOptions={-Xmx512m},postgresql.bundled.tolerations[0].operator=Exists,"
              + "kafka.bundled.tolerations[0].operator=Exists",
          everyRole("podAnnotations.team=racks", "nodeSelector.pool=racks")
              + ","
              + everyRole("priorityClassName=high", "extraEnv[0].name=TZ", "extraEnv[0].value=UTC")
              + ",commonLabels.team=racks,serviceAccount.annotations.team=racks"
              + ",storage.persistence.storageClass=fast,kafka.bundled.storageClass=fast"
              + ",postgresql.bundled.storageClass=fast,postgresql.bundled.nodeSelector.pool=racks"
              + ",kafka.bundled.nodeSelector.pool=racks");

  private static final Pattern OLDEST = Pattern.compile("kubeVersion: \">=(\\d+\\.\\d+)\\.0-0\"");

  private Chart() {}

  private static String everyRole(String... values) {
    List<String> all = new ArrayList<>();
    for (String role : List.of("processor", "memory", "storage", "globalManager", "tableService")) {
      for (String value : values) {
        all.add(role + "." + value);
      }
    }
    return String.join(",", all);
  }

  static Rack.Outcome template(String values, String... options) {
    List<String> command =
        new ArrayList<>(List.of("helm", "template", "rack", Rack.file("helm/splitrack")));
    command.addAll(List.of(options));
    if (!values.isEmpty()) {
      command.addAll(List.of("--set", values));
    }
    return TestCluster.run(command);
  }

  /** Its documents. */
  static String rendered(String values, String... options) {
    Rack.Outcome outcome = template(values, options);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return outcome.out();
  }

  /** One of the manifests for those without Helm. */
  static Path plain(String name) {
    return Path.of(Rack.file("k8s/" + name + ".yaml"));
  }

  /** The oldest Kubernetes that it installs on. */
  static String oldestKubernetes() {
    try {
      String chart = Files.readString(Rack.checkout().resolve("helm/splitrack/Chart.yaml"));
      Matcher oldest = OLDEST.matcher(chart);
      assertThat(oldest.find()).isTrue();
      return oldest.group(1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
