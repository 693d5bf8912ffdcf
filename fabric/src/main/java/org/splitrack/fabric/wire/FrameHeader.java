package org.splitrack.fabric.wire;

import java.nio.ByteBuffer;

/**
 * The fixed 64-byte little-endian header in front of every frame's body. Accessors work in place on
 * a {@link ByteBuffer} in little-endian order whose header starts at {@code at}; nothing is
 * allocated.
 *
 * <pre>
 *  0  int    body length in bytes (without these 64)
 *  4  byte   protocol version
 *  5  byte   message type, see {@link MessageType}
 *  6  byte   status of a reply, see {@link Status}
 *  7  byte   flags: bit 0 = the page is all zeros and has no body
 *  8  long   rack id
 * 16  long   boot id of the receiver (requests) or sender (replies)
 * 24  long   region id, extent id or process id, by message type
 * 32  long   epoch
 * 40  long   version of the page, or offset
 * 48  int    process incarnation
 * 52  int    page within the region, or count
 * 56  long   sequence: repeated in the reply
 * </pre>
 */
public final class FrameHeader {
  public static final int BYTES = 64;
  public static final byte PROTOCOL_VERSION = 1;
  public static final byte FLAG_ZERO_PAGE = 1;

  private static final int BODY_LENGTH = 0;
  private static final int VERSION = 4;
  private static final int TYPE = 5;
  private static final int STATUS = 6;
  private static final int FLAGS = 7;
  private static final int RACK = 8;
  private static final int BOOT = 16;
  private static final int SUBJECT = 24;
  private static final int EPOCH = 32;
  private static final int PAGE_VERSION = 40;
  private static final int INCARNATION = 48;
  private static final int PAGE = 52;
  private static final int SEQUENCE = 56;

  private FrameHeader() {}

  /** Writes type and body length and clears the rest; the caller fills in what the type needs. */
  public static void start(ByteBuffer b, int at, byte type, int bodyLength, long rackId) {
    for (int i = 0; i < BYTES; i += Long.BYTES) {
      b.putLong(at + i, 0L);
    }
    b.putInt(at + BODY_LENGTH, bodyLength);
    b.put(at + VERSION, PROTOCOL_VERSION);
    b.put(at + TYPE, type);
    b.putLong(at + RACK, rackId);
  }

  public static int bodyLength(ByteBuffer b, int at) {
    return b.getInt(at + BODY_LENGTH);
  }

  public static void bodyLength(ByteBuffer b, int at, int bodyLength) {
    b.putInt(at + BODY_LENGTH, bodyLength);
  }

  public static byte protocolVersion(ByteBuffer b, int at) {
    return b.get(at + VERSION);
  }

  public static byte type(ByteBuffer b, int at) {
    return b.get(at + TYPE);
  }

  public static Status status(ByteBuffer b, int at) {
    return Status.ofCode(b.get(at + STATUS));
  }

  public static void status(ByteBuffer b, int at, Status status) {
    b.put(at + STATUS, (byte) status.code());
  }

  public static boolean zeroPage(ByteBuffer b, int at) {
    return (b.get(at + FLAGS) & FLAG_ZERO_PAGE) != 0;
  }

  public static void zeroPage(ByteBuffer b, int at, boolean zero) {
    b.put(at + FLAGS, zero ? FLAG_ZERO_PAGE : 0);
  }

  public static long rackId(ByteBuffer b, int at) {
    return b.getLong(at + RACK);
  }

  public static long bootId(ByteBuffer b, int at) {
    return b.getLong(at + BOOT);
  }

  public static void bootId(ByteBuffer b, int at, long bootId) {
    b.putLong(at + BOOT, bootId);
  }

  public static long subject(ByteBuffer b, int at) {
    return b.getLong(at + SUBJECT);
  }

  public static void subject(ByteBuffer b, int at, long subject) {
    b.putLong(at + SUBJECT, subject);
  }

  public static long epoch(ByteBuffer b, int at) {
    return b.getLong(at + EPOCH);
  }

  public static void epoch(ByteBuffer b, int at, long epoch) {
    b.putLong(at + EPOCH, epoch);
  }

  public static long pageVersion(ByteBuffer b, int at) {
    return b.getLong(at + PAGE_VERSION);
  }

  public static void pageVersion(ByteBuffer b, int at, long version) {
    b.putLong(at + PAGE_VERSION, version);
  }

  public static int incarnation(ByteBuffer b, int at) {
    return b.getInt(at + INCARNATION);
  }

  public static void incarnation(ByteBuffer b, int at, int incarnation) {
    b.putInt(at + INCARNATION, incarnation);
  }

  public static int page(ByteBuffer b, int at) {
    return b.getInt(at + PAGE);
  }

  public static void page(ByteBuffer b, int at, int page) {
    b.putInt(at + PAGE, page);
  }

  public static long sequence(ByteBuffer b, int at) {
    return b.getLong(at + SEQUENCE);
  }

  public static void sequence(ByteBuffer b, int at, long sequence) {
    b.putLong(at + SEQUENCE, sequence);
  }
}
