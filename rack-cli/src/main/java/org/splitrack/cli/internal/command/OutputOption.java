package org.splitrack.cli.internal.command;

import org.splitrack.cli.internal.output.OutputFormat;
import picocli.CommandLine.Option;

/** {@code -o}, on every command that lists. */
final class OutputOption {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "table",
      converter = OutputFormat.Reader.class,
      description = "table, json or csv (default: ${DEFAULT-VALUE})")
  OutputFormat format = OutputFormat.TABLE;
}
