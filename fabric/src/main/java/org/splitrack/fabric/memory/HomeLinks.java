package org.splitrack.fabric.memory;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.region.AccessEffects;
import org.splitrack.fabric.region.AccessGrant;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.RegionAccess;
import org.splitrack.fabric.transport.Connection;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.WaitPoint;
import org.splitrack.fabric.transport.WaitingRule;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.fabric.wire.Status;

/**
 * The requests of one thread to all homes that it needs: sends each to its region's present home,
 * and again when that changes, until it is answered or the limit of its patience is reached. What
 * is to be sent again and which answers count, {@link RegionAccess} decides. Nothing is allocated
 * but at the first use of a home or a region, and when something is wrong.
 *
 * @param <C> whom completions are told
 */
abstract class HomeLinks<C> implements AutoCloseable, AccessEffects, HomeLink.Replies {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

  /** For a home that is connected and silent to show that it can be talked to. */
  private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(1);

  /** Between two ticks of {@link RegionAccess}, and how long to sleep at most. */
  private static final long TICK_NS = 50_000_000;

  /** A request that took so long counts as held up, also if it was sent only once. */
  private static final long STALL_NS = 100_000_000;

  /** Polls that had something to deliver between two looks at the clock. */
  private static final int POLLS_BETWEEN_LOOKS = 16;

  private final Dialer dialer;
  private final Lane lane;
  private final RegionTable regions;
  private final RegionAuthority authority;
  private final long patienceTicks;
  private final WaitPoint waitPoint;
  private final WaitingRule waiting = new WaitingRule();
  private final PageRequests requests = new PageRequests();
  private final ArrayList<HomeLink> links = new ArrayList<>();
  private final @Nullable HomeLink[] linkOfSlot = new HomeLink[PageRequests.CAPACITY];
  private final @Nullable RegionAccess[] accesses = new RegionAccess[RegionTable.MAX_REGIONS];
  private final @Nullable HomeLink[] linkOfRegion = new HomeLink[RegionTable.MAX_REGIONS];
  private final @Nullable MemoryFault[] faults = new MemoryFault[RegionTable.MAX_REGIONS];
  private final int[] usedRegions = new int[RegionTable.MAX_REGIONS];
  private final Queue<Runnable> finishedDials = new ConcurrentLinkedQueue<>();
  private final Runnable onGrant = this::grantsChanged;
  private int usedRegionCount;

  /** Of the regions used. */
  private int mostCopies = 1;

  private int tick;
  private long tickNs = System.nanoTime();
  private int polls;
  private int delivered;
  private @Nullable C told;
  private @Nullable MemoryFault fault;
  private volatile boolean grantsChanged;
  private boolean closed;

  HomeLinks(
      Dialer dialer, Lane lane, RegionTable regions, RegionAuthority authority, Duration patience) {
    this.dialer = dialer;
    this.lane = lane;
    this.regions = regions;
    this.authority = authority;
    this.patienceTicks = Math.max(1, patience.toNanos() / TICK_NS);
    try {
      this.waitPoint = dialer.transport().waitPoint();
    } catch (IOException e) {
      throw new MemoryFault(Status.FAILED, "no place to wait for pages: " + e.getMessage());
    }
    regions.watch(onGrant);
  }

  // ---- what a fetcher and a writer do differently ----

  abstract HomeLink newLink(CopyPlace place);

  /** Bytes of a request at most. */
  abstract int requestBytes();

  /** Puts the request on the link, which has room. */
  abstract void send(HomeLink link, AccessGrant grant, PageRequests from, int slot, long sequence);

  /** Whether a reply that says OK may look like this. */
  abstract boolean isPlausible(boolean zero, int bodyLength);

  /**
   * Tells that the request is answered; it is open still.
   *
   * @param held version in the reply
   * @param body holds the page's bytes, if the reply has any, from {@code at}
   */
  abstract void completed(
      PageRequests from, int slot, long held, boolean zero, MemorySegment body, long at, C to);

  /** Tells that the request will not be answered; it is open still. */
  abstract void failed(PageRequests from, int slot, C to);

  // ---- for the owner ----

