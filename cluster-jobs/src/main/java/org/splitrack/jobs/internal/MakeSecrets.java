package org.splitrack.jobs.internal;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.splitrack.certificates.RackCertificates;

/**
 * Makes the rack's Secret unless it is there, and certificates in one that has none; changes
 * nothing that is there. It is made here and not in the chart, so that no rendered manifest and no
 * Helm release holds a password. Helm does not own it: like the volumes, it stays when the release
 * goes.
 */
public final class MakeSecrets {
  private MakeSecrets() {}

  /**
   * Runs the job.
   *
   * @param environment {@code SPLITRACK_NAMESPACE}, {@code SPLITRACK_SECRET}, {@code
   *     SPLITRACK_RELEASE}
   * @throws JobFailure in one line
   */
  public static void run(Function<String, @Nullable String> environment, Consumer<String> told) {
    try (KubernetesClient client = new KubernetesClientBuilder().build()) {
      run(
          client,
          JobFailure.required(environment, "SPLITRACK_NAMESPACE"),
          JobFailure.required(environment, "SPLITRACK_SECRET"),
          JobFailure.required(environment, "SPLITRACK_RELEASE"),
          told);
    }
  }

  static void run(
      KubernetesClient client,
      String namespace,
      String name,
      String release,
      Consumer<String> told) {
    try {
      Secret present = client.secrets().inNamespace(namespace).withName(name).get();
      if (present == null && create(client, namespace, name, release)) {
        told.accept("made the secret " + name);
        return;
      }
      Resource<Secret> there = client.secrets().inNamespace(namespace).withName(name);
      if (!dataOf(there.get()).containsKey(RackCertificates.AUTHORITY)) {
        there.edit(
            secret ->
                new SecretBuilder(secret)
                    .addToData(encoded(RackSecret.certificates(namespace, release)))
                    .build());
        told.accept("made certificates in the secret " + name);
      }
      check(there.get(), name);
      told.accept("the secret " + name + " is there");
    } catch (KubernetesClientException e) {
      throw new JobFailure("cannot make the secret " + name + ": " + JobFailure.reason(e));
    }
  }

  /** False when somebody else was faster. */
  private static boolean create(
      KubernetesClient client, String namespace, String name, String release) {
    Secret secret =
        new SecretBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace(namespace)
            .addToLabels("app.kubernetes.io/name", "splitrack")
            .addToLabels("app.kubernetes.io/instance", release)
            .endMetadata()
            .withData(encoded(RackSecret.generate(new SecureRandom(), namespace, release)))
            .build();
    try {
      client.secrets().inNamespace(namespace).resource(secret).create();
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
        return false;
      }
      throw e;
    }
  }

  private static Map<String, String> encoded(Map<String, String> texts) {
    Map<String, String> data = new TreeMap<>();
    texts.forEach(
        (key, text) ->
            data.put(
                key, Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8))));
    return data;
  }

  private static Map<String, String> dataOf(@Nullable Secret secret) {
    return secret == null || secret.getData() == null ? Map.of() : secret.getData();
  }

  private static void check(@Nullable Secret secret, String name) {
    List<String> missing = RackSecret.missing(dataOf(secret)::containsKey);
    if (!missing.isEmpty()) {
      // One more certificate cannot be signed: the authority's key was not kept.
      String remedy =
          missing.stream().allMatch(RackCertificates::isOne)
              ? "take out all its keys that begin with tls- to have new ones made"
              : "delete it to have a new one made";
      throw new JobFailure(
          "the secret %s lacks %s: add them, or %s"
              .formatted(name, String.join(", ", missing), remedy));
    }
  }
}
