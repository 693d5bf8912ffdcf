package org.splitrack.cli;

import org.splitrack.cli.internal.command.RackCli;

/** The {@code rack} command. */
public final class RackCommand {
  private RackCommand() {}

  /** Ends the JVM with the command's exit code. */
  public static void main(String[] arguments) {
    System.exit(RackCli.run(arguments));
  }
}
