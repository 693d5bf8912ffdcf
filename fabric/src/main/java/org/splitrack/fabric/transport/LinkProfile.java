package org.splitrack.fabric.transport;

/**
 * What an emulated link does to the bytes that are sent on it.
 *
 * @param delayNs how much later they leave
 * @param bytesPerSecond how fast they leave; 0 = as fast as they come
 * @param cut they do not leave at all, until it is healed
 */
public record LinkProfile(long delayNs, long bytesPerSecond, boolean cut) {
  /** A link as it is. */
  public static final LinkProfile PLAIN = new LinkProfile(0, 0, false);

  public LinkProfile {
    if (delayNs < 0 || bytesPerSecond < 0) {
      throw new IllegalArgumentException(
          "a link with delay " + delayNs + " ns and " + bytesPerSecond + " bytes/s cannot be");
    }
  }

  boolean isPlain() {
    return delayNs == 0 && bytesPerSecond == 0 && !cut;
  }

  /** The same link, cut or healed. */
  public LinkProfile withCut(boolean wanted) {
    return new LinkProfile(delayNs, bytesPerSecond, wanted);
  }
}
