package org.splitrack.mcomponent.internal.page;

import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlReply;
import org.splitrack.fabric.control.ControlRequest;
import org.splitrack.fabric.control.MemoryCalls.CaughtUp;
import org.splitrack.fabric.control.MemoryCalls.CopyStatus;
import org.splitrack.fabric.control.MemoryCalls.HandedOff;
import org.splitrack.fabric.control.MemoryCalls.RegionRelease;
import org.splitrack.fabric.control.MemoryCalls.SuspectMember;
import org.splitrack.fabric.region.CopyEffects;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.CopyRole;
import org.splitrack.fabric.region.InstallAnswer;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.fabric.region.RegionCopy;
import org.splitrack.fabric.region.ReleasedRegions;
import org.splitrack.fabric.region.Verdict;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.WaitPoint;
import org.splitrack.fabric.wire.FrameHeader;
import org.splitrack.fabric.wire.MessageType;
import org.splitrack.fabric.wire.Status;
import org.splitrack.mcomponent.internal.store.HeldRegion;
import org.splitrack.mcomponent.internal.store.PageStore;

/**
 * The copies that this mComponent holds: does what they decide, with sockets and the page store.
 * Owned by the page agent.
 */
public final class RegionCopies implements CopyEffects, ReplicaLinks.Changes {
  /** Between two ticks of the copies. */
  static final long TICK_NS = 50_000_000;

  /** Between two reports of the same thing. */
  private static final long REPORT_NS = 190_000_000;

  private static final long SUSPECT_NS = 950_000_000;
  private static final int MAX_REMEMBERED_REPORTS = 4096;

  /** Its own address is of no use to a copy; its boot id is. */
  private static final Endpoint HERE = new Endpoint("localhost", 0);

  private final PageStore store;
  private final Identity identity;
  private final CopyPlace self;
  private final ServedConnections connections;
  private final CopyReports reports;
  private final ReplicaLinks links;
  private final ReleasedRegions released = new ReleasedRegions();
  private final PageCounters counters;
  private final ArrayList<ServedConnection> answered = new ArrayList<>();
  private final ArrayList<ServedConnection> readmitted = new ArrayList<>();
  private final Map<Reported, Long> reported = new HashMap<>();

  /** Since when a write-back has waited for a region that is being moved. */
  private final Map<RegionId, Long> pausedSinceUs = new HashMap<>();

  /** What their former homes said of the regions that were moved here. */
  private final Map<RegionId, Move> moves = new HashMap<>();

  private long nowNs = System.nanoTime();
  private long tickNs = nowNs;
  private @Nullable MemorySegment body;
  private long bodyAt;

  /** Where the write-back lies that is judged; −1 when none is. */
  private int writeAt = -1;

  private int writePage;

  private @Nullable ReplicaLink forwardTo;
  private long forwardSequence;

  RegionCopies(
      PageStore store,
      Dialer dialer,
      WaitPoint waitPoint,
      ServedConnections connections,
      PageCounters counters,
      CopyReports reports,
      Executor agent) {
    this.store = store;
    this.identity = dialer.identity();
    this.self = new CopyPlace(identity.component(), identity.boot(), HERE);
    this.connections = connections;
    this.counters = counters;
    this.reports = reports;
    this.links = new ReplicaLinks(dialer, store, waitPoint, agent, this);
  }

  public PageStore store() {
    return store;
  }

  // ---- the manager's calls ----

  /** Takes these configurations, each or not; in the order of the call. */
  public List<InstallAnswer> install(long term, List<RegionConfig> configs) {
    List<InstallAnswer> answers = new ArrayList<>();
    for (RegionConfig config : configs) {
      answers.add(install(term, config));
    }
    closeUnusedLinks();
    return answers;
  }

  /**
   * Sets pages aside for a copy that is to be made.
   *
   * @throws ControlFault FULL; BAD_REQUEST when it comes after a later release
   */
  public void reserve(long term, RegionConfig row) {
    if (store.find(row.region().value()) == null
        && !released.mayReserve(row.region(), row.epoch())) {
      throw new ControlFault(
          ControlFault.Code.BAD_REQUEST,
          "region " + row.region() + " was given up here after epoch " + row.epoch());
    }
    HeldRegion held = store.hold(row.region(), row.reservedPages());
    held.reservedAt(row.epoch());
    copyOf(held).onReserve(row.epoch(), term);
  }

