package org.splitrack.fabric.region;

/**
 * How many copies of regions a {@link RegionSteward} has made at once. What is asked for beyond it
 * waits; the two kinds do not wait for each other.
 *
 * @param movesAtOnce regions that change places though nothing is wrong with them: moved by
 *     command, or off a component that is being emptied or is to stop
 * @param copiesAtOnce regions that something waits for: those that have lost a copy, and those
 *     whose process wants to grow where there is no room
 */
public record CopyLimits(int movesAtOnce, int copiesAtOnce) {
  /** The most of either. */
  public static final int MAX_AT_ONCE = 1_024;

  public static final CopyLimits DEFAULT = new CopyLimits(16, 16);

  public CopyLimits {
    require("movesAtOnce", movesAtOnce);
    require("copiesAtOnce", copiesAtOnce);
  }

  private static void require(String name, int value) {
    if (value < 1 || value > MAX_AT_ONCE) {
      throw new IllegalArgumentException(
          name + " is " + value + ", not a whole number from 1 to " + MAX_AT_ONCE);
    }
  }
}
