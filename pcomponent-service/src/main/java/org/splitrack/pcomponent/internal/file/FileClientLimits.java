package org.splitrack.pcomponent.internal.file;

import java.time.Duration;

/**
 * Bounds of a pComponent's file client.
 *
 * @param cacheBytes buffers of all files of all processes together; at least 16 blocks
 * @param patience how long an operation waits for a manager or sComponent that does not answer
 */
public record FileClientLimits(int cacheBytes, Duration patience) {
  /** 32 MiB and 30 s. */
  public static final FileClientLimits DEFAULT =
      new FileClientLimits(32 << 20, Duration.ofSeconds(30));

  private static final int MIN_BLOCKS = 16;

  public FileClientLimits {
    if (cacheBytes < MIN_BLOCKS * Block.BYTES) {
      throw new IllegalArgumentException(
          cacheBytes + " bytes are fewer than " + MIN_BLOCKS * Block.BYTES);
    }
  }

  int blocks() {
    return cacheBytes / Block.BYTES;
  }

  /** More are never dirty, so that reads always find room. */
  int dirtyBlocks() {
    return blocks() / 2;
  }
}