  /**
   * Opens a request.
   *
   * @return false when as many as allowed are open
   * @throws MemoryFault when the region was never granted, or has failed
   */
  final boolean ask(int pageNumber, int frame, long version, boolean zero) {
    int region = PageGeometry.regionIndex(pageNumber);
    RegionAccess access = accessOf(region, pageNumber);
    if (requests.isFull()) {
      return false;
    }
    MemoryFault failure = faults[region];
    if (failure != null) {
      throw failure;
    }
    sendUnsent();
    boolean first = requests.unsent() == 0;
    int slot = requests.open(pageNumber, frame, version, zero, tick, System.nanoTime());
    if (first) {
      send(slot, access);
    }
    return true;
  }

  /** Sends what was asked. */
  public final void flush() {
    sendUnsent();
    for (int i = 0; i < links.size(); i++) {
      links.get(i).flush();
    }
  }

  /** Requests without completion. */
  public final int inFlight() {
    return requests.count();
  }

  /** Delivers completions, waiting for the first; see {@link PageFetcher#poll}. */
  public final int poll(long waitNs, C completions) {
    told = completions;
    delivered = 0;
    try {
      turn();
      if (delivered == 0 || ++polls % POLLS_BETWEEN_LOOKS == 0) {
        passTime(System.nanoTime());
      }
      if (delivered == 0 && waitNs > 0 && !requests.isEmpty()) {
        await(waitNs);
      }
      return delivered;
    } finally {
      told = null;
    }
  }

  @Override
  public final void close() {
    regions.unwatch(onGrant);
    synchronized (finishedDials) {
      closed = true;
    }
    Runnable finished;
    while ((finished = finishedDials.poll()) != null) {
      finished.run();
    }
    links.forEach(HomeLink::close);
    waitPoint.close();
  }

  private void await(long waitNs) {
    long startNs = System.nanoTime();
    long nowNs = startNs;
    waiting.begin(startNs);
    try {
      while (delivered == 0
          && nowNs - startNs < waitNs
          && !Thread.currentThread().isInterrupted()) {
        if (maySpin() && waiting.spins(nowNs)) {
          Thread.onSpinWait();
        } else {
          passTime(nowNs);
          sleep(Math.min(TICK_NS, waitNs - (nowNs - startNs)));
        }
        turn();
        nowNs = System.nanoTime();
      }
    } finally {
      waiting.end(nowNs);
    }
  }

  /** Whoever waits for write-backs to several copies leaves the cores to these. */
  private boolean maySpin() {
    return lane == Lane.MISS || WaitingRule.maySpinAmong(1 + mostCopies);
  }

  private void turn() {
    if (grantsChanged) {
      takeGrants();
    }
    Runnable finished;
    while ((finished = finishedDials.poll()) != null) {
      finished.run();
    }
    if (requests.unsent() != 0) {
      flush();
    }
    for (int i = 0; i < links.size(); i++) {
      HomeLink link = links.get(i);
      if (link.expected() > 0) {
        link.receive(this);
      }
      if (link.takeLoss()) {
        lost(link);
      }
    }
    throwFault();
  }

  private void passTime(long nowNs) {
    if (nowNs - tickNs < TICK_NS) {
      return;
    }
    tickNs = nowNs;
    tick++;
    for (int i = 0; i < usedRegionCount; i++) {
      RegionAccess access = accesses[usedRegions[i]];
      if (access != null) {
        access.onTick(requests.openOfRegion(usedRegions[i]));
      }
    }
    giveUpOverdue();
    throwFault();
  }

  private void giveUpOverdue() {
    for (long rest = requests.open(); rest != 0; rest &= rest - 1) {
      int slot = Long.numberOfTrailingZeros(rest);
      int region = requests.regionIndex(slot);
      if (tick - requests.openedTick(slot) > patienceTicks && faults[region] == null) {
        RegionAccess access = accesses[region];
        HomeLink link = linkOfRegion[region];
        fail(
            region,
            new MemoryFault(
                Status.FAILED,
                "region "
                    + (access == null ? region : access.grant().region())
                    + " gave no answer for "
                    + patienceTicks * TICK_NS / 1_000_000
                    + " ms: "
                    + (link == null
                        ? "no home"
                        : link.place().component() + " " + link.trouble())));
      }
    }
  }

