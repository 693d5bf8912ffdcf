package org.splitrack.cli.internal.command;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Runs some commands against a rack that is up, for the JVM to see which classes they need: the
 * training run of the command line's own AOT cache.
 */
public final class Rehearsal {
  private Rehearsal() {}

  /**
   * Ends without a word, whatever the commands say.
   *
   * @param arguments the state directory
   */
  public static void main(String[] arguments) {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    for (String command : new String[] {"ps", "components", "sync", "ls"}) {
      RackCli.run(
          nowhere,
          nowhere,
          "--state",
          arguments[0],
          command,
          command.equals("sync") ? "--timeout=5s" : "--output=json");
    }
  }
}
