package org.splitrack.cli.internal.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.output.ListingWriter;
import org.splitrack.cli.internal.tables.Tables;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "sql",
    description = {
      "Run one SQL statement on the rack's tables.",
      "For example: rack sql \"SELECT home, count(*) FROM api.regions GROUP BY home\""
    })
final class SqlCommand implements Callable<Integer> {
  private static final int MOST_QUERY_BYTES = 1 << 20;

  private final Context context;

  @Mixin private final RoleOption role = new RoleOption();

  @Option(
      names = "--limit",
      paramLabel = "ROWS",
      defaultValue = "10000",
      description =
          "at most so many rows; exit code 3 when there are more (default: ${DEFAULT-VALUE})")
  private int limit = 10_000;

  @Option(
      names = "--timeout",
      paramLabel = "T",
      defaultValue = "10s",
      converter = DurationText.class,
      description = "how long it may take (default: ${DEFAULT-VALUE})")
  private Duration timeout = Duration.ofSeconds(10);

  @Mixin private final OutputOption output = new OutputOption();

  @Parameters(
      paramLabel = "QUERY",
      description = "the statement, or - to read it from standard input")
  private String query = "";

  SqlCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    role.check();
    if (limit < 1 || limit > Context.MOST_ROWS * 10) {
      throw RackFailure.usage(
          "--limit " + limit + " is not between 1 and " + Context.MOST_ROWS * 10);
    }
    if (timeout.toMillis() < 1) {
      throw RackFailure.usage("--timeout is not positive");
    }
    try (Tables tables = context.tables()) {
      Tables.Answer answer = tables.query(text(), limit, timeout);
      new ListingWriter(output.format, context.out).write(answer.listing());
      if (answer.cut()) {
        context.progress.say("only the first " + limit + " rows are shown: raise --limit");
        return ExitCode.CUT;
      }
      return ExitCode.DONE;
    }
  }

  private String text() throws IOException {
    if (!query.equals("-")) {
      return query;
    }
    byte[] bytes = System.in.readNBytes(MOST_QUERY_BYTES + 1);
    if (bytes.length > MOST_QUERY_BYTES) {
      throw RackFailure.usage("a query has at most " + MOST_QUERY_BYTES + " bytes");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
