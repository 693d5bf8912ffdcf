package org.splitrack.manager.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.config.ComponentSettings;
import org.splitrack.fabric.config.StartUpCache;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.transport.FabricServer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.Transport;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.manager.internal.authority.Leadership;
import org.splitrack.manager.internal.membership.SilenceLimits;
import org.springframework.context.SmartLifecycle;

/** Brings the manager to life: its port, and the threads that judge, retry and look around. */
final class ManagerNode implements SmartLifecycle {
  private static final long LOOK_MS = 250;
  private static final long RETRY_RELEASES_MS = 500;
  private static final long COMPARE_MS = 5_000;
  private static final Logger LOG = LoggerFactory.getLogger(ManagerNode.class);

  private final ComponentSettings settings;
  private final Identity identity;
  private final Transport transport;
  private final ControlServer control;
  private final ManagerParts parts;
  private final BackingServices backing;
  private final OpenFiles openFiles;
  private final Leadership leadership;
  private final List<AutoCloseable> running = new ArrayList<>();

  ManagerNode(
      ComponentSettings settings,
      Identity identity,
      Transport transport,
      ControlServer control,
      ManagerParts parts,
      BackingServices backing,
      OpenFiles openFiles,
      Leadership leadership) {
    this.settings = settings;
    this.identity = identity;
    this.transport = transport;
    this.control = control;
    this.parts = parts;
    this.backing = backing;
    this.openFiles = openFiles;
    this.leadership = leadership;
  }

  @Override
  public synchronized void start() {
    FabricServer server;
    try {
      server =
          FabricServer.start(
              transport,
              identity,
              new Endpoint(settings.bind(), settings.port()),
              Map.of(Lane.CONTROL, control));
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
    LOG.info(StartUpCache.describe());
    LOG.info("{} boot {} listens on {}", identity.component(), identity.boot(), server.endpoint());
    Clockwork postgres = Clockwork.start("watch-postgres", LOOK_MS, () -> backing.stepPostgres());
    parts.fillNumbers().set(postgres::wake);
    running.add(postgres);
    running.add(Clockwork.start("watch-kafka", LOOK_MS, () -> backing.stepKafka()));
    running.add(Clockwork.start("open-files", LOOK_MS, openFiles::step));
    running.add(Clockwork.start("releases", RETRY_RELEASES_MS, this::retryReleases));
    running.add(Clockwork.start("compare-copies", COMPARE_MS, parts.calls()::compareCopies));
    parts.watch().start();
    running.add(parts.watch());
    running.add(
        Clockwork.start(
            "membership",
            TimeUnit.NANOSECONDS.toMillis(SilenceLimits.defaults().tickNs()),
            () -> parts.reactions().on(parts.membership().tick(System.nanoTime()))));
    running.add(server);
  }

  private void retryReleases() {
    parts.releases().holders().forEach(parts.releases()::attempt);
    parts.migrations().step();
  }

  @Override
  public synchronized void stop() {
    for (AutoCloseable part : running.reversed()) {
      try {
        part.close();
      } catch (Exception e) {
        LOG.warn("{} did not close: {}", part, e.getMessage());
      }
    }
    running.clear();
    try {
      leadership.resign();
    } catch (ControlFault e) {
      LOG.debug("the term ends by itself: {}", e.getMessage());
    }
  }

  @Override
  public synchronized boolean isRunning() {
    return !running.isEmpty();
  }
}
