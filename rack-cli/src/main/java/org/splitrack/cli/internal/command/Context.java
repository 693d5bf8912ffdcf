package org.splitrack.cli.internal.command;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.Progress;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.machine.Installation;
import org.splitrack.cli.internal.machine.RackFile;
import org.splitrack.cli.internal.machine.Secrets;
import org.splitrack.cli.internal.machine.StateDirectory;
import org.splitrack.cli.internal.manager.ManagerClient;
import org.splitrack.cli.internal.output.Listing;
import org.splitrack.cli.internal.output.ListingWriter;
import org.splitrack.cli.internal.output.OutputFormat;
import org.splitrack.cli.internal.tables.Tables;
import org.splitrack.fabric.embedded.RackDatabase;
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

  StateDirectory state() {
    if (directory != null) {
      return new StateDirectory(directory);
    }
    String named = System.getenv("SPLITRACK_STATE");
    return new StateDirectory(
        named != null && !named.isBlank()
            ? Path.of(named)
            : Installation.current().home().resolve(".rack"));
  }

  /** The rack that runs; exit code 4 when none does. */
  RackFile rack() {
    return state().running();
  }

  ManagerClient manager() {
    return new ManagerClient(
        rack().manager().http(), Secrets.read(state().secrets().operatorToken()));
  }

  Tables tables() {
    return Tables.connect(rack().jdbcUrl(), RackDatabase.READER, readerPassword());
  }

  String readerPassword() {
    return Secrets.read(state().secrets().postgres("reader"));
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
