package org.splitrack.manager.internal.process;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.StorageCalls.AskFences;
import org.splitrack.fabric.control.StorageCalls.Fence;
import org.splitrack.fabric.control.StorageCalls.FencePeer;
import org.splitrack.manager.internal.membership.Member;
import org.splitrack.manager.internal.membership.MemberState;
import org.splitrack.manager.internal.membership.Membership;

/**
 * Keeps a pComponent whose processes were expelled from writing to files: it may only have been
 * paused, and writes to extents that it has go past the manager. The fence goes up before the
 * processes are declared ended, and down when the pComponent says that it runs none of them any
 * more. Safe from any thread.
 */
public final class StorageFences {
  private static final Duration CALL_LIMIT = Duration.ofSeconds(1);
  private static final Logger LOG = LoggerFactory.getLogger(StorageFences.class);

  private final Membership membership;
  private final ControlClient control;
  private final Map<BootId, ComponentId> fenced = new ConcurrentHashMap<>();

  public StorageFences(Membership membership, ControlClient control) {
    this.membership = membership;
    this.control = control;
  }

  /**
   * Returns when every sComponent that answers refuses that start of a pComponent; one that does
   * not answer is told when it does again.
   */
  public void raise(ComponentId component, BootId boot) {
    fenced.put(boot, component);
    tellAll(component, boot, true);
  }

  /** Whether its processes may not write. */
  boolean isFenced(BootId boot) {
    return fenced.containsKey(boot);
  }

  /** It runs none of the expelled processes any more. Does not wait. */
  void lower(ComponentId component, BootId boot) {
    if (fenced.remove(boot) != null) {
      Thread.ofVirtual().start(() -> tellAll(component, boot, false));
    }
  }

  /**
   * That sComponent may have missed something, or know of fences of an earlier leader, which this
   * one has to lower in its place. Does not wait.
   */
  public void compare(Member store) {
    Thread.ofVirtual().start(() -> compareNow(store));
  }

  private void compareNow(Member store) {
    Map<BootId, ComponentId> missing = new HashMap<>(fenced);
    try {
      for (Fence fence : control.call(store.endpoint(), new AskFences(), CALL_LIMIT).fences()) {
        fenced.putIfAbsent(fence.boot(), fence.component());
        missing.remove(fence.boot());
      }
    } catch (ControlFault e) {
      LOG.warn("{} does not say whom it fences: {}", store.component(), e.getMessage());
    }
    missing.forEach((boot, component) -> tell(store, component, boot, true));
  }

  private void tellAll(ComponentId component, BootId boot, boolean isFenced) {
    List<Member> stores =
        membership.members().stream()
            .filter(member -> member.hasRole(Role.SCOMPONENT))
            .filter(member -> member.isUp() || member.state() == MemberState.SUSPECT)
            .toList();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      stores.forEach(store -> threads.execute(() -> tell(store, component, boot, isFenced)));
    }
  }

  private void tell(Member store, ComponentId component, BootId boot, boolean isFenced) {
    try {
      control.call(store.endpoint(), new FencePeer(component, boot, isFenced), CALL_LIMIT);
    } catch (ControlFault e) {
      LOG.warn(
          "{} was not told of the fence of {}: {}", store.component(), component, e.getMessage());
      if (!isFenced) {
        // It is lowered again at the next heartbeat.
        fenced.put(boot, component);
      }
    }
  }
}
