package org.splitrack.fabric.wire;

/** How a request was answered; stands in the header of every reply. */
public enum Status {
  OK(0),
  /** The region is not installed in this boot of this component: ask for its configuration. */
  NOT_HOLDER(1),
  /** The receiver's boot id in the request is not that of this start. */
  STALE_BOOT(2),
  /** The region's epoch here is higher. */
  STALE_EPOCH(3),
  /** The process incarnation was expelled: none of its effects is taken any more. */
  EXPELLED(4),
  /** Page beyond what is reserved, a length that does not fit, an argument out of range. */
  BAD_REQUEST(5),
  /** No memory or disk left. */
  FULL(6),
  /** The component could not do it; the message in the body says why. */
  FAILED(7),
  /** The receiver was home and has handed the region to its successor. */
  MOVED(8);

  private static final Status[] BY_CODE = values();

  private final int code;

  Status(int code) {
    this.code = code;
  }

  /** The status for a code off the wire; an unknown one is {@link #FAILED}. */
  public static Status ofCode(int code) {
    return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : FAILED;
  }

  public int code() {
    return code;
  }
}
