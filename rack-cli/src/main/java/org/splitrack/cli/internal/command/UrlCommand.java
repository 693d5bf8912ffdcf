package org.splitrack.cli.internal.command;

import java.util.concurrent.Callable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.fabric.embedded.RackDatabase;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "url",
    description = "Print the JDBC URL of the rack's tables, with user and password.")
final class UrlCommand implements Callable<Integer> {
  private final Context context;

  @Mixin private final RoleOption role = new RoleOption();

  UrlCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    role.check();
    context.out.println(
        "%s?user=%s&password=%s"
            .formatted(context.rack().jdbcUrl(), RackDatabase.READER, context.readerPassword()));
    return ExitCode.DONE;
  }
}
