package org.splitrack.fabric.region;

import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.region.InstallAnswer.Kind;
import org.splitrack.fabric.wire.Status;

/**
 * One copy of a region, at one start of one mComponent: home, secondary or learner. It decides; its
 * driver moves the bytes. Owned by one thread.
 *
 * <p>Write-backs are primary and backup, as in PacificA: the home answers when all members have
 * acknowledged, and only the authority changes who is a member. A copy that has accepted an epoch
 * refuses all lower ones for ever; that is the seal of a failover. Versions of a page only rise, so
 * repeats, reordering and copying a page again are harmless.
 *
 * <p>The driver has checked that the message names this start of the component (else STALE_BOOT)
 * and has found this copy (else NOT_HOLDER). The methods of the page path allocate nothing.
 */
public final class RegionCopy {
  /** Pages of the copy to a learner that are under way, at most. */
  public static final int COPY_WINDOW_PAGES = 64;

  /** When no more than these are under way the next ones follow: many at once cost less. */
  private static final int COPY_AGAIN_AT = COPY_WINDOW_PAGES / 2;

  /** Ticks without acknowledgement after which a page is sent again. */
  public static final int RESEND_TICKS = 4;

  /** Pages sent again in one tick, at most. */
  public static final int RESENDS_PER_TICK = 16;

  /** Ticks without any acknowledgement after which a member is reported to the manager. */
  public static final int SUSPECT_TICKS = 8;

  /** Ticks that write-backs are held for a hand-off, at most; then they go on for as long. */
  public static final int DRAIN_TICKS = 8;

  private enum Phase {
    /** Holds a reservation and no configuration. */
    RESERVED,
    /** Secondary or learner. */
    FOLLOWING,
    SERVING,
    /** Home of a migrating region: reads only, until all members have everything. */
    DRAINING,
    /** It was home; it will never serve that epoch again. */
    HANDED_OFF
  }

  private final RegionId region;
  private final CopyPlace self;
  private final PageVersions versions;
  private final CopyEffects effects;
  private final CopyPlace[] members = new CopyPlace[RegionConfig.MAX_MEMBERS];
  private final int[] heardTick = new int[RegionConfig.MAX_MEMBERS];
  private final ReplicationWindow.Release answer = this::answer;
  private final ReplicationWindow.Release refuse = this::refuse;
  private @Nullable ReplicationWindow window;
  private @Nullable RegionConfig config;
  private @Nullable RegionConfig handedTo;
  private Phase phase = Phase.RESERVED;
  private long term;
  private long reservedAtEpoch;
  private int memberMask;
  private int learnerBit;

  /** There are fewer copies than are wanted, as long as it is home. */
  private boolean unprotected;

  /** Write-backs wait until there are as many copies as are wanted. */
  private boolean blocked;

  private int copyFrom;
  private int pagesToLearner;
  private int copyRounds;
  private boolean confirmed = true;
  private boolean handOffAcknowledged;
  private boolean toldLater;
  private int tick;
  private int drainSinceTick;
  private int caughtUpFromTick;

  /** A copy that holds nothing yet: it has a reservation, or is about to be installed. */
  public RegionCopy(RegionId region, CopyPlace self, PageVersions versions, CopyEffects effects) {
    this.region = region;
    this.self = self;
    this.versions = versions;
    this.effects = effects;
  }

  public RegionId region() {
    return region;
  }

  /** Null while nothing but a reservation is held. */
  public @Nullable RegionConfig config() {
    return config;
  }

  /** The epoch in force here; 0 while nothing but a reservation is held. */
  public long epoch() {
    return config == null ? 0 : config.epoch();
  }

  /** The highest term of a manager that was heard here. */
  public long term() {
    return term;
  }

  public CopyRole role() {
    return switch (phase) {
      case RESERVED, HANDED_OFF -> CopyRole.NONE;
      case SERVING, DRAINING -> CopyRole.HOME;
      case FOLLOWING -> config == null ? CopyRole.NONE : config.roleOf(self.boot());
    };
  }

  public boolean isHome() {
    return phase == Phase.SERVING || phase == Phase.DRAINING;
  }

  /** The epoch under which the successor serves, for an answer MOVED; 0 when there is none. */
  public long successorEpoch() {
    return handedTo == null ? 0 : handedTo.epoch();
  }

