package org.splitrack.tables.internal.mirror;

import java.util.Arrays;

/** A message of the topic as it came; its value is not yet known to be a state change. */
final class Received {
  private final long offset;
  private final byte[] value;

  Received(long offset, byte[] value) {
    this.offset = offset;
    this.value = value;
  }

  long offset() {
    return offset;
  }

  byte[] value() {
    return value;
  }

  /** Its first bytes, at most {@code limit}. */
  byte[] head(int limit) {
    return Arrays.copyOf(value, Math.min(value.length, limit));
  }
}
