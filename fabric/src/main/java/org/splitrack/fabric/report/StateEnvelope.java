package org.splitrack.fabric.report;

import java.time.Instant;
import org.splitrack.fabric.BootId;

/**
 * A state change on its way to the tables.
 *
 * @param source component id of the publisher
 * @param sequence from 1 in each boot, without holes; a hole that the tables see is a gap
 * @param at when it happened, by the publisher's clock
 */
public record StateEnvelope(
    String source, BootId boot, long sequence, Instant at, StateChange change) {}