  /** It has handed the region off, and does not know yet that the successor has it. */
  public boolean isHandingOff() {
    return handedTo != null && !handOffAcknowledged;
  }

  /** Pages that not all members have acknowledged. */
  public int unacknowledgedPages() {
    return window == null ? 0 : window.size();
  }

  /** Pages sent to the present or last learner to make it a copy, those written meanwhile too. */
  public int pagesToLearner() {
    return pagesToLearner;
  }

  /** Times that all pages were gone through for that learner: 0 when it was in sync before. */
  public int copyRounds() {
    return copyRounds;
  }

  /** Whether {@link #onTick} has anything to do. */
  public boolean wantsTicks() {
    return phase == Phase.DRAINING
        || isHandingOff()
        || !confirmed
        || (isHome() && (learnerBit != 0 || unacknowledgedPages() > 0));
  }

  // Requests of the accessor.

  /**
   * A page read.
   *
   * @param origin where to answer, any number of the driver's
   * @param sequence of the request, for the answer
   * @return DONE: send the page as it is now; WAIT: it has a write-back that not all members have,
   *     which a failover may yet lose
   */
  public Verdict onRead(long origin, long sequence, long epoch, int incarnation, int page) {
    Verdict gate = judge(epoch, incarnation, page);
    return gate == Verdict.DONE ? awaitPage(origin, sequence, page, false) : gate;
  }

  /**
   * A write-back; its body is stored by {@link CopyEffects#store} when its version is new.
   *
   * @return DONE: acknowledge it, with the version held
   */
  public Verdict onWrite(
      long origin, long sequence, long epoch, int incarnation, int page, long version) {
    Verdict gate = judge(epoch, incarnation, page);
    if (gate != Verdict.DONE) {
      return gate;
    }
    if (version <= 0) {
      return Verdict.BAD_REQUEST;
    }
    Verdict verdict = judgeWrite(origin, sequence, page, version);
    if (verdict == Verdict.DONE) {
      noteAcknowledged();
    }
    return verdict;
  }

  private Verdict judgeWrite(long origin, long sequence, int page, long version) {
    if (version <= versions.version(page)) {
      return awaitPage(origin, sequence, page, true);
    }
    if (phase == Phase.DRAINING) {
      return later();
    }
    return takeWrite(origin, sequence, page, version);
  }

  /**
   * Told when the answer is given, not when the write is taken: the copies that there were then may
   * be gone by now, and those that were awaited may have become enough.
   */
  private void noteAcknowledged() {
    if (unprotected) {
      effects.unprotected(this);
    }
  }

  private Verdict judge(long epoch, int incarnation, int page) {
    RegionConfig present = config;
    if (present == null) {
      return Verdict.NOT_HOLDER;
    }
    if (!isHome()) {
      if (handedTo != null && epoch < handedTo.epoch()) {
        return Verdict.MOVED;
      }
      return epoch < present.epoch() ? Verdict.STALE_EPOCH : Verdict.NOT_HOLDER;
    }
    if (epoch > present.epoch()) {
      return Verdict.NOT_HOLDER;
    }
    if (epoch < present.homeSince()) {
      return Verdict.STALE_EPOCH;
    }
    if (incarnation < present.incarnation()) {
      return Verdict.EXPELLED;
    }
    return incarnation > present.incarnation() || page < 0 || page >= present.reservedPages()
        ? Verdict.BAD_REQUEST
        : Verdict.DONE;
  }

  private Verdict awaitPage(long origin, long sequence, int page, boolean write) {
    ReplicationWindow open = window;
    boolean isBlocked = write && blocked;
    if (open == null || (open.isEmpty() && !isBlocked)) {
      return Verdict.DONE;
    }
    long entry = open.newestAwaited(page);
    if (entry < 0 && !isBlocked) {
      return Verdict.DONE;
    }
    if (!open.hasRoomToWait()) {
      return later();
    }
    if (entry < 0) {
      open.awaitCopies(origin, sequence, page);
    } else {
      open.await(entry, origin, sequence, write);
    }
    return Verdict.WAIT;
  }

