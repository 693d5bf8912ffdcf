package org.splitrack.pcomponent.internal.monitor;

import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.config.ComponentSettings;
import org.splitrack.fabric.config.StartUpCache;
import org.splitrack.fabric.control.ComponentCalls.FlushReports;
import org.splitrack.fabric.control.ComponentCalls.Heartbeat;
import org.splitrack.fabric.control.ComponentCalls.PrepareToLeave;
import org.splitrack.fabric.control.ComponentCalls.Register;
import org.splitrack.fabric.control.ComponentCalls.ReportsFlushed;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.control.Departure;
import org.splitrack.fabric.control.LinkFaults;
import org.splitrack.fabric.control.ManagerLink;
import org.splitrack.fabric.memory.FramePool;
import org.splitrack.fabric.memory.PageFetcher;
import org.splitrack.fabric.memory.PageWriter;
import org.splitrack.fabric.memory.RegionTable;
import org.splitrack.fabric.memory.RemotePages;
import org.splitrack.fabric.report.KafkaStateReporter;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.FabricServer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.Transport;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.pcomponent.internal.excache.ExCache;
import org.splitrack.pcomponent.internal.excache.PageLinks;
import org.splitrack.pcomponent.internal.file.FileClientLimits;
import org.splitrack.pcomponent.internal.file.RackFileService;
import org.splitrack.pcomponent.internal.program.AttachLane;
import org.splitrack.pcomponent.internal.program.EndReports;
import org.splitrack.pcomponent.internal.program.ManagerEffectGate;
import org.splitrack.pcomponent.internal.program.ProcessControl;
import org.splitrack.pcomponent.internal.program.ProcessMemory;
import org.splitrack.pcomponent.internal.program.ProcessSite;
import org.splitrack.pcomponent.internal.program.ProcessTable;
import org.splitrack.pcomponent.internal.program.Pulse;
import org.splitrack.pcomponent.internal.program.RackGrowth;
import org.splitrack.pcomponent.internal.program.RegionQuestions;
import org.splitrack.pcomponent.internal.wasm.ProgramCompiler;

