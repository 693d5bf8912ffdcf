package org.splitrack.cli.internal.command;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.RackFailure;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "get", description = "Copy a file of the rack to a local one.")
final class GetCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(index = "0", paramLabel = "/PATH", description = "its path in the rack")
  private String path = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "LOCAL",
      defaultValue = "-",
      description = "the local file, or - for standard output (default: -)")
  private String local = "-";

  @Mixin private final TenantOption tenant = new TenantOption();

  GetCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    String source = RackPath.of(path);
    try {
      if (local.equals("-")) {
        context.manager().download(tenant.name(), source, context.out);
        context.out.flush();
      } else {
        save(source);
      }
      return ExitCode.DONE;
    } catch (IOException e) {
      throw RackFailure.failed("cannot write " + local + ": " + RackFailure.reason(e));
    }
  }

  /** Under another name first: what has the name is whole. */
  private void save(String source) throws IOException {
    Path file =
        Files.isDirectory(Path.of(local)) ? Path.of(local).resolve(name(source)) : Path.of(local);
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw RackFailure.usage(local + " is no file");
    }
    Path next = Files.createTempFile(folder, "." + file.getFileName(), ".part");
    try {
      try (OutputStream target = Files.newOutputStream(next)) {
        context.manager().download(tenant.name(), source, target);
      }
      Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(next);
    }
  }

  private static String name(String source) {
    return source.substring(source.lastIndexOf('/') + 1);
  }
}
