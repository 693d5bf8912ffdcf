package org.splitrack.cli.internal.command;

import java.util.concurrent.Callable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.map.RackMap;
import org.splitrack.cli.internal.map.SvgMap;
import org.splitrack.cli.internal.map.TerminalMap;
import org.splitrack.cli.internal.tables.Tables;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "map",
    description = "Draw components, regions, copies and moves (from the tables).")
final class MapCommand implements Callable<Integer> {
  private final Context context;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "text|svg",
      defaultValue = "text",
      description = "for a terminal, or a picture (default: ${DEFAULT-VALUE})")
  private String output = "text";

  MapCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    if (!output.equals("text") && !output.equals("svg")) {
      throw RackFailure.usage("-o " + output + ": a map is drawn as text or svg");
    }
    try (Tables tables = context.tables()) {
      RackMap map = RackMap.read(tables);
      if (output.equals("svg")) {
        context.out.print(SvgMap.draw(map));
      } else {
        TerminalMap.draw(map).forEach(context.out::println);
      }
    }
    return ExitCode.DONE;
  }
}