/** A pComponent without Spring: its processes, their cache, its port, its tie to the manager. */
public final class PComponentNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PComponentNode.class);
  private static final long FLUSH_LIMIT_MS = 1_500;

  private final ComponentSettings settings;
  private final Identity identity;
  private final String httpEndpoint;
  private final Duration memoryPatience;
  private final Endpoint manager;
  private final Dialer dialer;
  private final FramePool frames;
  private final ExCache cache;
  private final ControlClient control;
  private final RackFileService files;
  private final KafkaStateReporter reporter;
  private final Pulse pulse = Pulse.start();
  private final EndReports ends;
  private final ProcessTable processes;
  private final FabricServer server;
  private final ManagerLink managerLink;
  private final AtomicBoolean closed = new AtomicBoolean();

  private PComponentNode(
      ComponentSettings settings,
      Identity identity,
      Transport transport,
      String httpEndpoint,
      Duration memoryPatience)
      throws IOException {
    this.settings = settings;
    this.identity = identity;
    this.httpEndpoint = httpEndpoint;
    this.memoryPatience = memoryPatience;
    this.manager = required(settings.manager(), "splitrack.manager");
    this.dialer = new Dialer(transport, identity);
    this.frames = new FramePool(frameCount(settings.cacheBytes()));
    this.cache = new ExCache(frames);
    this.control = new ControlClient(dialer);
    this.files = new RackFileService(control, dialer, manager, FileClientLimits.DEFAULT);
    this.reporter =
        KafkaStateReporter.start(
            identity.component().toString(),
            identity.boot(),
            required(settings.kafka(), "splitrack.kafka"));
    this.ends = new EndReports(control, manager);
    this.processes = new ProcessTable(site());
    ControlServer commands = new ControlServer(identity.rack());
    new ProcessControl(processes).registerWith(commands);
    LinkFaults.register(commands, transport);
    commands.register(FlushReports.class, (request, attachment, peer) -> flush());
    this.server =
        FabricServer.start(
            transport,
            identity,
            new Endpoint(settings.bind(), settings.port()),
            Map.of(
                Lane.CONTROL, commands, Lane.ATTACH, new AttachLane(identity.rack(), processes)));
    this.managerLink = ManagerLink.start(control, manager, this::register, this::heartbeat);
  }

  /**
   * Starts one; registration with the manager goes on in the background.
   *
   * @param httpEndpoint where its health page is, as {@code host:port}
   * @throws IOException when the port is somebody else's
   */
  public static PComponentNode start(
      ComponentSettings settings, Identity identity, Transport transport, String httpEndpoint)
      throws IOException {
    return start(settings, identity, transport, httpEndpoint, RemotePages.DEFAULT_PATIENCE);
  }

  /**
   * Starts one whose programs wait at most {@code memoryPatience} for a page before they are given
   * up.
   */
  static PComponentNode start(
      ComponentSettings settings,
      Identity identity,
      Transport transport,
      String httpEndpoint,
      Duration memoryPatience)
      throws IOException {
    PComponentNode node =
        new PComponentNode(settings, identity, transport, httpEndpoint, memoryPatience);
    LOG.info(StartUpCache.describe());
    LOG.info(
        "{} boot {} listens on {}, {} frames",
        identity.component(),
        identity.boot(),
        node.endpoint(),
        node.frames.frameCount());
    return node;
  }

  private static int frameCount(long cacheBytes) {
    return Math.clamp(cacheBytes / PAGE_BYTES, 1, Integer.MAX_VALUE);
  }

  private static <T> T required(@Nullable T value, String property) {
    if (value == null) {
      throw new IllegalArgumentException(property + " is not set");
    }
    return value;
  }

  private ProcessSite site() {
    return new ProcessSite(
        identity.component(),
        cache,
        new ProgramCompiler(),
        this::memoryOf,
        files,
        reporter,
        ManagerEffectGate.source(control, manager, pulse),
        ends::report,
        settings.dataDir().resolve("output"));
  }

  private ProcessMemory memoryOf(ProcessId process, int incarnation, Runnable onExpelled) {
    RegionTable regions = new RegionTable();
    RegionQuestions questions =
        new RegionQuestions(control, manager, process, incarnation, regions, onExpelled);
    RemotePages pages =
        new RemotePages(dialer, incarnation, regions, questions, frames, memoryPatience);
    PageLinks links =
        new PageLinks() {
          @Override
          public PageFetcher newFetcher() {
            return pages.fetcher();
          }

          @Override
          public PageWriter newWriter() {
            return pages.writer();
          }
        };
    return new ProcessMemory(
        links, new RackGrowth(control, manager, process, incarnation, regions), regions);
  }

  public Endpoint endpoint() {
    return settings.advertised(server.endpoint().port());
  }

  public boolean registered() {
    return managerLink.registered();
  }

  private Register register() {
    return new Register(
        identity.component(),
        identity.boot(),
        endpoint(),
        httpEndpoint,
        (long) frames.frameCount() * PAGE_BYTES,
        settings.node(),
        "none",
        ProcessHandle.current().pid());
  }

  private Heartbeat heartbeat() {
    return new Heartbeat(
        identity.component(),
        identity.boot(),
        (long) cache.usedFrames() * PAGE_BYTES,
        processes.runningIds().size(),
        List.copyOf(present()),
        "");
  }

  /** Processes that run, and those whose ends the manager does not know yet. */
  private Set<Long> present() {
    // In this order one that ends meanwhile is in one of them.
    Set<Long> present = new TreeSet<>(processes.runningIds());
    ends.unheard().forEach(process -> present.add(process.value()));
    return present;
  }

  private ReportsFlushed flush() {
    return new ReportsFlushed(
        identity.component().toString(), identity.boot(), reporter.flush(FLUSH_LIMIT_MS));
  }

  /** Waits, as long as its settings allow, for the processes to come to their ends. */
  void leave() {
    if (!settings.leaveWithin().isZero()) {
      BooleanSupplier isEmpty = () -> present().isEmpty();
      new Departure(
              control,
              manager,
              new PrepareToLeave(identity.component(), identity.boot()),
              isEmpty,
              () -> !isEmpty.getAsBoolean())
          .await(settings.leaveWithin());
    }
  }

  /** Stops the processes, tells the manager their ends while it can, and closes. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    processes.close();
    managerLink.close();
    server.close();
    pulse.close();
    reporter.close();
    files.close();
    control.close();
    if (processes.runningIds().isEmpty()) {
      cache.close();
    }
  }
}
