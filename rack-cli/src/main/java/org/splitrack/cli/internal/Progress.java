package org.splitrack.cli.internal;

import java.io.PrintStream;

/**
 * What a command is doing, a line at a time, on standard error: standard output carries results
 * only. Safe from any thread.
 */
public final class Progress {
  private final PrintStream lines;

  public Progress(PrintStream lines) {
    this.lines = lines;
  }

  public void say(String line) {
    lines.println("rack: " + line);
  }
}
