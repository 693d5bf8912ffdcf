package org.splitrack.cli.internal.command;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.Progress;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.manager.ManagerClient;
import org.splitrack.fabric.ComponentId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(
    name = "migrate",
    description = {
      "Move a region to another mComponent while its program runs; returns when it is there.",
      "Ends with 1 and the reason when it did not come to that; the region is where it was then."
    })
final class MigrateCommand implements Callable<Integer> {
  private static final Set<String> ENDS = Set.of("done", "aborted", "failed");
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final long POLL_MS = 50;

  private final Context context;

  @Parameters(index = "0", paramLabel = "REGION", description = "number of the region")
  private long region;

  @Parameters(
      index = "1",
      paramLabel = "C",
      converter = ComponentName.class,
      description = "the mComponent that is to be its home")
  private @Nullable ComponentId target;

  @Option(names = "--no-wait", description = "print the migration's number and return")
  private boolean noWait;

  MigrateCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    ManagerClient manager = context.manager();
    long migration = manager.migrate(region, Objects.requireNonNull(target));
    if (noWait) {
      context.out.println(migration);
      return ExitCode.DONE;
    }
    JsonNode end = awaitEnd(manager, migration, context.progress);
    context.sync(manager);
    String state = end.path("state").asString();
    if (!state.equals("done")) {
      throw RackFailure.failed(
          "migration %d of region %d is %s: %s"
              .formatted(migration, region, state, end.path("error").asString("no reason given")));
    }
    return ExitCode.DONE;
  }

  /** Waits until it is done, aborted or failed, and says on the way how far it is. */
  static JsonNode awaitEnd(ManagerClient manager, long migration, Progress progress)
      throws InterruptedException {
    long endNs = System.nanoTime() + LIMIT.toNanos();
    String shown = "";
    while (true) {
      JsonNode now = manager.migration(migration);
      String state = now.path("state").asString();
      if (ENDS.contains(state)) {
        return now;
      }
      if (!state.equals(shown)) {
        progress.say("migration " + migration + ": " + state);
        shown = state;
      }
      if (System.nanoTime() - endNs > 0) {
        throw RackFailure.failed(
            "migration %d has not ended after %d s: ./rack migrations shows how far it is"
                .formatted(migration, LIMIT.toSeconds()));
      }
      Thread.sleep(POLL_MS);
    }
  }
}