  private Verdict takeWrite(long origin, long sequence, int page, long version) {
    int awaited = awaitedMask();
    ReplicationWindow open = window;
    if (open == null) {
      effects.store(this, page, version);
      return Verdict.DONE;
    }
    if ((awaited != 0 && !open.hasRoom()) || ((awaited != 0 || blocked) && !open.hasRoomToWait())) {
      return later();
    }
    effects.store(this, page, version);
    if (memberMask != 0) {
      replicate(open, origin, sequence, page, version, awaited);
    }
    if (awaited == 0 && blocked) {
      open.awaitCopies(origin, sequence, page);
    }
    return awaited != 0 || blocked ? Verdict.WAIT : Verdict.DONE;
  }

  private void replicate(
      ReplicationWindow open, long origin, long sequence, int page, long version, int awaited) {
    if (!open.hasRoom()) {
      effects.dropped(this);
      return;
    }
    long entry = open.open(page, version, memberMask, true, tick);
    if (copyRounds > 0) {
      pagesToLearner++;
    }
    if (awaited != 0) {
      open.await(entry, origin, sequence, true);
    }
    send(open, entry, memberMask);
  }

  private Verdict later() {
    toldLater = true;
    return Verdict.LATER;
  }

  // Replication, at a secondary or learner.

  /**
   * A page from the home; its body is stored by {@link CopyEffects#store} when its version is new.
   *
   * @param sender boot id of the sender
   * @return DONE: acknowledge it, with the sender's epoch and sequence and the version held
   */
  public Verdict onReplicate(long sender, long epoch, int page, long version) {
    RegionConfig present = config;
    if (present == null || isHome()) {
      return present != null && epoch < present.epoch() ? Verdict.STALE_EPOCH : Verdict.NOT_HOLDER;
    }
    if (isFirstOfSuccessor(present, sender, epoch)) {
      present = present.successor();
      adopt(present, present.roleOf(self.boot()));
    }
    if (epoch < present.epoch()) {
      return Verdict.STALE_EPOCH;
    }
    if (epoch > present.epoch()
        || phase == Phase.HANDED_OFF
        || present.home().boot().value() != sender) {
      return Verdict.NOT_HOLDER;
    }
    if (page < 0 || page >= present.reservedPages() || version <= 0) {
      return Verdict.BAD_REQUEST;
    }
    if (version > versions.version(page)) {
      effects.store(this, page, version);
    }
    return Verdict.DONE;
  }

  /** The target of a migration sends only after the hand-off, so it is home by now. */
  private boolean isFirstOfSuccessor(RegionConfig present, long sender, long epoch) {
    return phase == Phase.FOLLOWING
        && present.learner() != null
        && present.isMigrating()
        && epoch == present.epoch() + 1
        && present.learner().place().boot().value() == sender
        && present.roleOf(self.boot()) == CopyRole.SECONDARY;
  }

  // Replication, at the home.

  /**
   * A member has a page.
   *
   * @param member boot id of the member
   * @param epoch of the page that was sent
   * @param version that the member holds
   */
  public void onReplicaAck(long member, long epoch, long sequence, long version) {
    ReplicationWindow open = window;
    int index = indexOf(member);
    if (open == null || index < 0 || !isHome() || epoch != epoch()) {
      return;
    }
    heardTick[index] = tick;
    if (open.isAwaited(sequence, 1 << index, version)) {
      open.acknowledge(sequence, 1 << index, answer);
      proceed(open);
    }
  }

  /** A member did not take a page. It is sent again at a tick, unless the configuration changes. */
  public void onReplicaRefused(long member, long epoch, long sequence, Status status) {
    ReplicationWindow open = window;
    int index = indexOf(member);
    if (open == null || index < 0 || !isHome() || epoch != epoch()) {
      return;
    }
    if (sequence >= open.head() && sequence < open.next()) {
      open.markUnsent(sequence, 1 << index);
    }
    if (status == Status.STALE_BOOT) {
      effects.suspect(this, members[index]);
    }
  }

  /** What was under way to a member is lost; its link is down. */
  public void onMemberLost(long member) {
    int index = indexOf(member);
    if (index >= 0 && isHome() && window != null) {
      window.markAllUnsent(1 << index);
      effects.suspect(this, members[index]);
    }
  }

