package org.splitrack.cli.internal.command;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.output.Listing;
import org.splitrack.cli.internal.output.ListingWriter;
import org.splitrack.cli.internal.output.OutputFormat;
import org.splitrack.cli.internal.tables.Tables;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "events", description = "List what happened, oldest first (from the tables).")
final class EventsCommand implements Callable<Integer> {
  private static final List<String> IN_TABLE =
      List.of("event", "at", "component", "kind", "process", "region", "message");
  private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(10);
  private static final long POLL_MS = 250;
  private static final int MOST_AT_ONCE = 1_000;

  private final Context context;

  @Option(
      names = {"-f", "--follow"},
      description = "go on until Ctrl-C, a line each")
  private boolean follow;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "1000",
      description = "the newest N (default: ${DEFAULT-VALUE})")
  private int limit = MOST_AT_ONCE;

  @Mixin private final OutputOption output = new OutputOption();

  EventsCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    ListingWriter writer = new ListingWriter(output.format, context.out);
    try (Tables tables = context.tables()) {
      Listing newest =
          tables
              .query(
                  "SELECT * FROM (SELECT * FROM api.events ORDER BY event DESC LIMIT ?) newest ORDER BY event",
                  Context.MOST_ROWS,
                  QUERY_TIMEOUT,
                  limit)
              .listing();
      if (!follow) {
        writer.write(shown(newest));
        return ExitCode.DONE;
      }
      writer.append(shown(newest));
      long last = lastEvent(newest, 0);
      while (!context.out.checkError()) {
        Listing next =
            tables
                .query(
                    "SELECT * FROM api.events WHERE event > ? ORDER BY event",
                    MOST_AT_ONCE,
                    QUERY_TIMEOUT,
                    last)
                .listing();
        writer.append(shown(next));
        last = lastEvent(next, last);
        Thread.sleep(POLL_MS);
      }
      return ExitCode.DONE;
    }
  }

  private Listing shown(Listing listing) {
    return output.format == OutputFormat.TABLE ? listing.only(IN_TABLE) : listing;
  }

  private static long lastEvent(Listing listing, long before) {
    if (listing.rows().isEmpty()) {
      return before;
    }
    @Nullable Object event = listing.rows().getLast().get(listing.columns().indexOf("event"));
    return event instanceof Number number ? number.longValue() : before;
  }
}
