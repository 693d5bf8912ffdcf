package org.splitrack.fabric.control;

/**
 * A call to another component, answered with {@code R} or with a {@link ControlFault}. Requests are
 * records; their JSON form travels on the control lane with an optional attachment of bytes.
 *
 * @param <R> the record that answers it
 */
public interface ControlRequest<R extends ControlReply> {}
