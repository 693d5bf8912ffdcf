package org.splitrack.simulation.internal;

/** A promise was broken; ends the seed's run. */
public final class Violation extends RuntimeException {
  private static final long serialVersionUID = 1;

  public Violation(String message) {
    super(message);
  }
}
