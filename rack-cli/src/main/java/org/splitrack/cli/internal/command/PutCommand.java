package org.splitrack.cli.internal.command;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.manager.ManagerClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "put", description = "Copy a local file into the rack.")
final class PutCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(
      index = "0",
      paramLabel = "LOCAL",
      description = "the local file, or - for standard input")
  private String local = "";

  @Parameters(index = "1", paramLabel = "/PATH", description = "its path in the rack")
  private String path = "";

  @Mixin private final TenantOption tenant = new TenantOption();

  PutCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    String target = RackPath.of(path);
    BodyPublisher content = content();
    ManagerClient manager = context.manager();
    manager.upload(tenant.name(), target, content);
    context.sync(manager);
    return ExitCode.DONE;
  }

  private BodyPublisher content() throws IOException {
    if (local.equals("-")) {
      return BodyPublishers.ofInputStream(() -> System.in);
    }
    Path file = Path.of(local);
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw RackFailure.failed("cannot read the file " + local);
    }
    return BodyPublishers.ofFile(file);
  }
}
