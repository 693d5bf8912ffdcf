package org.splitrack.fabric.control;

/** The answer to a {@link ControlRequest}; a record. */
public interface ControlReply {
  /** For requests that are answered by their being done. */
  record Done() implements ControlReply {}
}
