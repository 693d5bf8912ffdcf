package org.splitrack.cli.internal.command;

import java.util.Set;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.manager.ManagerClient;
import org.splitrack.cli.internal.manager.ManagerClient.Emptying;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;

/** Waits for components that are being emptied, and says how far they are. */
final class Emptied {
  private static final long POLL_MS = 50;

  /** A component may be suspect for a moment under full load. */
  private static final Set<String> GOES_ON = Set.of("draining", "suspect");

  private Emptied() {}

  /** Returns when nothing is left on it. */
  static void await(Context context, ManagerClient manager, ComponentId drained)
      throws InterruptedException {
    String what = drained.role() == Role.MCOMPONENT ? "copies of regions" : "programs";
    int shown = -1;
    Emptying now = manager.emptying(drained);
    while (now.remaining() > 0) {
      if (now.remaining() != shown) {
        shown = now.remaining();
        context.progress.say(drained + ": " + shown + " " + what + " are left");
      }
      Thread.sleep(POLL_MS);
      now = manager.emptying(drained);
      if (!GOES_ON.contains(now.state())) {
        throw RackFailure.failed(
            "%s is %s now and no longer being emptied; %d %s are left"
                .formatted(drained, now.state(), now.remaining(), what));
      }
    }
  }
}
