package org.splitrack.fabric;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** One installation. Every connection names it; another rack's is refused at the handshake. */
public record RackId(long value) {
  /** Reads 16 hex digits. */
  @JsonCreator
  public static RackId parse(String text) {
    return new RackId(Long.parseUnsignedLong(text, 16));
  }

  @Override
  @JsonValue
  public String toString() {
    return String.format("%016x", value);
  }
}
