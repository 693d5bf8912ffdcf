package org.splitrack.mcomponent.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.config.ComponentSettings;
import org.splitrack.fabric.transport.Identity;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.env.Environment;

/**
 * Runs the node for as long as the application runs: it starts last, when the health page has its
 * port.
 */
final class MComponentLifecycle implements SmartLifecycle, HealthIndicator {
  private final ComponentSettings settings;
  private final Identity identity;
  private final Environment environment;
  private volatile @Nullable MComponentNode node;

  MComponentLifecycle(ComponentSettings settings, Identity identity, Environment environment) {
    this.settings = settings;
    this.identity = identity;
    this.environment = environment;
  }

  @Override
  public void start() {
    String httpPort = environment.getProperty("local.server.port", "0");
    try {
      node =
          MComponentNode.start(
              settings, identity, settings.links(), settings.advertise() + ":" + httpPort);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  @Override
  public void stop() {
    MComponentNode running = node;
    if (running != null) {
      running.leave();
      node = null;
      running.close();
    }
  }

  @Override
  public boolean isRunning() {
    return node != null;
  }

  @Override
  public Health health() {
    MComponentNode running = node;
    if (running == null || !running.serves()) {
      return Health.down().withDetail("pages", "not served").build();
    }
    return running.registered()
        ? Health.up()
            .withDetail("unprotected_writes", running.unprotectedWrites())
            .withDetail("dropped_replications", running.droppedReplications())
            .build()
        : Health.outOfService().withDetail("manager", "not registered yet").build();
  }
}
