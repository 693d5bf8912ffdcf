package org.splitrack.cli.internal.command;

import java.util.regex.Pattern;
import org.splitrack.cli.internal.RackFailure;
import picocli.CommandLine.Option;

/** {@code --tenant}: whose files and processes. */
final class TenantOption {
  private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");

  @Option(
      names = "--tenant",
      paramLabel = "T",
      defaultValue = "default",
      description = "whose files and processes (default: ${DEFAULT-VALUE})")
  private String tenant = "default";

  String name() {
    if (!FORM.matcher(tenant).matches()) {
      throw RackFailure.usage(
          "--tenant " + tenant + " is not up to 40 small letters, digits and hyphens");
    }
    return tenant;
  }
}