  /** A member's link is up, or has room again: sends what is unsent, oldest first. */
  public void onMemberReady(long member) {
    ReplicationWindow open = window;
    int index = indexOf(member);
    if (index < 0 || !isHome() || open == null) {
      return;
    }
    for (long entry = open.head(); entry < open.next(); entry++) {
      if ((open.unsent(entry) & (1 << index)) != 0 && !send(open, entry, 1 << index)) {
        return;
      }
    }
    copyOn(open);
  }

  /** Sends to those of the members that have not got it; false when one cannot be sent to. */
  private boolean send(ReplicationWindow open, long entry, int to) {
    boolean all = true;
    for (int index = 0; index < members.length; index++) {
      int bit = 1 << index;
      if ((to & bit) != 0 && (open.pending(entry) & bit) != 0) {
        if (effects.replicate(this, members[index], entry, open.page(entry))) {
          open.markSent(entry, bit, tick);
        } else {
          open.markUnsent(entry, bit);
          all = false;
        }
      }
    }
    return all;
  }

  /** After an acknowledgement: goes on with the copy, the hand-off, and who was told LATER. */
  private void proceed(ReplicationWindow open) {
    copyOn(open);
    handOffWhenDrained(open);
    if (toldLater && phase != Phase.DRAINING && open.hasRoom() && open.hasRoomToWait()) {
      readmit();
    }
  }

  private void readmit() {
    if (toldLater) {
      toldLater = false;
      effects.roomAgain(this);
    }
  }

  /** Goes on with the copy to the learner. */
  private void copyOn(ReplicationWindow open) {
    if (learnerBit == 0) {
      return;
    }
    boolean more = open.copying() <= COPY_AGAIN_AT;
    while (more && copyFrom >= 0 && open.copying() < COPY_WINDOW_PAGES && open.hasRoom()) {
      int page = versions.nextVersioned(copyFrom);
      if (page < 0) {
        copyFrom = -1;
      } else {
        long entry = open.open(page, versions.version(page), learnerBit, false, tick);
        copyFrom = page + 1;
        pagesToLearner++;
        if (!send(open, entry, learnerBit)) {
          break;
        }
      }
    }
    if (hasCaughtUp(open) && phase == Phase.SERVING && caughtUpFromTick <= tick) {
      learnerCaughtUp(open);
    }
  }

  private boolean hasCaughtUp(ReplicationWindow open) {
    return learnerBit != 0 && copyFrom < 0 && open.copying() == 0;
  }

  private void learnerCaughtUp(ReplicationWindow open) {
    RegionConfig present = config;
    if (present == null || present.learner() == null) {
      return;
    }
    if (present.isMigrating()) {
      phase = Phase.DRAINING;
      drainSinceTick = tick;
      handOffWhenDrained(open);
    } else {
      caughtUpFromTick = tick + 1;
      effects.caughtUp(this, present.learner().place());
    }
  }

  // Hand-off.

  private void handOffWhenDrained(ReplicationWindow open) {
    RegionConfig present = config;
    if (phase != Phase.DRAINING || !open.isEmpty() || present == null) {
      return;
    }
    RegionConfig successor = present.successor();
    handedTo = successor;
    handOffAcknowledged = false;
    if (successor.roleOf(self.boot()) == CopyRole.SECONDARY) {
      config = successor;
      phase = Phase.FOLLOWING;
    } else {
      phase = Phase.HANDED_OFF;
    }
    memberMask = 0;
    learnerBit = 0;
    open.clear(refuse);
    effects.handOff(this, successor.home(), successor.epoch());
    readmit();
  }

  /**
   * The home hands the region to this copy.
   *
   * @return DONE: acknowledge it
   */
  public Verdict onHandOff(long sender, long successorEpoch) {
    RegionConfig present = config;
    if (present == null) {
      return Verdict.NOT_HOLDER;
    }
    if (present.epoch() >= successorEpoch) {
      return isHome() && present.homeSince() == successorEpoch ? Verdict.DONE : Verdict.STALE_EPOCH;
    }
    if (phase != Phase.FOLLOWING
        || !present.isMigrating()
        || present.epoch() + 1 != successorEpoch
        || present.home().boot().value() != sender
        || !present.successor().home().hasBoot(self.boot())) {
      return Verdict.NOT_HOLDER;
    }
    adopt(present.successor(), CopyRole.HOME);
    confirmed = false;
    effects.handedOff(this);
    return Verdict.DONE;
  }