  private void sleep(long waitNs) {
    for (int i = 0; i < links.size(); i++) {
      links.get(i).watch(waitPoint);
    }
    try {
      waitPoint.await(waitNs);
    } catch (IOException e) {
      throw new MemoryFault(Status.FAILED, "waiting for pages failed: " + e.getMessage());
    }
  }

  // ---- regions ----

  private RegionAccess accessOf(int region, int pageNumber) {
    RegionAccess access = accesses[region];
    AccessGrant grant = regions.at(region);
    if (grant == null) {
      throw new MemoryFault(Status.NOT_HOLDER, "page " + pageNumber + " was never granted");
    }
    if (access == null) {
      usedRegions[usedRegionCount++] = region;
      access = new RegionAccess(grant, this);
      accesses[region] = access;
    } else if (grant.supersedes(access.grant())) {
      access.onGrant(grant);
    }
    mostCopies = Math.max(mostCopies, grant.copies());
    return access;
  }

  private void takeGrants() {
    grantsChanged = false;
    for (int i = 0; i < usedRegionCount; i++) {
      RegionAccess access = accesses[usedRegions[i]];
      AccessGrant grant = regions.at(usedRegions[i]);
      if (access != null && grant != null) {
        access.onGrant(grant);
      }
    }
  }

  /** On whatever thread brings a grant. */
  private void grantsChanged() {
    grantsChanged = true;
    wake();
  }

  private void wake() {
    synchronized (finishedDials) {
      if (!closed) {
        waitPoint.wakeup();
      }
    }
  }

  // ---- what an access decides ----

  @Override
  public final void repeat(RegionAccess access) {
    requests.resend(access.grant().index());
  }

  @Override
  public final void resolve(RegionId region) {
    authority.resolve(region);
  }

  @Override
  public final void suspect(RegionAccess access, boolean unreachable) {
    authority.suspect(access.grant(), unreachable);
    HomeLink link = linkOfRegion[access.grant().index()];
    if (!unreachable && link != null && link.beginProbe()) {
      Thread.ofVirtual().name("page-probe").start(() -> probe(link));
    }
  }

  @Override
  public final void adopted(AccessGrant grant) {
    regions.put(grant);
  }

  @Override
  public final void failed(RegionAccess access, Status status, String reason) {
    AccessGrant grant = access.grant();
    fail(
        grant.index(),
        new MemoryFault(status, grant.home().component() + ": " + reason, grant.lost()));
  }

  private void fail(int region, MemoryFault failure) {
    if (faults[region] == null) {
      faults[region] = failure;
      if (fault == null) {
        fault = failure;
      }
    }
  }

  /** Once all that will not be answered has been told so. */
  private void throwFault() {
    MemoryFault failure = fault;
    C to = told;
    if (failure == null || to == null) {
      return;
    }
    fault = null;
    for (long rest = requests.open(); rest != 0; rest &= rest - 1) {
      int slot = Long.numberOfTrailingZeros(rest);
      if (faults[requests.regionIndex(slot)] != null) {
        failed(requests, slot, to);
        close(slot);
      }
    }
    throw failure;
  }

  // ---- sending ----

  private void sendUnsent() {
    for (long rest = requests.unsent(); rest != 0; ) {
      int slot = requests.nextToSend(rest);
      rest &= ~(1L << slot);
      RegionAccess access = accesses[requests.regionIndex(slot)];
      if (access != null) {
        send(slot, access);
      }
    }
  }

  private void send(int slot, RegionAccess access) {
    AccessGrant grant = access.grant();
    HomeLink link = linkTo(grant);
    if (!link.isUp()) {
      dial(link);
    } else if (link.hasRoom(requestBytes()) && link.isUp()) {
      expectNothing(slot);
      linkOfSlot[slot] = link;
      link.expect();
      send(link, grant, requests, slot, requests.send(slot, grant.epoch()));
    }
  }

  private void close(int slot) {
    expectNothing(slot);
    requests.close(slot);
  }

  private void expectNothing(int slot) {
    HomeLink before = linkOfSlot[slot];
    if (before != null) {
      linkOfSlot[slot] = null;
      before.expectNot();
    }
  }

