package org.splitrack.manager.internal.file;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.FileCalls;

/** sComponents that hold nothing but the numbers of their extents. */
final class PretendedStores implements StorageNodes, ExtentStores {
  private final Map<Endpoint, Store> stores = new TreeMap<>((a, b) -> a.port() - b.port());

  PretendedStores(int... roomForExtents) {
    for (int i = 0; i < roomForExtents.length; i++) {
      stores.put(
          new Endpoint("storage", i + 1),
          new Store(new ComponentId(Role.SCOMPONENT, i), roomForExtents[i]));
    }
  }

  static final class Store {
    private final ComponentId component;
    private final int room;
    final ConcurrentSkipListSet<Long> extents = new ConcurrentSkipListSet<>();
    final NavigableMap<Long, Long> trims = new ConcurrentSkipListMap<>();
    volatile boolean reachable = true;

    Store(ComponentId component, int room) {
      this.component = component;
      this.room = room;
    }
  }

  Store store(int ordinal) {
    return java.util.Objects.requireNonNull(stores.get(new Endpoint("storage", ordinal + 1)));
  }

  List<Long> allExtents() {
    List<Long> all = new ArrayList<>();
    stores.values().forEach(store -> all.addAll(store.extents));
    return all;
  }

  @Override
  public List<StorageNode> up() {
    return stores.entrySet().stream()
        .map(
            store ->
                new StorageNode(
                    store.getValue().component,
                    store.getKey(),
                    (long) store.getValue().room * FileCalls.EXTENT_BYTES))
        .toList();
  }

  @Override
  public Optional<Endpoint> endpoint(ComponentId component) {
    return up().stream()
        .filter(node -> node.component().equals(component))
        .map(StorageNode::endpoint)
        .findFirst();
  }

  @Override
  public void create(Endpoint endpoint, List<Long> extents) {
    Store store = reach(endpoint);
    if (store.extents.size() + extents.size() > store.room) {
      throw new ControlFault(ControlFault.Code.FULL, "full");
    }
    store.extents.addAll(extents);
  }

  @Override
  public void delete(Endpoint endpoint, List<Long> extents) {
    reach(endpoint).extents.removeAll(extents);
  }

  @Override
  public void trim(Endpoint endpoint, long extent, long bytes) {
    reach(endpoint).trims.put(extent, bytes);
  }

  private Store reach(Endpoint endpoint) {
    Store store = stores.get(endpoint);
    if (store == null || !store.reachable) {
      throw new ControlFault(ControlFault.Code.UNREACHABLE, "gone");
    }
    return store;
  }
}
