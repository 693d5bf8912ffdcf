package org.splitrack.mcomponent.internal;

import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;

import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.config.ComponentSettings;
import org.splitrack.fabric.config.StartUpCache;
import org.splitrack.fabric.control.ComponentCalls.Heartbeat;
import org.splitrack.fabric.control.ComponentCalls.PrepareToLeave;
import org.splitrack.fabric.control.ComponentCalls.Register;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.control.Departure;
import org.splitrack.fabric.control.LinkFaults;
import org.splitrack.fabric.control.ManagerLink;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.FabricServer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.LaneHandler;
import org.splitrack.fabric.transport.Transport;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.mcomponent.internal.page.PageServer;
import org.splitrack.mcomponent.internal.store.PageStore;

/** An mComponent without Spring: its page store, its port, its tie to the global manager. */
public final class MComponentNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MComponentNode.class);
  private static final double NS_PER_S = 1e9;

  private final ComponentSettings settings;
  private final Identity identity;
  private final String httpEndpoint;
  private final Endpoint managerEndpoint;
  private final PageStore store;
  private final PageServer pages;
  private final FabricServer server;
  private final ControlClient control;
  private final ManagerReports reports;
  private final ManagerLink manager;
  private long loadSinceNs = System.nanoTime();
  private long loadFromRequests;

  private MComponentNode(
      ComponentSettings settings,
      Dialer dialer,
      String httpEndpoint,
      Endpoint managerEndpoint,
      ControlClient control,
      ManagerReports reports,
      PageStore store,
      PageServer pages)
      throws IOException {
    this.settings = settings;
    this.identity = dialer.identity();
    this.httpEndpoint = httpEndpoint;
    this.managerEndpoint = managerEndpoint;
    this.control = control;
    this.reports = reports;
    this.store = store;
    this.pages = pages;
    ControlServer commands = new ControlServer(identity.rack());
    new RegionCommands(pages, identity.boot()).register(commands);
    LinkFaults.register(commands, dialer.transport());
    Map<Lane, LaneHandler> lanes = new EnumMap<>(pages.lanes());
    lanes.put(Lane.CONTROL, commands);
    server =
        FabricServer.start(
            dialer.transport(), identity, new Endpoint(settings.bind(), settings.port()), lanes);
    manager = ManagerLink.start(control, managerEndpoint, this::register, this::heartbeat);
  }

  /**
   * Starts one; registration with the manager goes on in the background.
   *
   * @param httpEndpoint where its health page is, as {@code host:port}
   * @throws IOException when the port is taken
   */
  public static MComponentNode start(
      ComponentSettings settings, Identity identity, Transport transport, String httpEndpoint)
      throws IOException {
    Endpoint managerEndpoint =
        Objects.requireNonNull(settings.manager(), "splitrack.manager is not set");
    PageStore store = new PageStore(pages(settings.memoryLimitBytes()));
    Dialer dialer = new Dialer(transport, identity);
    ControlClient control = new ControlClient(dialer);
    ManagerReports reports = new ManagerReports(control, managerEndpoint);
    PageServer pages = PageServer.start(dialer, store, reports);
    try {
      MComponentNode node =
          new MComponentNode(
              settings, dialer, httpEndpoint, managerEndpoint, control, reports, store, pages);
      LOG.info(StartUpCache.describe());
      LOG.info(
          "{} boot {} listens on {}, {} pages",
          identity.component(),
          identity.boot(),
          node.endpoint(),
          store.capacityPages());
      return node;
    } catch (IOException | RuntimeException e) {
      pages.close();
      reports.close();
      control.close();
      throw e;
    }
  }

  public Endpoint endpoint() {
    return settings.advertised(server.endpoint().port());
  }

  public boolean registered() {
    return manager.registered();
  }

  /** Page requests are answered. */
  public boolean serves() {
    return pages.serves();
  }

  /** Write-backs since its start acknowledged while there was one copy though more are wanted. */
  public long unprotectedWrites() {
    return pages.counters().unprotectedWrites();
  }

  /** Pages since its start that a second copy was not sent, for want of room under LEGO. */
  public long droppedReplications() {
    return pages.counters().droppedReplications();
  }

  /** Waits, as long as its settings allow, until all that it holds lies elsewhere. */
  void leave() {
    if (!settings.leaveWithin().isZero()) {
      new Departure(
              control,
              managerEndpoint,
              new PrepareToLeave(identity.component(), identity.boot()),
              () -> store.reservedPages() == 0,
              pages::servesProcessors)
          .await(settings.leaveWithin());
    }
  }

  @Override
  public void close() {
    manager.close();
    server.close();
    pages.close();
    reports.close();
    control.close();
  }

  private static int pages(long bytes) {
    long pageCount = bytes / PAGE_BYTES;
    if (pageCount < 1 || pageCount > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "splitrack.memory-limit = " + bytes + " is no size for a page store");
    }
    return (int) pageCount;
  }

  private Register register() {
    return new Register(
        identity.component(),
        identity.boot(),
        endpoint(),
        httpEndpoint,
        (long) store.capacityPages() * PAGE_BYTES,
        settings.node(),
        "none",
        ProcessHandle.current().pid());
  }

  private Heartbeat heartbeat() {
    return new Heartbeat(
        identity.component(),
        identity.boot(),
        store.reservedPages() * PAGE_BYTES,
        requestsPerSecond(),
        List.of(),
        "");
  }

  private double requestsPerSecond() {
    long nowNs = System.nanoTime();
    long requests = pages.counters().reads() + pages.counters().writes();
    double seconds = (nowNs - loadSinceNs) / NS_PER_S;
    double load = seconds <= 0 ? 0 : (requests - loadFromRequests) / seconds;
    loadSinceNs = nowNs;
    loadFromRequests = requests;
    return load;
  }
}
