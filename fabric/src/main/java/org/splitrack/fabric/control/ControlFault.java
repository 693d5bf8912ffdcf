package org.splitrack.fabric.control;

/** A call that was refused or could not be made. The message is one line for a person. */
public final class ControlFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Code code;

  public ControlFault(Code code, String message) {
    super(message);
    this.code = code;
  }

  public Code code() {
    return code;
  }

  /** What kind of refusal. */
  public enum Code {
    /** The peer could not be reached, or did not answer in time. */
    UNREACHABLE,
    /** Nothing of that name or number. */
    NOT_FOUND,
    /** There is one already. */
    EXISTS,
    /** No memory, disk or other bounded resource left. */
    FULL,
    /** The request is wrong; repeating it does not help. */
    BAD_REQUEST,
    /** The caller may not do that. */
    DENIED,
    /** Not now: something that it needs is not there yet; repeating may help. */
    UNAVAILABLE,
    /** A defect or a failed device at the peer. */
    FAILED
  }
}
