package org.splitrack.manager.internal.pod;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches one ConfigMap, and no other, for as long as the application runs. While it is not there,
 * or the Kubernetes API is not, what was read last goes on.
 */
public final class ConfigWatch extends Watch<ConfigMap> {
  private static final Logger LOG = LoggerFactory.getLogger(ConfigWatch.class);

  private final KubernetesClient client;
  private final String namespace;
  private final String name;
  private final Consumer<Map<String, String>> listener;

  /**
   * @param listener hears what is in it, when it is found and after each change of it
   */
  public ConfigWatch(
      KubernetesClient client,
      String namespace,
      String name,
      Consumer<Map<String, String>> listener) {
    super(name);
    this.client = client;
    this.namespace = namespace;
    this.name = name;
    this.listener = listener;
  }

  @Override
  SharedIndexInformer<ConfigMap> informer() {
    return client
        .configMaps()
        .inNamespace(namespace)
        .withName(name)
        .runnableInformer(0)
        .addEventHandler(new Changes());
  }

  private final class Changes implements ResourceEventHandler<ConfigMap> {
    @Override
    public void onAdd(ConfigMap map) {
      listener.accept(Objects.requireNonNullElse(map.getData(), Map.of()));
    }

    @Override
    public void onUpdate(ConfigMap before, ConfigMap now) {
      onAdd(now);
    }

    @Override
    public void onDelete(ConfigMap map, boolean finalStateUnknown) {
      LOG.info("{} is gone; what it said goes on", name);
    }
  }
}
