package org.splitrack.fabric.wire;

/** Message types by lane. A reply has its request's type with {@link #REPLY} set. */
public final class MessageType {
  /** Set in the type of every reply. */
  public static final byte REPLY = (byte) 0x80;

  /** MISS: subject = region, page = page in region. Reply: zero flag, or 4096 bytes; version. */
  public static final byte READ_PAGE = 0x01;

  /** BULK: subject = region, page in region, version; zero flag, or 4096 bytes. */
  public static final byte WRITE_PAGE = 0x02;

  /**
   * REPLICA: as WRITE_PAGE, from home to another copy; the sequence is the home's own. The reply
   * repeats epoch and sequence and tells the version held.
   */
  public static final byte REPLICATE = 0x03;

  /**
   * REPLICA: subject = region, epoch = the one at which the receiver is home; version field = how
   * long no write-back was taken, in microseconds; page field = pages that the receiver was sent as
   * a learner; incarnation field = times that the region was gone through for that. The reply
   * repeats the epoch.
   */
  public static final byte HAND_OFF = 0x04;

  /** CONTROL: body = JSON, see {@code org.splitrack.fabric.control}. */
  public static final byte CONTROL = 0x10;

  /** ATTACH: the first frame, body = ticket. */
  public static final byte ATTACH = 0x20;

  /** ATTACH: bytes for the program's standard input; an empty body is its end. */
  public static final byte STDIN = 0x21;

  /** ATTACH: bytes that the program wrote to standard output. */
  public static final byte STDOUT = 0x22;

  /** ATTACH: bytes that the program wrote to standard error. */
  public static final byte STDERR = 0x23;

  /** ATTACH: the last frame, body = JSON of the outcome. */
  public static final byte ENDED = 0x24;

  /** STORAGE: subject = extent, version field = offset in the extent, page = length. */
  public static final byte READ_EXTENT = 0x30;

  /** STORAGE: subject = extent, version field = offset in the extent, body = the bytes. */
  public static final byte WRITE_EXTENT = 0x31;

  /** STORAGE: subject = extent. Returns when what was written is on disk. */
  public static final byte SYNC_EXTENT = 0x32;

  private MessageType() {}
}
