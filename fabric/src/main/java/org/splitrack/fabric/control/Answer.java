package org.splitrack.fabric.control;

import org.jspecify.annotations.Nullable;

/** A reply together with the bytes that came with it, if any; the array is not copied. */
public final class Answer<R extends ControlReply> {
  private final R reply;
  private final byte @Nullable [] attachment;

  public Answer(R reply, byte @Nullable [] attachment) {
    this.reply = reply;
    this.attachment = attachment;
  }

  public R reply() {
    return reply;
  }

  public byte @Nullable [] attachment() {
    return attachment;
  }
}
