package org.splitrack.fabric;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.security.SecureRandom;

/** One start of one component: random, never zero, printed as 16 hex digits. */
public record BootId(long value) {
  private static final SecureRandom RANDOM = new SecureRandom();

  public BootId {
    if (value == 0) {
      throw new IllegalArgumentException("a boot id is not zero");
    }
  }

  /** A new one; made once per start of a component. */
  public static BootId random() {
    long value;
    do {
      value = RANDOM.nextLong();
    } while (value == 0);
    return new BootId(value);
  }

  /** Reads 16 hex digits. */
  @JsonCreator
  public static BootId parse(String text) {
    return new BootId(Long.parseUnsignedLong(text, 16));
  }

  @Override
  @JsonValue
  public String toString() {
    return String.format("%016x", value);
  }
}
