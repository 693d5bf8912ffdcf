package org.splitrack.fabric.control;

import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.transport.Peer;

/**
 * Answers one kind of request. Runs on a virtual thread of the call's own and may block.
 *
 * @param <Q> the request
 * @param <A> the reply, or an {@link Answer} of it
 */
public interface ControlHandler<Q, A> {
  /**
   * Answers one request.
   *
   * @param attachment the bytes that came with the request, or null
   * @throws ControlFault to refuse; the caller gets its code and message
   */
  A handle(Q request, byte @Nullable [] attachment, Peer peer);
}
