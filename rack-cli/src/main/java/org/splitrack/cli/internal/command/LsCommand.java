package org.splitrack.cli.internal.command;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.output.Listing;
import org.splitrack.cli.internal.output.ListingWriter;
import org.splitrack.cli.internal.output.OutputFormat;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(name = "ls", description = "List a directory of the rack, or one file.")
final class LsCommand implements Callable<Integer> {
  private static final List<String> IN_TABLE = List.of("kind", "bytes", "replicas", "path");

  private final Context context;

  @Parameters(
      arity = "0..1",
      paramLabel = "/PATH",
      defaultValue = "/",
      description = "(default: /)")
  private String path = "/";

  @Mixin private final TenantOption tenant = new TenantOption();
  @Mixin private final OutputOption output = new OutputOption();

  LsCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    JsonNode files = context.manager().files(tenant.name(), RackPath.of(path));
    Listing listing = listing(files);
    new ListingWriter(output.format, context.out)
        .write(output.format == OutputFormat.TABLE ? listing.only(IN_TABLE) : listing);
    return ExitCode.DONE;
  }

  /** An array of objects with the same keys; the first one names the columns. */
  private static Listing listing(JsonNode files) {
    List<String> columns =
        files.isEmpty()
            ? List.of("path", "bytes", "kind")
            : List.copyOf(files.get(0).propertyNames());
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (JsonNode file : files) {
      List<@Nullable Object> row = new ArrayList<>();
      columns.forEach(column -> row.add(value(file.path(column))));
      rows.add(row);
    }
    return new Listing(columns, rows);
  }

  private static @Nullable Object value(JsonNode node) {
    if (node.isNull() || node.isMissingNode()) {
      return null;
    }
    if (node.isIntegralNumber()) {
      return node.asLong();
    }
    return node.isString() ? node.asString() : node;
  }
}