  /** The target is home. */
  public void onHandOffAcknowledged(long sender, long successorEpoch) {
    if (handedTo != null
        && handedTo.epoch() == successorEpoch
        && handedTo.home().boot().value() == sender) {
      handOffAcknowledged = true;
    }
  }

  // The manager's calls.

  /** A reservation was made here against the row's epoch, for a copy that is to be made. */
  public void onReserve(long rowEpoch, long managerTerm) {
    term = Math.max(term, managerTerm);
    reservedAtEpoch = Math.max(reservedAtEpoch, rowEpoch);
  }

  /**
   * Takes a configuration that the authority has stored, or refuses it. Repeating is harmless. A
   * copy that holds nothing takes only what {@link ReleasedRegions#mayBegin}.
   */
  public InstallAnswer onInstall(RegionConfig next, long managerTerm) {
    if (managerTerm < term) {
      return new InstallAnswer(Kind.STALE_TERM, held());
    }
    CopyRole role = next.roleOf(self.boot());
    if (role == CopyRole.NONE) {
      return new InstallAnswer(Kind.NOT_A_MEMBER, held());
    }
    RegionConfig present = config;
    if (present == null) {
      if (!mayBegin(next, role)) {
        return new InstallAnswer(Kind.NOT_HELD, null);
      }
    } else if (next.epoch() < present.epoch()
        || (next.epoch() == present.epoch() && !next.sameHolders(present))) {
      return new InstallAnswer(Kind.STALE_EPOCH, held());
    } else if (next.epoch() == present.epoch()) {
      config = present.reserving(next.reservedPages());
      term = managerTerm;
      confirmed = true;
      return new InstallAnswer(Kind.INSTALLED, config);
    } else if (phase == Phase.HANDED_OFF && role != CopyRole.LEARNER) {
      return new InstallAnswer(Kind.HANDED_OFF, handedTo);
    }
    term = managerTerm;
    confirmed = true;
    adopt(next, role);
    return new InstallAnswer(Kind.INSTALLED, config);
  }

  /** What was reserved for a later row does not begin with an installation from before. */
  private boolean mayBegin(RegionConfig next, CopyRole role) {
    return role == CopyRole.LEARNER
        ? next.epoch() > reservedAtEpoch
        : next.epoch() == RegionConfig.FIRST_EPOCH && reservedAtEpoch <= RegionConfig.FIRST_EPOCH;
  }

  /**
   * The row, at this epoch, has no copy here.
   *
   * @return whether the driver must forget the copy and give its pages back
   */
  public boolean onRelease(long rowEpoch, long managerTerm) {
    if (managerTerm < term || epoch() > rowEpoch || reservedAtEpoch > rowEpoch) {
      return false;
    }
    if (epoch() == rowEpoch && role() != CopyRole.NONE) {
      return false;
    }
    if (window != null) {
      memberMask = 0;
      window.clear(refuse);
    }
    phase = Phase.RESERVED;
    config = null;
    readmit();
    return true;
  }

  private @Nullable RegionConfig held() {
    return phase == Phase.HANDED_OFF ? handedTo : config;
  }

  private void adopt(RegionConfig next, CopyRole role) {
    boolean wasHome = isHome();
    config = next;
    if (handedTo != null && next.epoch() > handedTo.epoch()) {
      handedTo = null;
    }
    if (role == CopyRole.HOME) {
      phase = Phase.SERVING;
      caughtUpFromTick = tick;
      serve(next, wasHome);
    } else {
      phase = Phase.FOLLOWING;
      memberMask = 0;
      learnerBit = 0;
      if (window != null) {
        window.clear(refuse);
      }
      if (role == CopyRole.LEARNER) {
        effects.erase(this);
      }
    }
    readmit();
  }

