package org.splitrack.cli.internal.manager;

/** A piece of what a process wrote. */
public final class ProcessOutput {
  private final byte[] bytes;
  private final long nextOffset;
  private final boolean ended;

  ProcessOutput(byte[] bytes, long nextOffset, boolean ended) {
    this.bytes = bytes;
    this.nextOffset = nextOffset;
    this.ended = ended;
  }

  /** The piece itself, not a copy. */
  public byte[] bytes() {
    return bytes;
  }

  /** Where the next piece begins. */
  public long nextOffset() {
    return nextOffset;
  }

  /** Nothing follows. */
  public boolean ended() {
    return ended;
  }
}
