package org.splitrack.jobs.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MakeSecretsTest {
  private final KubernetesMockServer server =
      new KubernetesMockServer(
          new Context(),
          new MockWebServer(),
          new HashMap<>(),
          new KubernetesCrudDispatcher(),
          true);

  private final KubernetesClient client = client(server);
  private final List<String> told = new ArrayList<>();

  @Test
  void shouldMakeTheSecretOnceAndNeverChangeIt() {
    run("one");
    Map<String, String> first = secret("one").getData();
    assertThat(first).containsKeys(RackSecret.neededKeys().toArray(String[]::new));

    run("one");

    assertThat(secret("one").getData()).isEqualTo(first);
    assertThat(told).containsExactly("made the secret one", "the secret one is there");
  }

  @Test
  void shouldMakeNewCertificatesWhereTheyWereTakenOutAndKeepTheRest() {
    run("one");
    Map<String, String> first = secret("one").getData();
    takeOut("one", "tls-");

    run("one");

    Map<String, String> second = secret("one").getData();
    assertThat(second.keySet()).isEqualTo(first.keySet());
    assertThat(second.get("tls-cli.crt")).isNotEqualTo(first.get("tls-cli.crt"));
    assertThat(second.get("rack-secret")).isEqualTo(first.get("rack-secret"));
    assertThat(told).contains("made certificates in the secret one");
  }

  @Test
  void shouldSayWhatASecretOfSomebodyElseLacks() {
    client
        .secrets()
        .inNamespace("here")
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName("two")
                .endMetadata()
                .addToData("rack-id", "AAAA")
                .build())
        .create();

    assertThatThrownBy(() -> run("two"))
        .isInstanceOf(JobFailure.class)
        .hasMessage(
            "the secret two lacks rack-secret, operator-token, postgres-manager.password,"
                + " postgres-reader.password, postgres-tables.password: add them, or delete it to"
                + " have a new one made");
  }

  /** Deletes the keys that begin so. */
  private void takeOut(String name, String beginning) {
    client
        .secrets()
        .inNamespace("here")
        .withName(name)
        .edit(
            secret -> {
              secret.getData().keySet().removeIf(key -> key.startsWith(beginning));
              return secret;
            });
  }

  /** As one that was made before Kafka had a certificate: another cannot be signed. */
  @Test
  void shouldSayHowToReplaceTheCertificatesWhenOneIsMissing() {
    run("one");
    takeOut("one", "tls-kafka.");

    assertThatThrownBy(() -> run("one"))
        .isInstanceOf(JobFailure.class)
        .hasMessage(
            "the secret one lacks tls-kafka.crt, tls-kafka.key: add them, or take out all its keys"
                + " that begin with tls- to have new ones made");
  }

  private static KubernetesClient client(KubernetesMockServer server) {
    server.init();
    return server.createClient();
  }

  @AfterEach
  void close() {
    client.close();
    server.destroy();
  }

  private void run(String name) {
    MakeSecrets.run(client, "here", name, "rack", told::add);
  }

  private Secret secret(String name) {
    return client.secrets().inNamespace("here").withName(name).require();
  }
}
