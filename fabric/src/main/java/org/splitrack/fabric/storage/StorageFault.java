package org.splitrack.fabric.storage;

/** A read, write or sync of an extent that was refused or could not be made. */
public final class StorageFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  public StorageFault(Reason reason, String message) {
    super(message, null, false, false);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }

  /** What kind of refusal. */
  public enum Reason {
    /** The sComponent could not be reached, or did not answer, for as long as was to be waited. */
    UNREACHABLE,
    /** The sComponent does not hold the extent (any more). */
    NO_SUCH_EXTENT,
    /** Its disk is full. */
    FULL,
    /** A defect or a failed disk there. */
    FAILED
  }
}
