package org.splitrack.jobs.internal.pages;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.RackId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.memory.FramePool;
import org.splitrack.fabric.memory.MemoryFault;
import org.splitrack.fabric.memory.PageFetcher;
import org.splitrack.fabric.memory.RegionAuthority;
import org.splitrack.fabric.memory.RegionTable;
import org.splitrack.fabric.memory.RemotePages;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.SharedSecret;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.transport.TlsCredentials;
import org.splitrack.fabric.transport.TlsTransport;
import org.splitrack.jobs.internal.JobEnvironment;
import org.splitrack.jobs.internal.JobFailure;

/**
 * The two ends of {@code rack bench miss} on a cluster, each a container in the pod of a component:
 * {@code answer-pages} beside an mComponent, {@code fetch-pages} beside a pComponent, which fetches
 * from both the mComponent and its companion. A container that was added to a pod cannot be ended
 * from outside, so both end by themselves, whatever becomes of the other.
 */
public final class PageJobs {
  /** The port of the answering side. */
  public static final String PORT = "SPLITRACK_PAGES_PORT";

  /** Where the answering side is: {@code HOST:PORT}. */
  public static final String BARE = "SPLITRACK_PAGES_BARE";

  /** The mComponent: {@code mcomponent-0}. */
  public static final String HOME = "SPLITRACK_PAGES_HOME";

  /** Its boot id. */
  public static final String HOME_BOOT = "SPLITRACK_PAGES_HOME_BOOT";

  /** Its address: {@code HOST:PORT}. */
  public static final String HOME_ADDRESS = "SPLITRACK_PAGES_HOME_ADDRESS";

  /** The region that is installed there. */
  public static final String REGION = "SPLITRACK_PAGES_REGION";

  private static final ComponentId ACCESSOR = new ComponentId(Role.PCOMPONENT, 1_000);
  private static final int FRAMES = 64;
  private static final int PAIRS = 31;
  private static final int BATCH_FETCHES = 2_000;
  private static final int MEDIAN = 50;
  private static final int P99 = 99;

  /** From its start. */
  private static final Duration LONGEST = Duration.ofSeconds(90);

  /** Until network policies have reached both nodes. */
  private static final long REACH_NS = 30_000_000_000L;

  private static final Duration DIAL_LIMIT = Duration.ofSeconds(1);
  private static final long POLL_MS = 200;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private PageJobs() {}

  /**
   * Medians and 99th percentiles of one batch of fetches and of bare exchanges, in microseconds: a
   * line of output.
   */
  public record Pair(double fetchP50, double bareP50, double fetchP99, double bareP99) {
    private static final String WORD = "pair";

    /** Whether a line of output is one. */
    public static boolean isOne(String line) {
      return line.startsWith(WORD + " ");
    }

    /** Reads a line. */
    public static Pair parse(String line) {
      List<String> words = List.of(line.strip().split(" ", -1));
      if (words.size() != 5 || !isOne(line)) {
        throw new IllegalArgumentException("no times of fetches: " + line);
      }
      return new Pair(
          Double.parseDouble(words.get(1)),
          Double.parseDouble(words.get(2)),
          Double.parseDouble(words.get(3)),
          Double.parseDouble(words.get(4)));
    }

    @Override
    public String toString() {
      return "%s %s %s %s %s".formatted(WORD, fetchP50, bareP50, fetchP99, bareP99);
    }
  }

  /** Answers one connection. */
  public static void answer(Function<String, @Nullable String> environment) {
    int port = Integer.parseInt(JobFailure.required(environment, PORT));
    endInTime();
    try {
      BareExchange.answer(new InetSocketAddress(port));
    } catch (IOException e) {
      throw new JobFailure("no pages are answered: " + JobFailure.reason(e));
    }
  }

  /** Measures; prints {@link Pair}s. */
  public static void fetch(Function<String, @Nullable String> environment, Consumer<String> told)
      throws InterruptedException {
    endInTime();
    RegionTable regions = new RegionTable();
    regions.put(
        MeasuredRegion.config(
                new RegionId(Long.parseLong(JobFailure.required(environment, REGION))),
                home(environment),
                List.of())
            .grant());
    try (FramePool frames = new FramePool(FRAMES)) {
      RemotePages remote =
          new RemotePages(
              dialer(environment),
              MeasuredRegion.INCARNATION,
              regions,
              RegionAuthority.NONE,
              frames,
              PATIENCE);
      MeasuredRegion.fill(remote, frames);
      try (BareExchange bare = reach(Endpoint.parse(JobFailure.required(environment, BARE)));
          PageFetcher fetcher = remote.fetcher()) {
        measure(new FetchTurns(fetcher, bare, BATCH_FETCHES), told);
      }
    } catch (IOException | MemoryFault e) {
      throw new JobFailure("no pages are fetched: " + JobFailure.reason(e));
    }
  }

  private static void measure(FetchTurns turns, Consumer<String> told) throws IOException {
    for (int i = 0; i < FetchTurns.WARM_UP_BATCHES; i++) {
      turns.run();
    }
    for (int i = 0; i < PAIRS; i++) {
      turns.run();
      turns.sort();
      told.accept(
          new Pair(
                  turns.fetchUs(MEDIAN),
                  turns.bareUs(MEDIAN),
                  turns.fetchUs(P99),
                  turns.bareUs(P99))
              .toString());
    }
  }

  private static BareExchange reach(Endpoint bare) throws IOException, InterruptedException {
    long startNs = System.nanoTime();
    while (true) {
      try {
        return BareExchange.connect(bare.address(), DIAL_LIMIT);
      } catch (IOException e) {
        if (System.nanoTime() - startNs > REACH_NS) {
          throw new IOException(bare + " is not reached: " + JobFailure.reason(e), e);
        }
        Thread.sleep(POLL_MS);
      }
    }
  }

  private static CopyPlace home(Function<String, @Nullable String> environment) {
    return new CopyPlace(
        ComponentId.parse(JobFailure.required(environment, HOME)),
        BootId.parse(JobFailure.required(environment, HOME_BOOT)),
        Endpoint.parse(JobFailure.required(environment, HOME_ADDRESS)));
  }

  private static Dialer dialer(Function<String, @Nullable String> environment) throws IOException {
    TlsCredentials tls = JobEnvironment.credentials(environment);
    TcpTransport tcp = new TcpTransport();
    return new Dialer(
        tls == null ? tcp : new TlsTransport(tcp, tls),
        new Identity(
            RackId.parse(JobFailure.required(environment, "SPLITRACK_RACK_ID")),
            ACCESSOR,
            BootId.random(),
            SharedSecret.read(Path.of(JobFailure.required(environment, "SPLITRACK_SECRET_FILE")))));
  }

  private static void endInTime() {
    Thread.ofPlatform()
        .daemon()
        .name("end-in-time")
        .start(
            () -> {
              try {
                Thread.sleep(LONGEST);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              System.err.println("not done after " + LONGEST.toSeconds() + " s");
              Runtime.getRuntime().halt(1);
            });
  }
}
