package org.splitrack.cli.internal.command;

import org.splitrack.cli.internal.RackFailure;

/** Names of the rack's files. */
final class RackPath {
  private RackPath() {}

  /** One that begins with a slash; {@code rack:} in front is allowed. */
  static String of(String text) {
    String path = text.startsWith("rack:") ? text.substring("rack:".length()) : text;
    if (!path.startsWith("/")) {
      throw RackFailure.usage("'" + text + "' is no path of the rack: it begins with a slash");
    }
    return path;
  }
}
