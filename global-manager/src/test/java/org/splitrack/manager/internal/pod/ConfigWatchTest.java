package org.splitrack.manager.internal.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConfigWatchTest {
  private final KubernetesMockServer server =
      new KubernetesMockServer(
          new Context(),
          new MockWebServer(),
          new HashMap<>(),
          new KubernetesCrudDispatcher(),
          true);
  private final List<Map<String, String>> heard = new CopyOnWriteArrayList<>();
  private KubernetesClient client;
  private ConfigWatch watch;

  @BeforeEach
  void start() {
    server.init();
    client = server.createClient();
    put("rack-limits", "16");
    put("other-limits", "99");
    watch = new ConfigWatch(client, "here", "rack-limits", heard::add);
    watch.start();
    await().until(() -> !heard.isEmpty());
  }

  @AfterEach
  void stop() {
    watch.stop();
    client.close();
    server.destroy();
  }

  @Test
  void shouldTellWhatIsThereAndThenEachChangeAndNothingOfOthers() {
    awaitHeard("4", "16");

    put("other-limits", "98");
    awaitHeard("5", "4");

    assertThat(heard).extracting(data -> data.get("movesAtOnce")).doesNotContain("98", "99");
    assertThat(heard.getFirst()).containsExactly(Map.entry("movesAtOnce", "16"));
  }

  @Test
  void shouldGoOnWhenItIsDeletedAndHearOfTheNextOne() {
    awaitHeard("4", "16");
    int before = heard.size();

    client.configMaps().inNamespace("here").withName("rack-limits").delete();
    put("rack-limits", "7");

    await().until(() -> "7".equals(heard.getLast().get("movesAtOnce")));
    assertThat(heard.subList(before, heard.size()))
        .extracting(data -> data.get("movesAtOnce"))
        .containsOnly("7");
  }

  /** A role that names the ConfigMap lets nothing through but requests that do so too. */
  @Test
  void shouldAskForThatOneByNameOnly() throws InterruptedException {
    awaitHeard("4", "16");

    List<String> asked = new CopyOnWriteArrayList<>();
    for (var request = server.takeRequest(1, TimeUnit.SECONDS);
        request != null;
        request = server.takeRequest(100, TimeUnit.MILLISECONDS)) {
      if (request.getPath().contains("resourceVersion=")) {
        asked.add(request.getPath());
      }
    }
    assertThat(asked)
        .isNotEmpty()
        .allMatch(path -> path.contains("fieldSelector=metadata.name%3Drack-limits"));
  }

  /** This server tells a watch nothing of what happened between its list and its beginning. */
  private void awaitHeard(String value, String before) {
    await()
        .until(
            () -> {
              put("rack-limits", before);
              put("rack-limits", value);
              return value.equals(heard.getLast().get("movesAtOnce"));
            });
  }

  private void put(String name, String movesAtOnce) {
    ConfigMap map =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace("here")
            .endMetadata()
            .addToData("movesAtOnce", movesAtOnce)
            .build();
    client.configMaps().inNamespace("here").resource(map).unlock().createOr(one -> one.update());
  }
}
