package org.splitrack.fabric;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** A process: positive, never used again. */
public record ProcessId(@JsonValue long value) implements Comparable<ProcessId> {
  @JsonCreator
  public ProcessId {
    if (value <= 0) {
      throw new IllegalArgumentException("ProcessId " + value + " is not positive");
    }
  }

  @Override
  public int compareTo(ProcessId other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
