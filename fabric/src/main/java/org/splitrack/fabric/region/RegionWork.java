package org.splitrack.fabric.region;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.region.Learner.Purpose;

/** What a {@link RegionSteward} knows of one region, and what it has under way for it. */
final class RegionWork {
  RegionConfig row;

  /** The transaction under way; 0 = none. */
  long change;

  /** Rows have to be read again before anything is decided. */
  boolean stale;

  /**
   * Times that the row has still to be read again. A change without an answer may be stored after
   * the row was read; no longer once the row has another epoch.
   */
  int rereads;

  /** When it was asked for last. */
  int rereadTick;

  /** When an answer counted last. */
  int countedTick;

  /** A place where pages are being set aside, or have been, for a learner. */
  @Nullable Reservation reservation;

  /** The learner has all pages, at the row's epoch. */
  boolean caughtUp;

  /** The home has handed off; this is the configuration that it has handed to. */
  @Nullable RegionConfig handedTo;

  /** Target of the migration that was asked for. */
  @Nullable CopyPlace migrateTo;

  /** A copy that is to go elsewhere, because there is no room for its region to grow. */
  @Nullable Crowded crowded;

  /** Why that migration is to be given up; null unless it is. */
  @Nullable String abort;

  long toldEpoch;
  boolean settledTold;

  private boolean targetAsked;

  /** What was asked for last was to install the home. */
  boolean homeAsked;

  int askedTick = -RegionSteward.RETRY_TICKS;
  int storedTick;
  int waitUntilTick;

  /** When it last waited for its turn to move. */
  int waitingTick = -1;

  private final List<CopyPlace> released = new ArrayList<>();
  private final List<BootId> installed = new ArrayList<>();
  private final List<BootId> missing = new ArrayList<>();

  /** Places that other members of the region, or its process, cannot reach, and until when. */
  private final List<Avoided> avoided = new ArrayList<>();

  private @Nullable CopyPlace complained;
  private int complaints;
  private int complainedTick;

  private record Avoided(CopyPlace place, int untilTick) {}

  /**
   * A copy and the room that it lacks.
   *
   * @param pages that the region needs on each of its holders
   */
  record Crowded(CopyPlace place, int pages) {}

  record Reservation(CopyPlace place, Purpose purpose, boolean made) {}

  RegionWork(RegionConfig row) {
    this.row = row;
  }

  /** Takes a newer row; what was known about the old one is void. */
  void adopt(RegionConfig next) {
    if (next.epoch() != row.epoch() || !next.sameHolders(row)) {
      remember(row.home(), next);
      row.members().forEach(member -> remember(member, next));
      installed.clear();
      missing.clear();
      rereads = 0;
      complaints = 0;
      targetAsked = false;
      caughtUp = false;
      settledTold = false;
      homeAsked = false;
      askedTick = -RegionSteward.RETRY_TICKS;
      if (handedTo != null && handedTo.epoch() <= next.homeSince()) {
        handedTo = null;
      }
    } else if (next.reservedPages() > row.reservedPages()) {
      installed.clear();
      askedTick = -RegionSteward.RETRY_TICKS;
    }
    row = next;
    stale = false;
  }

  private void remember(CopyPlace place, RegionConfig next) {
    if (next.roleOf(place.boot()) == CopyRole.NONE && !released.contains(place)) {
      released.add(place);
    }
  }

  /** Copies that the row no longer has, to be released once its home is installed. */
  List<CopyPlace> takeReleased() {
    released.removeIf(place -> row.roleOf(place.boot()) != CopyRole.NONE);
    List<CopyPlace> taken = List.copyOf(released);
    released.clear();
    return taken;
  }

  boolean isInstalled(CopyPlace place) {
    return installed.contains(place.boot());
  }

  void markInstalled(CopyPlace place) {
    if (!isInstalled(place)) {
      installed.add(place.boot());
    }
  }

  /**
   * With all else gone, whether the target of a migration was handed the region: it is asked to
   * install the present row once more, and if it does it has not been.
   */
  boolean isStillLearner(CopyPlace target) {
    if (!targetAsked) {
      targetAsked = true;
      installed.remove(target.boot());
      askedTick = -RegionSteward.RETRY_TICKS;
    }
    return isInstalled(target);
  }

  /** The place answered, in the boot that the row names, that it has no copy. */
  boolean isMissing(CopyPlace place) {
    return missing.contains(place.boot());
  }

  void markMissing(CopyPlace place) {
    if (!isMissing(place)) {
      missing.add(place.boot());
    }
  }

  /** One more complaint about a place, under the present row; true when it is one too many. */
  boolean complain(CopyPlace place, int tick) {
    if (!place.equals(complained) || tick - complainedTick > RegionSteward.COMPLAINT_GAP_TICKS) {
      complained = place;
      complaints = 0;
    }
    complainedTick = tick;
    if (++complaints < RegionSteward.COMPLAINTS) {
      return false;
    }
    avoided.add(new Avoided(place, tick + RegionSteward.AVOID_TICKS));
    return true;
  }

  /** What was complained of a place no longer counts. */
  void forgive(CopyPlace place) {
    avoided.removeIf(each -> each.place().equals(place));
    if (place.equals(complained)) {
      complaints = 0;
    }
  }

  boolean isAvoided(CopyPlace place, int tick) {
    avoided.removeIf(each -> each.untilTick() <= tick);
    for (Avoided each : avoided) {
      if (each.place().equals(place)) {
        return true;
      }
    }
    return false;
  }

  void addAvoided(Set<ComponentId> components, int tick) {
    avoided.removeIf(each -> each.untilTick() <= tick);
    avoided.forEach(each -> components.add(each.place().component()));
  }

  boolean membersInstalled() {
    for (CopyPlace member : row.members()) {
      if (!isInstalled(member)) {
        return false;
      }
    }
    return true;
  }

  /** One is on its way into the configuration, or in it and not complete. */
  boolean isMakingACopy() {
    return reservation != null || row.learner() != null;
  }

  /**
   * Something waits for the copy that is being made: the region has too few of them, or its process
   * wants to grow. Otherwise it only moves.
   */
  boolean isUrgent() {
    Learner learner = row.learner();
    boolean home =
        learner != null
            ? learner.purpose() == Purpose.HOME
            : reservation != null && reservation.purpose() == Purpose.HOME;
    return crowded != null || (!home && !row.isProtected());
  }

  boolean isSettled() {
    return membersInstalled() && isInstalled(row.home());
  }
}