  /** Forgets the copies of these regions that are not of higher epochs. */
  public void release(long term, List<RegionRelease> releases) {
    for (RegionRelease release : releases) {
      HeldRegion held = store.find(release.region().value());
      RegionCopy copy = held == null ? null : held.copy();
      if (copy == null || copy.onRelease(release.upToEpoch(), term)) {
        released.add(release.region(), release.upToEpoch());
        store.release(release.region());
        moves.remove(release.region());
        pausedSinceUs.remove(release.region());
      }
    }
    closeUnusedLinks();
  }

  /** All that is held, or set aside. */
  public List<CopyStatus> copies() {
    List<CopyStatus> copies = new ArrayList<>();
    for (int slot = 0; slot < store.regionSlots(); slot++) {
      HeldRegion held = store.regionAt(slot);
      if (held != null) {
        copies.add(new CopyStatus(held.region(), held.epoch()));
      }
    }
    return copies;
  }

  private InstallAnswer install(long term, RegionConfig config) {
    HeldRegion held = store.find(config.region().value());
    if (config.roleOf(identity.boot()) == CopyRole.NONE) {
      return new InstallAnswer(InstallAnswer.Kind.NOT_A_MEMBER, configOf(held));
    }
    boolean fresh = held == null;
    if (fresh && !released.mayBegin(config, identity.boot())) {
      return new InstallAnswer(InstallAnswer.Kind.NOT_HELD, null);
    }
    try {
      held = store.hold(config.region(), config.reservedPages());
    } catch (ControlFault fault) {
      return new InstallAnswer(InstallAnswer.Kind.FULL, configOf(held));
    }
    long before = held.epoch();
    InstallAnswer answer = copyOf(held).onInstall(config, term);
    if (held.epoch() > before) {
      pausedSinceUs.remove(config.region());
    }
    if (fresh && answer.kind() != InstallAnswer.Kind.INSTALLED) {
      store.release(config.region());
    }
    return answer;
  }

  private RegionCopy copyOf(HeldRegion held) {
    RegionCopy copy = held.copy();
    if (copy == null) {
      copy = new RegionCopy(held.region(), self, held, this);
      held.copy(copy);
    }
    return copy;
  }

  private static @Nullable RegionConfig configOf(@Nullable HeldRegion held) {
    return held == null || held.copy() == null ? null : held.copy().config();
  }

  private void closeUnusedLinks() {
    if (links.isEmpty()) {
      return;
    }
    Set<Long> wanted = new HashSet<>();
    for (int slot = 0; slot < store.regionSlots(); slot++) {
      RegionConfig config = configOf(store.regionAt(slot));
      if (config != null) {
        config.members().forEach(member -> wanted.add(member.boot().value()));
      }
    }
    links.retain(place -> wanted.contains(place.boot().value()));
  }

  // ---- the agent's turns ----

  /** The page's bytes in the message that is judged next; null when it is all zeros. */
  void body(@Nullable MemorySegment memory, long at) {
    body = memory;
    bodyAt = at;
  }

  /**
   * What is judged next is a write-back. Its page need not be copied to be sent to another copy.
   *
   * @param at where its frame begins in its batch
   */
  void beginWrite(int at, int page) {
    writeAt = at;
    writePage = page;
  }

  /** It is judged and answered; its frame is no longer needed as it came. */
  void endWrite(ByteBuffer batch, HeldRegion held, RegionCopy copy) {
    ReplicaLink link = forwardTo;
    if (link != null) {
      link.forward(batch, writeAt, held, copy.epoch(), forwardSequence, writePage);
      forwardTo = null;
    }
    writeAt = -1;
  }

  /** Sends what is forwarded from a batch, whose memory is used again after this. */
  void endBatch() {
    links.endRuns();
  }

  /**
   * Takes in what other copies have to say; how much that was.
   *
   * @param told the wait point has just told which have something to say
   */
  int receive(boolean told) {
    return links.receive(told);
  }

  /** Sends what the last events brought about. */
  void flush() {
    links.flush();
  }

  /** Connections with answers that wait to be sent; the caller takes them out. */
  List<ServedConnection> answered() {
    return answered;
  }

  /** Connections whose requests may be looked at again; the caller takes them out. */
  List<ServedConnection> readmitted() {
    return readmitted;
  }

  /** Whether some copy waits for time to pass. */
  boolean wantsTicks() {
    for (int slot = 0; slot < store.regionSlots(); slot++) {
      HeldRegion held = store.regionAt(slot);
      RegionCopy copy = held == null ? null : held.copy();
      if (copy != null && copy.wantsTicks()) {
        return true;
      }
    }
    return false;
  }