  private HomeLink linkTo(AccessGrant grant) {
    HomeLink link = linkOfRegion[grant.index()];
    if (link == null || !link.place().hasBoot(grant.home().boot())) {
      link = findOrMake(grant.home());
      linkOfRegion[grant.index()] = link;
    }
    return link;
  }

  private HomeLink findOrMake(CopyPlace place) {
    for (HomeLink link : links) {
      if (link.place().hasBoot(place.boot())) {
        return link;
      }
    }
    HomeLink link = newLink(place);
    links.add(link);
    return link;
  }

  // ---- receiving ----

  @Override
  public final boolean replied(
      HomeLink from,
      long sequence,
      Status status,
      long epoch,
      long version,
      boolean zero,
      int bodyLength,
      MemorySegment body,
      long at) {
    if (status == Status.OK ? !isPlausible(zero, bodyLength) : bodyLength != 0) {
      return false;
    }
    int slot = requests.find(sequence);
    C to = told;
    RegionAccess access = slot < 0 ? null : accesses[requests.regionIndex(slot)];
    if (access != null && to != null && access.onReply(requests.epoch(slot), status, epoch)) {
      completed(requests, slot, version, zero, body, at, to);
      if (requests.wasSentAgain(slot) || requests.openedTick(slot) != tick) {
        tellStall(slot, access);
      }
      close(slot);
      delivered++;
    }
    return true;
  }

  private void tellStall(int slot, RegionAccess access) {
    long stallNs = System.nanoTime() - requests.openedNs(slot);
    if (requests.wasSentAgain(slot) || stallNs >= STALL_NS) {
      authority.stalled(access.grant(), stallNs);
    }
  }

  // ---- connections ----

  private void dial(HomeLink link) {
    if (link.beginDial(System.nanoTime())) {
      Thread.ofVirtual().name("page-dial").start(() -> connect(link));
    }
  }

  /** On a thread of its own: a home that is paused takes long to be given up. */
  private void connect(HomeLink link) {
    Connection connection;
    try {
      connection = dialer.connect(link.place().endpoint(), lane, CONNECT_TIMEOUT);
    } catch (IOException e) {
      finished(() -> giveUp(link, e.getMessage()));
      return;
    }
    finished(() -> admit(link, connection));
  }

  private void finished(Runnable dial) {
    synchronized (finishedDials) {
      if (!closed) {
        finishedDials.add(dial);
        waitPoint.wakeup();
        return;
      }
    }
    dial.run();
  }

  private void admit(HomeLink link, Connection connection) {
    if (closed) {
      connection.close();
      return;
    }
    try {
      if (!connection.peer().boot().equals(link.place().boot())) {
        throw new IOException("it was restarted, its memory is gone");
      }
      connection.link().blocking(false);
      waitPoint.watch(connection.link(), link, HomeLinks::noteReady);
    } catch (IOException e) {
      connection.close();
      giveUp(link, e.getMessage());
      return;
    }
    link.connected(connection.link());
  }

  /**
   * A home that waits for another copy takes a handshake; one that is cut off or paused does not.
   */
  private void probe(HomeLink link) {
    try (Connection probe = dialer.connect(link.place().endpoint(), lane, PROBE_TIMEOUT)) {
      boolean same = probe.peer().boot().equals(link.place().boot());
      finished(() -> probed(link, same));
    } catch (IOException e) {
      finished(() -> probed(link, false));
    }
  }

  private void probed(HomeLink link, boolean answered) {
    link.endProbe();
    if (!answered && !closed && link.isUp()) {
      link.close();
      lost(link);
    }
  }

  private void giveUp(HomeLink link, @Nullable String why) {
    link.dialFailed(why);
    if (!closed) {
      lost(link);
    }
  }

  private void lost(HomeLink link) {
    if (Thread.currentThread().isInterrupted()) {
      // Its own interruption has closed the link; the owner is about to end.
      return;
    }
    for (int i = 0; i < usedRegionCount; i++) {
      int region = usedRegions[i];
      RegionAccess access = accesses[region];
      if (access != null
          && requests.openOfRegion(region) > 0
          && access.grant().home().hasBoot(link.place().boot())) {
        requests.resend(region);
        access.onHomeLost();
      }
    }
  }

  /** The wait is over; {@link #turn} looks at every link anyway. */
  private static void noteReady(HomeLink link) {}
}
