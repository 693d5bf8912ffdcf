package org.splitrack.tables.internal.mirror;

/**
 * A message that cannot become a row.
 *
 * @param reason one line without control characters
 */
record DeadLetter(Received received, String reason) {
  private static final int REASON_LIMIT_CHARS = 500;

  static DeadLetter of(Received received, String reason) {
    // The reason may quote the message, and PostgreSQL's text holds no NUL.
    String line = reason.replaceAll("\\p{Cntrl}+", " ").strip();
    return new DeadLetter(received, line.substring(0, Math.min(line.length(), REASON_LIMIT_CHARS)));
  }
}
