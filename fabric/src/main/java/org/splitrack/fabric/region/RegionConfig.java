package org.splitrack.fabric.region;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.region.Learner.Purpose;

/**
 * Who holds a region: its row in the authority. Immutable; replaced by compare-and-set. The methods
 * that return a configuration are the only changes there are, and each takes the next free epoch.
 *
 * <p>A configuration whose learner becomes {@link Purpose#HOME} has a <i>successor</i>, at the next
 * epoch, which comes into force by the hand-off without asking the authority. So every other change
 * of such a row skips that epoch: it can never mean two things.
 *
 * @param incarnation of the process; requests of a lower one are refused
 * @param index which 16 MiB of the process's address space
 * @param epoch number of this configuration
 * @param term of the manager that decided it
 * @param homeSince the epoch at which this home took over
 * @param secondaries in sync with the home
 * @param reservedPages pages, from the region's first, that every copy has set aside; may grow
 *     without a new epoch
 * @param strict block write-backs rather than acknowledge them with one copy
 */
public record RegionConfig(
    RegionId region,
    ProcessId process,
    int incarnation,
    int index,
    long epoch,
    long term,
    long homeSince,
    CopyPlace home,
    List<CopyPlace> secondaries,
    @Nullable Learner learner,
    int reservedPages,
    AckMode ack,
    boolean strict,
    State state) {
  /** Copies besides the home, at most. */
  public static final int MAX_MEMBERS = 7;

  /** The epoch of a region's first configuration; only it is installed where nothing is held. */
  public static final long FIRST_EPOCH = 1;

  /** Whether there is a copy. */
  public enum State {
    ACTIVE,
    /** All copies are proven gone. */
    LOST
  }

  public RegionConfig {
    secondaries = List.copyOf(secondaries);
    if (epoch < FIRST_EPOCH || homeSince < FIRST_EPOCH || homeSince > epoch) {
      throw new IllegalArgumentException("epoch " + epoch + ", home since " + homeSince);
    }
    if (secondaries.size() + (learner == null ? 0 : 1) > MAX_MEMBERS) {
      throw new IllegalArgumentException("more than " + MAX_MEMBERS + " members");
    }
    for (CopyPlace secondary : secondaries) {
      if (secondary.hasBoot(home.boot())) {
        throw new IllegalArgumentException(home + " is home and secondary");
      }
    }
    if (learner != null && learner.place().hasBoot(home.boot())) {
      throw new IllegalArgumentException(home + " is home and learner");
    }
  }

  /** The first configuration of a region. */
  public static RegionConfig first(
      RegionId region,
      ProcessId process,
      int incarnation,
      int index,
      long term,
      CopyPlace home,
      List<CopyPlace> secondaries,
      int reservedPages,
      AckMode ack,
      boolean strict) {
    return new RegionConfig(
        region,
        process,
        incarnation,
        index,
        FIRST_EPOCH,
        term,
        FIRST_EPOCH,
        home,
        secondaries,
        null,
        reservedPages,
        ack,
        strict,
        State.ACTIVE);
  }

  public CopyRole roleOf(BootId boot) {
    if (home.hasBoot(boot)) {
      return CopyRole.HOME;
    }
    for (CopyPlace secondary : secondaries) {
      if (secondary.hasBoot(boot)) {
        return CopyRole.SECONDARY;
      }
    }
    return learner != null && learner.place().hasBoot(boot) ? CopyRole.LEARNER : CopyRole.NONE;
  }

  /** All copies besides the home: the secondaries, then the learner if it is none of them. */
  public List<CopyPlace> members() {
    if (learner == null || roleOf(learner.place().boot()) == CopyRole.SECONDARY) {
      return secondaries;
    }
    List<CopyPlace> members = new ArrayList<>(secondaries);
    members.add(learner.place());
    return members;
  }

  @JsonIgnore
  public boolean isMigrating() {
    return learner != null && learner.purpose() == Purpose.HOME;
  }

  /** Whether the hand-off under way is to a secondary, so that the two change roles. */
  @JsonIgnore
  public boolean isSwapping() {
    return learner != null && isMigrating() && roleOf(learner.place().boot()) == CopyRole.SECONDARY;
  }

  /** As many copies in sync as its acknowledgements promise. */
  @JsonIgnore
  public boolean isProtected() {
    return state == State.ACTIVE && !lacksMemory() && !lacksLog();
  }

  /** Fewer copies in memory than its acknowledgements promise; a log is none. */
  @JsonIgnore
  public boolean lacksMemory() {
    return 1 + secondaries.size() - logs() < ack.copiesWanted();
  }

  /** Fewer logs than its acknowledgements promise. */
  @JsonIgnore
  public boolean lacksLog() {
    return logs() < ack.logsWanted();
  }

  private int logs() {
    int logs = 0;
    for (CopyPlace secondary : secondaries) {
      logs += secondary.isPromotable() ? 0 : 1;
    }
    return logs;
  }

  /** The epoch of the next change that is no hand-off. */
  public long nextEpoch() {
    return isMigrating() ? epoch + 2 : epoch + 1;
  }

  /**
   * The configuration that a hand-off to the learner brings into force. When the learner is a
   * secondary already, the two change roles; else the old home drops out.
   *
   * @throws IllegalStateException when no migration is under way
   */
  public RegionConfig successor() {
    if (learner == null || learner.purpose() != Purpose.HOME) {
      throw new IllegalStateException("region " + region + " is not migrating");
    }
    CopyPlace target = learner.place();
    List<CopyPlace> kept = without(secondaries, target.boot());
    if (kept.size() < secondaries.size()) {
      kept.add(home);
    }
    return with(epoch + 1, term, epoch + 1, target, kept, null, State.ACTIVE);
  }

  /** The same, as stored by a manager of {@code newTerm}. */
  public RegionConfig finished(long newTerm) {
    RegionConfig next = successor();
    return next.with(
        next.epoch, newTerm, next.homeSince, next.home, next.secondaries, null, State.ACTIVE);
  }

  /**
   * Another home.
   *
   * @param inSync known to have all that the new home has; none after a failover, since the old
   *     home may have sent its last write to one of two
   */
  public RegionConfig rehomed(CopyPlace newHome, List<CopyPlace> inSync, long newTerm) {
    return with(nextEpoch(), newTerm, nextEpoch(), newHome, inSync, null, State.ACTIVE);
  }

  /** The same home with these secondaries and no learner. */
  public RegionConfig keeping(List<CopyPlace> kept, long newTerm) {
    return with(nextEpoch(), newTerm, homeSince, home, kept, null, state);
  }

  /** The same copies and one that is to be made. */
  public RegionConfig learning(Learner added, long newTerm) {
    return with(nextEpoch(), newTerm, homeSince, home, secondaries, added, state);
  }

  /** No copy is left. */
  public RegionConfig lost(long newTerm) {
    return with(nextEpoch(), newTerm, homeSince, home, List.of(), null, State.LOST);
  }

  /** More pages; no new epoch, since no copy may do what it might not before. */
  public RegionConfig reserving(int pages) {
    return new RegionConfig(
        region,
        process,
        incarnation,
        index,
        epoch,
        term,
        homeSince,
        home,
        secondaries,
        learner,
        Math.max(pages, reservedPages),
        ack,
        strict,
        state);
  }

  /** Whether the two say the same about who holds the region. */
  public boolean sameHolders(RegionConfig other) {
    return region.equals(other.region)
        && epoch == other.epoch
        && homeSince == other.homeSince
        && home.equals(other.home)
        && secondaries.equals(other.secondaries)
        && state == other.state
        && (learner == null ? other.learner == null : learner.equals(other.learner));
  }

  /** As its process gets to know it. */
  public AccessGrant grant() {
    CopyPlace successor = isMigrating() && learner != null ? learner.place() : null;
    return new AccessGrant(
        region,
        index,
        epoch,
        homeSince,
        home,
        successor,
        reservedPages,
        ack.waitsForCopies() ? 1 + secondaries.size() : 1,
        state == State.LOST);
  }

  /** A new list without that boot. */
  static List<CopyPlace> without(List<CopyPlace> places, BootId boot) {
    List<CopyPlace> kept = new ArrayList<>(places.size() + 1);
    for (CopyPlace place : places) {
      if (!place.hasBoot(boot)) {
        kept.add(place);
      }
    }
    return kept;
  }

  private RegionConfig with(
      long newEpoch,
      long newTerm,
      long newHomeSince,
      CopyPlace newHome,
      List<CopyPlace> newSecondaries,
      @Nullable Learner newLearner,
      State newState) {
    return new RegionConfig(
        region,
        process,
        incarnation,
        index,
        newEpoch,
        newTerm,
        newHomeSince,
        newHome,
        newSecondaries,
        newLearner,
        reservedPages,
        ack,
        strict,
        newState);
  }
}