  /** Becomes home, or goes on as home with other members. */
  private void serve(RegionConfig next, boolean goesOn) {
    int kept = goesOn ? keepMembers(next) : 0;
    for (CopyPlace member : next.members()) {
      if (indexOf(member.boot().value()) < 0) {
        addMember(member);
      }
    }
    Learner learner = next.learner();
    learnerBit = learner == null ? 0 : 1 << indexOf(learner.place().boot().value());
    boolean inSync =
        learner == null
            || (next.ack().waitsForCopies() && next.secondaries().contains(learner.place()));
    copyFrom = inSync ? -1 : 0;
    copyRounds = inSync ? 0 : 1;
    pagesToLearner = 0;
    unprotected = !next.isProtected();
    blocked = next.strict() && unprotected;
    if (window == null && memberMask == 0 && !blocked) {
      return;
    }
    ReplicationWindow open = window == null ? new ReplicationWindow() : window;
    window = open;
    open.reconfigure(kept, awaitedMask(), blocked, answer);
    open.markAllUnsent(memberMask);
    for (int index = 0; index < members.length; index++) {
      if ((memberMask & (1 << index)) != 0) {
        onMemberReady(members[index].boot().value());
      }
    }
    copyOn(open);
  }

  /** Drops the members that are not in {@code next}; returns the bits of the others. */
  private int keepMembers(RegionConfig next) {
    for (int index = 0; index < members.length; index++) {
      if ((memberMask & (1 << index)) != 0) {
        CopyRole role = next.roleOf(members[index].boot());
        if (role == CopyRole.NONE || role == CopyRole.HOME) {
          memberMask &= ~(1 << index);
        }
      }
    }
    return memberMask;
  }

  private void addMember(CopyPlace member) {
    int index = Integer.numberOfTrailingZeros(~memberMask);
    members[index] = member;
    heardTick[index] = tick;
    memberMask |= 1 << index;
  }

  /** The members that an answer waits for. */
  private int awaitedMask() {
    RegionConfig present = config;
    if (present == null) {
      return 0;
    }
    return present.ack().waitsForCopies() ? memberMask : learnerBit;
  }

  private int indexOf(long member) {
    for (int index = 0; index < members.length; index++) {
      if ((memberMask & (1 << index)) != 0 && members[index].boot().value() == member) {
        return index;
      }
    }
    return -1;
  }

  // Time.

  /** Called at even intervals while {@link #wantsTicks}: repeats what got no answer. */
  public void onTick() {
    tick++;
    if (!confirmed) {
      effects.handedOff(this);
    }
    if (handedTo != null && isHandingOff() && tick % RESEND_TICKS == 0) {
      effects.handOff(this, handedTo.home(), handedTo.epoch());
    }
    ReplicationWindow open = window;
    if (open == null || !isHome()) {
      return;
    }
    if (phase == Phase.DRAINING && tick - drainSinceTick >= DRAIN_TICKS) {
      // A member is silent. Others may write until the manager has decided about it.
      phase = Phase.SERVING;
      caughtUpFromTick = tick + DRAIN_TICKS;
      readmit();
    }
    resend(open);
    suspectSilent(open);
    copyOn(open);
  }

  private void resend(ReplicationWindow open) {
    int left = RESENDS_PER_TICK;
    for (long entry = open.head(); entry < open.next() && left > 0; entry++) {
      int due =
          tick - open.sentTick(entry) >= RESEND_TICKS ? open.pending(entry) : open.unsent(entry);
      if ((due & memberMask) != 0) {
        if (send(open, entry, due & memberMask)) {
          left--;
        }
      }
    }
  }

  private void suspectSilent(ReplicationWindow open) {
    for (int index = 0; index < members.length; index++) {
      int bit = 1 << index;
      if ((memberMask & bit) == 0) {
        continue;
      }
      for (long entry = open.head(); entry < open.next(); entry++) {
        if ((open.pending(entry) & bit) != 0) {
          int since = Math.max(open.openedTick(entry), heardTick[index]);
          if (tick - since >= SUSPECT_TICKS && (tick - since) % SUSPECT_TICKS == 0) {
            effects.suspect(this, members[index]);
          }
          break;
        }
      }
    }
  }

  private void answer(long origin, long sequence, int page, boolean write) {
    if (write) {
      noteAcknowledged();
      effects.replyWrite(this, origin, sequence, page);
    } else {
      effects.replyRead(this, origin, sequence, page);
    }
  }

  private void refuse(long origin, long sequence, int page, boolean write) {
    effects.refuse(this, origin, sequence, page, write, Verdict.STALE_EPOCH);
  }
}
