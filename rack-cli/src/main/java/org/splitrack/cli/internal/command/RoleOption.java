package org.splitrack.cli.internal.command;

import org.splitrack.cli.internal.RackFailure;
import picocli.CommandLine.Option;

/** {@code --as}: as whom the tables are read. */
final class RoleOption {
  @Option(
      names = "--as",
      paramLabel = "ROLE",
      defaultValue = "reader",
      description = "reader may SELECT from the views of schema api (default: ${DEFAULT-VALUE})")
  private String role = "reader";

  void check() {
    if (!role.equals("reader")) {
      throw RackFailure.usage("--as " + role + ": this version has the role reader only");
    }
  }
}
