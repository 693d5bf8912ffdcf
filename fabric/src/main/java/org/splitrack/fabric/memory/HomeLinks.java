package org.splitrack.fabric.memory;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.transport.Connection;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.Link;
import org.splitrack.fabric.transport.WaitPoint;
import org.splitrack.fabric.transport.WaitingRule;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.fabric.wire.Status;

/**
 * The connections of one thread to all homes that it needs, opened when first needed. Nothing is
 * allocated but at the first use of a home, of a region, or of a new grant.
 *
 * @param <C> whom completions are told
 */
abstract class HomeLinks<C> implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

  /** How long to sleep at most before looking for homes that have gone silent. */
  private static final long SLEEP_NS = 100_000_000;

  private final Dialer dialer;
  private final Lane lane;
  private final RegionTable regions;
  private final long silenceNs;
  private final WaitPoint waitPoint;
  private final WaitingRule waiting = new WaitingRule();
  private final ArrayList<HomeLink<C>> links = new ArrayList<>();
  private final @Nullable RegionGrant[] grants = new RegionGrant[RegionTable.MAX_REGIONS];
  private final @Nullable HomeLink<C>[] linkOfRegion = newLinkTable();

  HomeLinks(Dialer dialer, Lane lane, RegionTable regions, Duration silence) {
    this.dialer = dialer;
    this.lane = lane;
    this.regions = regions;
    this.silenceNs = silence.toNanos();
    try {
      this.waitPoint = dialer.transport().waitPoint();
    } catch (IOException e) {
      throw new MemoryFault(Status.FAILED, "no place to wait for pages: " + e.getMessage());
    }
  }

  abstract HomeLink<C> open(RegionGrant grant, Link link);

  /**
   * The present grant of the page's region.
   *
   * @throws MemoryFault when there is none
   */
  final RegionGrant grantOf(int pageNumber) {
    RegionGrant grant = regions.at(PageGeometry.regionIndex(pageNumber));
    if (grant == null) {
      throw new MemoryFault(Status.NOT_HOLDER, "page " + pageNumber + " was never granted");
    }
    return grant;
  }

  /**
   * The connection to the home that {@code grant} names.
   *
   * @throws MemoryFault when it cannot be opened
   */
  final HomeLink<C> linkTo(RegionGrant grant) {
    HomeLink<C> link = linkOfRegion[grant.index()];
    if (link == null || !grant.equals(grants[grant.index()])) {
      link = findOrConnect(grant);
      grants[grant.index()] = grant;
      linkOfRegion[grant.index()] = link;
    }
    return link;
  }

  /** Sends what was asked. */
  public final void flush() {
    for (int i = 0; i < links.size(); i++) {
      links.get(i).flush();
    }
  }

  /** Requests without completion. */
  public final int inFlight() {
    int total = 0;
    for (int i = 0; i < links.size(); i++) {
      total += links.get(i).inFlight();
    }
    return total;
  }

  /** Delivers completions, waiting for the first; see {@link PageFetcher#poll}. */
  public final int poll(long waitNs, C completions) {
    int delivered = receive(completions);
    if (delivered > 0 || waitNs <= 0 || inFlight() == 0) {
      return delivered;
    }
    long startNs = System.nanoTime();
    long nowNs = startNs;
    waiting.begin(startNs);
    try {
      while (delivered == 0
          && nowNs - startNs < waitNs
          && !Thread.currentThread().isInterrupted()) {
        if (waiting.spins(nowNs)) {
          Thread.onSpinWait();
        } else {
          requireProgress(nowNs, completions);
          sleep(Math.min(SLEEP_NS, waitNs - (nowNs - startNs)));
        }
        delivered = receive(completions);
        nowNs = System.nanoTime();
      }
      return delivered;
    } finally {
      waiting.end(nowNs);
    }
  }

  @Override
  public final void close() {
    links.forEach(HomeLink::close);
    waitPoint.close();
  }

  private int receive(C completions) {
    int delivered = 0;
    for (int i = 0; i < links.size(); i++) {
      HomeLink<C> link = links.get(i);
      if (link.inFlight() > 0) {
        try {
          delivered += link.receive(completions);
        } catch (MemoryFault fault) {
          forget(link);
          throw fault;
        }
      }
    }
    return delivered;
  }

  private void requireProgress(long nowNs, C completions) {
    for (int i = 0; i < links.size(); i++) {
      HomeLink<C> link = links.get(i);
      try {
        link.requireProgress(nowNs, silenceNs, completions);
      } catch (MemoryFault fault) {
        forget(link);
        throw fault;
      }
    }
  }

  private void sleep(long waitNs) {
    for (int i = 0; i < links.size(); i++) {
      HomeLink<C> link = links.get(i);
      link.watchWrites(waitPoint);
    }
    try {
      waitPoint.await(waitNs);
    } catch (IOException e) {
      throw new MemoryFault(Status.FAILED, "waiting for pages failed: " + e.getMessage());
    }
  }

  private void forget(HomeLink<C> gone) {
    gone.close();
    links.remove(gone);
    for (int i = 0; i < linkOfRegion.length; i++) {
      if (gone.equals(linkOfRegion[i])) {
        linkOfRegion[i] = null;
        grants[i] = null;
      }
    }
  }

  private HomeLink<C> findOrConnect(RegionGrant grant) {
    for (HomeLink<C> link : links) {
      if (link.leadsTo(grant)) {
        return link;
      }
    }
    HomeLink<C> link = connect(grant);
    links.add(link);
    return link;
  }

  private HomeLink<C> connect(RegionGrant grant) {
    Connection connection;
    try {
      connection = dialer.connect(grant.endpoint(), lane, CONNECT_TIMEOUT);
    } catch (IOException e) {
      throw new MemoryFault(
          Status.FAILED,
          grant.home() + " at " + grant.endpoint() + " is unreachable: " + e.getMessage());
    }
    try {
      if (!connection.peer().boot().equals(grant.homeBoot())) {
        throw new MemoryFault(
            Status.STALE_BOOT,
            grant.home() + " was restarted: its memory of region " + grant.region() + " is gone");
      }
      connection.link().blocking(false);
      HomeLink<C> link = open(grant, connection.link());
      waitPoint.watch(connection.link(), link, HomeLinks::noteReady);
      return link;
    } catch (IOException e) {
      connection.close();
      throw new MemoryFault(Status.FAILED, grant.home() + " is unreachable: " + e.getMessage());
    } catch (MemoryFault fault) {
      connection.close();
      throw fault;
    }
  }

  /** The wait is over; {@link #receive} looks at every link anyway. */
  private static void noteReady(HomeLink<?> link) {}

  @SuppressWarnings({"unchecked", "rawtypes"}) // an array cannot be made of a generic type
  private static <C> @Nullable HomeLink<C>[] newLinkTable() {
    return new HomeLink[RegionTable.MAX_REGIONS];
  }
}
