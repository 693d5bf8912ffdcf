package org.splitrack.manager.internal.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.ComponentId;

class PodWatchTest {
  private final KubernetesMockServer server =
      new KubernetesMockServer(
          new Context(),
          new MockWebServer(),
          new HashMap<>(),
          new KubernetesCrudDispatcher(),
          true);
  private static final ComponentId CANARY = ComponentId.parse("scomponent-9");

  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final AtomicBoolean watching = new AtomicBoolean();
  private KubernetesClient client;
  private PodWatch watch;

  @BeforeEach
  void start() {
    server.init();
    client = server.createClient();
    put(pod("mcomponent", "0", "10.0.0.1", true, 0));
    watch =
        new PodWatch(
            client,
            new ReleaseName("here", "rack"),
            new PodListener() {
              @Override
              public void starting(ComponentId component, String node) {
                note(component, " starts on " + node);
              }

              @Override
              public void leaving(ComponentId component, String address) {
                note(component, " at " + address + " is to stop");
              }

              @Override
              public void doubt(ComponentId component, String address, String why) {
                note(component, " at " + address + ": " + why);
              }
            });
    watch.start();
    awaitWatching();
  }

  /** This server tells a watch nothing of what happened between its list and its beginning. */
  private void awaitWatching() {
    await()
        .until(
            () -> {
              client.pods().inNamespace("here").withName("rack-" + CANARY).delete();
              put(pod("scomponent", "9", "", false, 0));
              return watching.get();
            });
  }

  private void note(ComponentId component, String what) {
    if (component.equals(CANARY)) {
      watching.set(true);
    } else {
      heard.add(component + what);
    }
  }

  @AfterEach
  void stop() {
    watch.stop();
    client.close();
    server.destroy();
  }

  @Test
  void shouldTellOfANewPodAndThenOfItsDeletion() {
    put(pod("mcomponent", "3", "", false, 0));
    hear("mcomponent-3 starts on node-1");

    put(pod("mcomponent", "3", "10.0.0.9", true, 0));
    client.pods().inNamespace("here").withName("rack-mcomponent-3").delete();
    hear("mcomponent-3 starts on node-1", "mcomponent-3 at 10.0.0.9: its pod was deleted");
  }

  @Test
  void shouldTellOfAContainerThatWasStartedAgainAndOfAPodThatIsNotReady() {
    put(pod("mcomponent", "0", "10.0.0.1", true, 1));
    hear("mcomponent-0 at 10.0.0.1: its container has ended");

    put(pod("mcomponent", "0", "10.0.0.1", false, 1));
    hear(
        "mcomponent-0 at 10.0.0.1: its container has ended",
        "mcomponent-0 at 10.0.0.1: its pod is not ready");
  }

  @Test
  void shouldTellOfAPodThatIsToStopOnceAndNotThatItIsNoLongerReady() {
    put(leaving(pod("mcomponent", "0", "10.0.0.1", true, 0)));
    hear("mcomponent-0 at 10.0.0.1 is to stop");

    put(leaving(pod("mcomponent", "0", "10.0.0.1", false, 0)));
    put(pod("pcomponent", "1", "10.0.0.8", false, 0));
    hear("mcomponent-0 at 10.0.0.1 is to stop", "pcomponent-1 starts on node-1");
  }

  @Test
  void shouldPutAWarningWhereDescribeShowsIt() {
    watch.warn(
        ComponentId.parse("mcomponent-0"),
        "CannotStop",
        "mcomponent-0 cannot stop: there is no room");

    await()
        .untilAsserted(
            () ->
                assertThat(client.v1().events().inNamespace("here").list().getItems())
                    .singleElement()
                    .satisfies(
                        event -> {
                          assertThat(event.getInvolvedObject().getName())
                              .isEqualTo("rack-mcomponent-0");
                          assertThat(event.getInvolvedObject().getUid()).isNotEmpty();
                          assertThat(event.getType()).isEqualTo("Warning");
                          assertThat(event.getMessage()).contains("there is no room");
                        }));
  }

  @Test
  void shouldSayNothingOfOtherPodsNorOfWhatChangesNothing() {
    put(pod("kafka", "0", "10.0.0.5", false, 0));
    put(pod("make-secrets", "0", "10.0.0.6", false, 0));
    Pod other = pod("mcomponent", "7", "10.0.0.7", false, 0);
    other.getMetadata().getLabels().put("app.kubernetes.io/instance", "another");
    put(other);
    put(pod("mcomponent", "0", "10.0.0.1", true, 0));

    put(pod("pcomponent", "1", "10.0.0.8", false, 0));
    hear("pcomponent-1 starts on node-1");
  }

  private void hear(String... lines) {
    await().untilAsserted(() -> assertThat(heard).containsExactly(lines));
  }

  private void put(Pod pod) {
    client.pods().inNamespace("here").resource(pod).unlock().createOr(one -> one.update());
  }

  /** Without a finalizer it would be gone at once. */
  private static Pod leaving(Pod pod) {
    pod.getMetadata().setFinalizers(List.of("splitrack.org/test"));
    pod.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");
    return pod;
  }

  private static Pod pod(String role, String number, String address, boolean ready, int restarts) {
    return new PodBuilder()
        .withNewMetadata()
        .withName("rack-" + role + "-" + number)
        .withNamespace("here")
        .addToLabels("app.kubernetes.io/name", "splitrack")
        .addToLabels("app.kubernetes.io/instance", "rack")
        .addToLabels("app.kubernetes.io/component", role)
        .addToLabels("apps.kubernetes.io/pod-index", number)
        .endMetadata()
        .withNewSpec()
        .withNodeName("node-1")
        .endSpec()
        .withNewStatus()
        .withPodIP(address)
        .addNewCondition()
        .withType("Ready")
        .withStatus(ready ? "True" : "False")
        .endCondition()
        .addNewContainerStatus()
        .withName(role)
        .withRestartCount(restarts)
        .endContainerStatus()
        .endStatus()
        .build();
  }
}
