package org.splitrack.cli.internal.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.machine.Installation;
import org.splitrack.cli.internal.machine.RackStart;
import org.splitrack.cli.internal.machine.RackStop;
import org.splitrack.cli.internal.machine.StateDirectory;
import org.splitrack.cli.internal.machine.WantedCounts;

/** A rack of a demo's own. It ends, with its folder, when the command does, whatever ends that. */
final class DemoRack {
  final Context context;

  /** A folder that goes with the rack. */
  final Path scratch;

  private final Thread end;

  private DemoRack(Context context, Path scratch) {
    this.context = context;
    this.scratch = scratch;
    this.end = new Thread(this::end, "end-demo");
  }

  /**
   * Prepares one; it is not up yet.
   *
   * @throws RackFailure when {@code --state} names a rack that runs
   */
  static DemoRack prepare(Context outer) throws IOException {
    outer.requireThisMachine();
    Path scratch = Files.createTempDirectory("splitrack-demo-");
    Context context =
        outer.hasStateOption() ? outer : outer.in(new StateDirectory(scratch.resolve("rack")));
    StateDirectory state = context.state();
    if (state.read().filter(rack -> !rack.living().isEmpty()).isPresent()) {
      throw RackFailure.failed(
          "a rack runs in "
              + state.path()
              + " already: the demo brings up its own; leave out --state");
    }
    DemoRack rack = new DemoRack(context, scratch);
    Runtime.getRuntime().addShutdownHook(rack.end);
    return rack;
  }

  void up() {
    new RackStart(context.state(), Installation.current(), context.progress)
        .up(WantedCounts.ANY, null);
  }

  /** It outlives the command after all. */
  void keep() {
    Runtime.getRuntime().removeShutdownHook(end);
    context.progress.say("the rack stays up: ./rack --state " + context.state().path() + " ps");
  }

  private void end() {
    new RackStop(context.state(), context.progress).down(false);
    new StateDirectory(scratch).delete();
  }
}
