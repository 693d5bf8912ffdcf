package org.splitrack.cli.internal.command;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.access.RackAccess;
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
  public Integer call() throws InterruptedException {
    role.check();
    RackAccess rack = context.access();
    String url = rack.jdbcUrl();
    context.out.println(
        "%s%suser=%s&password=%s"
            .formatted(
                url, url.contains("?") ? '&' : '?', RackDatabase.READER, rack.readerPassword()));
    if (rack.endsWithCommand()) {
      context.out.flush();
      context.progress.say("this URL holds until Ctrl-C");
      new CountDownLatch(1).await();
    }
    return ExitCode.DONE;
  }
}
