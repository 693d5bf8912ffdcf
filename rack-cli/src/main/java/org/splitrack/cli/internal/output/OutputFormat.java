package org.splitrack.cli.internal.output;

/** How a command lists: {@code -o}. */
public enum OutputFormat {
  TABLE,
  JSON,
  CSV;

  /** As it is written on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
