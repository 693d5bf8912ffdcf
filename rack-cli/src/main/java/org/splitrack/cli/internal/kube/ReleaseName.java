package org.splitrack.cli.internal.kube;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;

/** A rack on Kubernetes: {@code NAMESPACE/RELEASE}. */
public record ReleaseName(String namespace, String release) {
  private static final Pattern FORM = Pattern.compile("([a-z0-9-]{1,63})/([a-z0-9-]{1,36})");

  /**
   * Reads it.
   *
   * @throws RackFailure with exit code 2
   */
  public static ReleaseName parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw RackFailure.usage("--kube " + text + " is not NAMESPACE/RELEASE");
    }
    return new ReleaseName(matcher.group(1), matcher.group(2));
  }

  /** Of a role's StatefulSet or Deployment, and of the chart's ConfigMap for {@code rack}. */
  String workload(String part) {
    return release + "-" + part;
  }

  /** Of everything that belongs to it. */
  Map<String, String> labels() {
    return Map.of("app.kubernetes.io/name", "splitrack", "app.kubernetes.io/instance", release);
  }

  /** Whether the pods of a role are numbered. */
  static boolean isNumbered(Role role) {
    return role != Role.GLOBAL_MANAGER && role != Role.TABLE_SERVICE;
  }

  /** The pod of a numbered component. */
  String pod(ComponentId id) {
    return release + "-" + id;
  }

  @Override
  public String toString() {
    return namespace + "/" + release;
  }
}
