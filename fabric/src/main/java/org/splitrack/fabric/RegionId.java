package org.splitrack.fabric;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** A vRegion: positive, never used again. */
public record RegionId(@JsonValue long value) implements Comparable<RegionId> {
  @JsonCreator
  public RegionId {
    if (value <= 0) {
      throw new IllegalArgumentException("RegionId " + value + " is not positive");
    }
  }

  @Override
  public int compareTo(RegionId other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
