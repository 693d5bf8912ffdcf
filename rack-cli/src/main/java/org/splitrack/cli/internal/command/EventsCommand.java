package org.splitrack.cli.internal.command;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.output.EventStory;
import org.splitrack.cli.internal.output.Listing;
import org.splitrack.cli.internal.output.ListingWriter;
import org.splitrack.cli.internal.output.OutputFormat;
import org.splitrack.cli.internal.tables.Tables;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "events",
    description = {
      "List what happened, oldest first (from the tables). With -f the story in sentences, as it",
      "goes on: what another event led to stands with the time since that one."
    })
final class EventsCommand implements Callable<Integer> {
  private static final List<String> IN_TABLE =
      List.of("event", "at", "component", "kind", "process", "region", "cause", "message");
  private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(10);
  private static final long POLL_MS = 250;
  private static final int MOST_AT_ONCE = 1_000;

  private final Context context;
  private final EventStory story = new EventStory();

  @Option(
      names = {"-f", "--follow"},
      description = "tell it until Ctrl-C, a line each")
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
        writer.write(output.format == OutputFormat.TABLE ? newest.only(IN_TABLE) : newest);
        return ExitCode.DONE;
      }
      tell(writer, newest);
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
        tell(writer, next);
        last = lastEvent(next, last);
        Thread.sleep(POLL_MS);
      }
      return ExitCode.DONE;
    }
  }

  private void tell(ListingWriter writer, Listing events) {
    if (output.format == OutputFormat.TABLE) {
      story.tell(events).forEach(context.out::println);
      context.out.flush();
    } else {
      writer.append(events);
    }
  }

  private static long lastEvent(Listing listing, long before) {
    if (listing.rows().isEmpty()) {
      return before;
    }
    @Nullable Object event = listing.rows().getLast().get(listing.columns().indexOf("event"));
    return event instanceof Number number ? number.longValue() : before;
  }
}