  /** Lets time pass; to be called in every turn. */
  void time(long presentNs) {
    nowNs = presentNs;
    if (presentNs - tickNs < TICK_NS) {
      return;
    }
    tickNs = presentNs;
    for (int slot = 0; slot < store.regionSlots(); slot++) {
      HeldRegion held = store.regionAt(slot);
      RegionCopy copy = held == null ? null : held.copy();
      if (copy != null && copy.wantsTicks()) {
        copy.onTick();
      }
    }
  }

  void close() {
    links.close();
  }

  /** A request is not taken now: it found no room, or came between two homes. */
  void stalled(RegionCopy copy) {
    RegionConfig config = copy.config();
    boolean moving = copy.isHome() && config != null && config.isMigrating();
    if (moving || copy.isHandingOff()) {
      pausedSinceUs.putIfAbsent(copy.region(), nowUs());
    }
  }

  // ---- what a copy decides ----

  @Override
  public void store(RegionCopy copy, int page, long version) {
    HeldRegion held = store.find(copy.region().value());
    if (held != null) {
      store.write(held, page, version, body, bodyAt);
    }
  }

  @Override
  public void erase(RegionCopy copy) {
    HeldRegion held = store.find(copy.region().value());
    if (held != null) {
      store.erase(held);
    }
  }

  @Override
  public void replyRead(RegionCopy copy, long origin, long sequence, int page) {
    HeldRegion held = store.find(copy.region().value());
    ServedConnection connection = connections.find(origin);
    if (connection == null || held == null) {
      return;
    }
    ByteBuffer out = connection.answer();
    int frame = held.frame(page);
    boolean zero = frame < 0;
    int at = startReply(out, MessageType.READ_PAGE, copy, page, sequence, zero ? 0 : PAGE_BYTES);
    FrameHeader.zeroPage(out, at, zero);
    FrameHeader.pageVersion(out, at, held.version(page));
    if (!zero) {
      store.read(frame, connection.answerMemory(), at + FrameHeader.BYTES);
    }
    out.position(at + FrameHeader.BYTES + (zero ? 0 : PAGE_BYTES));
    counters.countRead(zero);
    note(connection);
  }

  @Override
  public void replyWrite(RegionCopy copy, long origin, long sequence, int page) {
    HeldRegion held = store.find(copy.region().value());
    ServedConnection connection = connections.find(origin);
    if (connection == null || held == null) {
      return;
    }
    ByteBuffer out = connection.answer();
    int at = startReply(out, MessageType.WRITE_PAGE, copy, page, sequence, 0);
    FrameHeader.pageVersion(out, at, held.version(page));
    out.position(at + FrameHeader.BYTES);
    counters.countWrite(true);
    note(connection);
  }

  @Override
  public void unprotected(RegionCopy copy) {
    counters.countUnprotectedWrite();
  }

  @Override
  public void dropped(RegionCopy copy) {
    counters.countDroppedReplication();
  }

  @Override
  public void refuse(
      RegionCopy copy, long origin, long sequence, int page, boolean write, Verdict refusal) {
    ServedConnection connection = connections.find(origin);
    if (connection == null) {
      return;
    }
    ByteBuffer out = connection.answer();
    byte type = write ? MessageType.WRITE_PAGE : MessageType.READ_PAGE;
    int at = startReply(out, type, copy, page, sequence, 0);
    FrameHeader.status(out, at, refusal.status());
    out.position(at + FrameHeader.BYTES);
    counters.countRefusal();
    note(connection);
  }

  @Override
  public void roomAgain(RegionCopy copy) {
    // What is offered again after a hand-off waits on, until the new home has heard of it.
    if (!copy.isHandingOff()) {
      pausedSinceUs.remove(copy.region());
    }
    for (int slot = 0; slot < connections.slotCount(); slot++) {
      ServedConnection connection = connections.at(slot);
      if (connection != null && connection.readmit(copy.region().value())) {
        readmitted.add(connection);
      }
    }
  }

  @Override
  public boolean replicate(RegionCopy copy, CopyPlace member, long sequence, int page) {
    HeldRegion held = store.find(copy.region().value());
    ReplicaLink link = links.to(member, nowNs);
    boolean isWrite = held != null && writeAt >= 0 && writePage == page;
    if (isWrite && forwardTo == null && link.canForward(writeAt)) {
      forwardTo = link;
      forwardSequence = sequence;
      counters.countReplicated();
      return true;
    }
    try {
      boolean sent = held != null && link.replicate(held, copy.epoch(), sequence, page);
      if (sent) {
        counters.countReplicated();
      }
      return sent;
    } catch (IOException e) {
      // Its end is found, and told, when it is next read from.
      return false;
    }
  }

