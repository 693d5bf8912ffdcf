package org.splitrack.fabric.region;

/**
 * One change of one row.
 *
 * @param expected the row as it must still be: in its epoch, its term and its reservation
 * @param reason for the history: {@code mcomponent-1 is silent}
 */
public record ConfigChange(RegionConfig expected, RegionConfig next, String reason) {}
