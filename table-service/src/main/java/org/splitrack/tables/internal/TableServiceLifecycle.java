package org.splitrack.tables.internal;

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
final class TableServiceLifecycle implements SmartLifecycle, HealthIndicator {
  private final ComponentSettings settings;
  private final Identity identity;
  private final Environment environment;
  private volatile @Nullable TableServiceNode node;

  TableServiceLifecycle(ComponentSettings settings, Identity identity, Environment environment) {
    this.settings = settings;
    this.identity = identity;
    this.environment = environment;
  }

  @Override
  public void start() {
    String httpPort = environment.getProperty("local.server.port", "0");
    try {
      node =
          TableServiceNode.start(
              settings, identity, settings.links(), settings.advertise() + ":" + httpPort);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  @Override
  public void stop() {
    TableServiceNode running = node;
    node = null;
    if (running != null) {
      running.close();
    }
  }

  @Override
  public boolean isRunning() {
    return node != null;
  }

  /**
   * Up from the moment when the tables follow. An outage after that is a detail: it passes by
   * itself, and nobody needs to keep away from this service meanwhile.
   */
  @Override
  public Health health() {
    TableServiceNode running = node;
    var health = running != null && running.mirror().ready() ? Health.up() : Health.outOfService();
    String trouble = running == null ? "not started" : running.mirror().trouble();
    if (trouble != null) {
      health.withDetail("mirror", "waiting for " + trouble);
    }
    return health.build();
  }
}
