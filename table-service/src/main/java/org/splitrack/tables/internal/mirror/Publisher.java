package org.splitrack.tables.internal.mirror;

import org.splitrack.fabric.report.StateEnvelope;

/**
 * One start of a component: the scope in which sequences count up without holes.
 *
 * @param source component id
 * @param bootId 16 hex digits
 */
record Publisher(String source, String bootId) {
  static Publisher of(StateEnvelope envelope) {
    return new Publisher(envelope.source(), envelope.boot().toString());
  }
}
