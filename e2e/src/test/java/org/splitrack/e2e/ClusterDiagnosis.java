package org.splitrack.e2e;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Prints what a cluster knows of its racks when a test there has failed: it is gone afterwards. */
final class ClusterDiagnosis implements AfterTestExecutionCallback {
  private static final String LAST_LINES = "--tail=60";

  @Override
  public void afterTestExecution(ExtensionContext context) {
    if (context.getExecutionException().isPresent()) {
      System.err.println("after " + context.getDisplayName() + ":");
      for (String namespace : TestCluster.open()) {
        tell(namespace, "get", "pods", "-o", "wide");
        for (String role : List.of("global-manager", "pcomponent", "mcomponent", "table-service")) {
          tell(
              namespace,
              "logs",
              "--prefix",
              LAST_LINES,
              "-l",
              "app.kubernetes.io/component=" + role);
        }
      }
    }
  }

  private static void tell(String namespace, String... words) {
    List<String> command = new ArrayList<>(List.of("kubectl", "-n", namespace));
    command.addAll(List.of(words));
    Rack.Outcome said = TestCluster.run(command);
    System.err.println(said.out() + said.err());
  }
}