  @Override
  public void handOff(RegionCopy copy, CopyPlace target, long successorEpoch) {
    Long sinceUs = pausedSinceUs.get(copy.region());
    try {
      links
          .to(target, nowNs)
          .handOff(
              copy.region(),
              successorEpoch,
              new Move(
                  copy.pagesToLearner(),
                  copy.copyRounds(),
                  sinceUs == null ? 0 : nowUs() - sinceUs));
    } catch (IOException e) {
      // It is repeated.
      return;
    }
  }

  @Override
  public void caughtUp(RegionCopy copy, CopyPlace learner) {
    report(
        new CaughtUp(copy.region(), copy.epoch(), learner),
        new Reported(copy.region(), copy.epoch(), learner.boot().value()),
        REPORT_NS);
  }

  @Override
  public void handedOff(RegionCopy copy) {
    RegionConfig config = copy.config();
    if (config != null) {
      Move move = moves.getOrDefault(copy.region(), Move.UNKNOWN);
      report(
          new HandedOff(config, (long) move.pages() * PAGE_BYTES, move.rounds(), move.pauseUs()),
          new Reported(copy.region(), copy.epoch(), identity.boot().value()),
          REPORT_NS);
    }
  }

  @Override
  public void suspect(RegionCopy copy, CopyPlace member) {
    report(
        new SuspectMember(copy.region(), copy.epoch(), member),
        new Reported(copy.region(), 0, member.boot().value()),
        SUSPECT_NS);
  }

  /**
   * The former home of a region hands it over, and says how it went. A repeat that follows the one
   * that was taken was sent after it, and knows of more of the pause.
   */
  void moved(RegionCopy copy, Move move) {
    Move before = moves.get(copy.region());
    if (!copy.isHome() || before == null || move.pauseUs() > before.pauseUs()) {
      moves.put(copy.region(), move);
    }
  }

  private void report(ControlRequest<ControlReply.Done> news, Reported what, long atMostEveryNs) {
    Long lastNs = reported.get(what);
    if (lastNs != null && nowNs - lastNs < atMostEveryNs) {
      return;
    }
    if (reported.size() >= MAX_REMEMBERED_REPORTS) {
      reported.clear();
    }
    reported.put(what, nowNs);
    reports.tell(news);
  }

  private long nowUs() {
    return System.nanoTime() / 1_000;
  }

  private int startReply(
      ByteBuffer out, byte requestType, RegionCopy copy, int page, long sequence, int bodyLength) {
    int at = out.position();
    byte type = (byte) (requestType | MessageType.REPLY);
    FrameHeader.start(out, at, type, bodyLength, identity.rack().value());
    FrameHeader.bootId(out, at, identity.boot().value());
    FrameHeader.subject(out, at, copy.region().value());
    FrameHeader.page(out, at, page);
    FrameHeader.sequence(out, at, sequence);
    return at;
  }

  private void note(ServedConnection connection) {
    if (connection.noteAnswered()) {
      answered.add(connection);
    }
  }

  // ---- links ----

  @Override
  public void ready(ReplicaLink link) {
    for (int slot = 0; slot < store.regionSlots(); slot++) {
      HeldRegion held = store.regionAt(slot);
      RegionCopy copy = held == null ? null : held.copy();
      if (copy != null) {
        copy.onMemberReady(link.boot());
      }
    }
  }

  @Override
  public void lost(ReplicaLink link) {
    for (int slot = 0; slot < store.regionSlots(); slot++) {
      HeldRegion held = store.regionAt(slot);
      RegionCopy copy = held == null ? null : held.copy();
      if (copy != null) {
        copy.onMemberLost(link.boot());
      }
    }
  }

  @Override
  public void answered(
      ReplicaLink from,
      byte type,
      long region,
      long epoch,
      long sequence,
      long version,
      Status status) {
    HeldRegion held = store.find(region);
    RegionCopy copy = held == null ? null : held.copy();
    if (copy == null) {
      return;
    }
    if (type == (byte) (MessageType.HAND_OFF | MessageType.REPLY)) {
      if (status == Status.OK) {
        copy.onHandOffAcknowledged(from.boot(), epoch);
        if (!copy.isHandingOff()) {
          pausedSinceUs.remove(copy.region());
        }
      }
    } else if (status == Status.OK) {
      copy.onReplicaAck(from.boot(), epoch, sequence, version);
    } else {
      copy.onReplicaRefused(from.boot(), epoch, sequence, status);
    }
  }

  private record Reported(RegionId region, long epoch, long boot) {}
}
