package org.splitrack.cli.internal.command;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.Progress;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.access.RackAccess;
import org.splitrack.cli.internal.access.RackFaults;
import org.splitrack.cli.internal.kube.KubeAccess;
import org.splitrack.cli.internal.kube.ReleaseName;
import org.splitrack.cli.internal.machine.Installation;
import org.splitrack.cli.internal.machine.MachineAccess;
import org.splitrack.cli.internal.machine.StateDirectory;
import org.splitrack.cli.internal.manager.ManagerClient;
import org.splitrack.cli.internal.output.Listing;
import org.splitrack.cli.internal.output.ListingWriter;
import org.splitrack.cli.internal.output.OutputFormat;
import org.splitrack.cli.internal.tables.Tables;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** What every command works with: where the rack is, and where results and progress go. */
final class Context {
  /** How long {@code run}, {@code put} and {@code rm} wait for the tables at most. */
  static final Duration SYNC_PATIENCE = Duration.ofSeconds(2);

  /** Rows that a listing command shows at most. */
  static final int MOST_ROWS = 100_000;

  static final Duration QUERY_TIMEOUT = Duration.ofSeconds(10);

  final PrintStream out;
  final Progress progress;

  @Option(
      names = "--state",
      paramLabel = "DIR",
      scope = ScopeType.INHERIT,
      description =
          "where the rack keeps its state (default: $SPLITRACK_STATE, else .rack in the checkout)")
  private @Nullable Path directory;

  @Option(
      names = "--kube",
      paramLabel = "NAMESPACE/RELEASE",
      scope = ScopeType.INHERIT,
      description = "the rack that Helm installed so, in the current kube context")
  private @Nullable String kube;

  private @Nullable RackAccess access;

  Context(PrintStream out, Progress progress) {
    this.out = out;
    this.progress = progress;
  }

  /** The same for the rack in another directory. */
  Context in(StateDirectory other) {
    Context context = new Context(out, progress);
    context.directory = other.path();
    return context;
  }

  boolean hasStateOption() {
    return directory != null;
  }

  /** Where the rack of this machine is; a command that asks for it works on no other. */
  StateDirectory state() {
    requireThisMachine();
    if (directory != null) {
      return new StateDirectory(directory);
    }
    String named = System.getenv("SPLITRACK_STATE");
    return new StateDirectory(
        named != null && !named.isBlank()
            ? Path.of(named)
            : Installation.current().home().resolve(".rack"));
  }

  /**
   * What only a command says that works on no rack but this machine's.
   *
   * @throws RackFailure when another one is named
   */
  void requireThisMachine() {
    if (kube != null) {
      throw RackFailure.usage(
          "this command works on a rack of this machine: leave out --kube, or use helm and kubectl");
    }
  }

  /** The rack that the command works on. */
  synchronized RackAccess access() {
    if (kube != null && directory != null) {
      throw RackFailure.usage("--kube and --state name two racks: leave one out");
    }
    if (access == null) {
      access =
          kube != null
              ? KubeAccess.connect(ReleaseName.parse(kube), progress)
              : new MachineAccess(state(), progress);
    }
    return access;
  }

  /** At the end of the command. */
  synchronized void close() {
    if (access != null) {
      access.close();
      access = null;
    }
  }

  ManagerClient manager() {
    RackAccess rack = access();
    // Whether there is one is found out here, and not in the middle of the command.
    rack.managerHttp();
    return ManagerClient.of(rack);
  }

  Tables tables() {
    return Tables.of(access());
  }

  RackFaults faults() {
    return access().faults();
  }

  /** Waits a little for the tables, and says so when that was not enough. */
  void sync(ManagerClient manager) {
    try {
      if (!manager.sync(SYNC_PATIENCE)) {
        progress.say("the tables are behind; ./rack sync waits for them");
      }
    } catch (RackFailure e) {
      progress.say("the tables may be behind: " + e.getMessage());
    }
  }

  /** Lists the answer of a query; a table shows only some columns. */
  void list(OutputFormat format, List<String> inTable, String sql, @Nullable Object... parameters) {
    try (Tables tables = tables()) {
      Listing listing = tables.query(sql, MOST_ROWS, QUERY_TIMEOUT, parameters).listing();
      new ListingWriter(format, out)
          .write(format == OutputFormat.TABLE ? listing.only(inTable) : listing);
    }
  }
}
