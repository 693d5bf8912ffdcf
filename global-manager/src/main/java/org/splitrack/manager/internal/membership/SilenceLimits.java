package org.splitrack.manager.internal.membership;

import java.util.concurrent.TimeUnit;

/**
 * How long a silence means what.
 *
 * @param tickNs how often silence is judged
 * @param suspectNs nothing new is placed on it
 * @param downNs its processes count as dead
 * @param registerNs how long all have to be heard of when a manager begins to lead: they have to
 *     find it first, on another node perhaps
 * @param giveUpNs processes whose memory it holds are ended rather than left waiting
 * @param refreshNs how often a component's figures are published
 */
public record SilenceLimits(
    long tickNs, long suspectNs, long downNs, long registerNs, long giveUpNs, long refreshNs) {
  public SilenceLimits {
    if (tickNs <= 0
        || suspectNs < tickNs
        || downNs < suspectNs
        || registerNs < downNs
        || giveUpNs < downNs) {
      throw new IllegalArgumentException("silence limits out of order");
    }
  }

  public static SilenceLimits defaults() {
    return new SilenceLimits(ms(100), ms(1_500), ms(3_000), ms(10_000), ms(10_000), ms(1_000));
  }

  private static long ms(long ms) {
    return TimeUnit.MILLISECONDS.toNanos(ms);
  }
}
