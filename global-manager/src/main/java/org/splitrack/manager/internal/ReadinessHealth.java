package org.splitrack.manager.internal;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** {@link Readiness} as the health page shows it. */
final class ReadinessHealth implements HealthIndicator {
  private final Readiness readiness;

  ReadinessHealth(Readiness readiness) {
    this.readiness = readiness;
  }

  @Override
  public Health health() {
    return readiness.isReady()
        ? Health.up().build()
        : Health.outOfService().withDetails(readiness.reasons()).build();
  }
}
