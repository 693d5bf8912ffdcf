package org.splitrack.fabric.region;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.region.Learner.Purpose;
import org.splitrack.fabric.region.RegionWork.Reservation;

/**
 * Which configuration follows from what is known of a region and of the components that hold it:
 * first what must be, because a hand-off has happened or a copy is gone, then what was asked for.
 */
final class NextConfig {
  private final Hosts hosts;
  private long term;
  private int tick;

  NextConfig(Hosts hosts) {
    this.hosts = hosts;
  }

  /** The next change of the row, or null when there is none to make now. */
  @Nullable ConfigChange decide(RegionWork work, long managerTerm, int nowTick) {
    term = managerTerm;
    tick = nowTick;
    RegionConfig row = work.row;
    if (work.change != 0 || work.stale || row.state() == RegionConfig.State.LOST) {
      return null;
    }
    RegionConfig handedTo = work.handedTo;
    if (handedTo != null) {
      if (row.isMigrating()
          && handedTo.epoch() == row.epoch() + 1
          && !isGone(work, handedTo.home())) {
        return change(row, row.finished(term), "migration to " + handedTo.home().component());
      }
      if (handedTo.epoch() <= row.epoch()
          && handedTo.epoch() > row.homeSince()
          && handedTo.roleOf(row.home().boot()) == CopyRole.NONE) {
        return afterHandOff(work, row, handedTo);
      }
    }
    if (isGone(work, row.home())) {
      return failOver(work, row);
    }
    // A home that has swapped roles is a secondary: it has all that was acknowledged, and may have
    // more than another secondary has. Home again, it is so alone.
    List<CopyPlace> inSync = inSync(work, row);
    List<CopyPlace> kept = row.isSwapping() ? List.of() : inSync;
    Learner learner = row.learner();
    if (inSync.size() < row.secondaries().size()) {
      return change(row, row.keeping(kept, term), goneText(work, row.secondaries()));
    }
    if (learner != null && isGone(work, learner.place())) {
      return change(row, row.keeping(kept, term), goneText(work, List.of(learner.place())));
    }
    if (learner != null && work.abort != null) {
      return change(row, row.keeping(kept, term), work.abort);
    }
    if (learner != null && work.caughtUp && learner.purpose() == Purpose.SECONDARY) {
      return change(
          row,
          row.keeping(joined(row, learner.place()), term),
          learner.place().component() + " has caught up");
    }
    return learn(work, row);
  }

  /** The row says that this place is home, but it has handed off. */
  private @Nullable ConfigChange afterHandOff(
      RegionWork work, RegionConfig row, RegionConfig handedTo) {
    CopyPlace target = handedTo.home();
    String why = row.home().component() + " has handed off";
    if (!isGone(work, target)) {
      List<CopyPlace> kept = RegionConfig.without(inSync(work, row), target.boot());
      return change(row, row.rehomed(target, kept, term), why);
    }
    for (CopyPlace secondary : inSync(work, row)) {
      if (secondary.isPromotable() && hosts.isUsable(secondary)) {
        return change(row, row.rehomed(secondary, List.of(), term), why);
      }
    }
    return allProvenGone(work, row, target)
        ? change(row, row.lost(term), goneText(work, List.of(target)))
        : null;
  }

  private @Nullable ConfigChange failOver(RegionWork work, RegionConfig row) {
    String why = goneText(work, List.of(row.home()));
    for (CopyPlace secondary : row.secondaries()) {
      if (secondary.isPromotable() && hosts.isUsable(secondary) && !work.isMissing(secondary)) {
        return change(row, row.rehomed(secondary, List.of(), term), why);
      }
    }
    CopyPlace target = row.isMigrating() && row.learner() != null ? row.learner().place() : null;
    if (!isProvenGone(work, row.home()) || !allProvenGone(work, row, null)) {
      return null;
    }
    if (target != null && !isProvenGone(work, target) && !work.isStillLearner(target)) {
      return null;
    }
    return change(row, row.lost(term), why);
  }

  private boolean allProvenGone(RegionWork work, RegionConfig row, @Nullable CopyPlace target) {
    for (CopyPlace secondary : row.secondaries()) {
      if (!isProvenGone(work, secondary)) {
        return false;
      }
    }
    return target == null || isProvenGone(work, target);
  }

  /** Pages have been set aside for a learner: it goes into the row. */
  private @Nullable ConfigChange learn(RegionWork work, RegionConfig row) {
    Reservation reserved = work.reservation;
    if (reserved == null || !reserved.made() || row.learner() != null || !work.isSettled()) {
      return null;
    }
    String what = reserved.purpose() == Purpose.HOME ? "migrating to " : "second copy on ";
    return change(
        row,
        row.learning(new Learner(reserved.place(), reserved.purpose()), term),
        what + reserved.place().component());
  }

  /**
   * The secondaries with the learner; beyond those wanted some drop out, drained ones first. It
   * takes the place of its like only: a log is no memory.
   */
  private List<CopyPlace> joined(RegionConfig row, CopyPlace learner) {
    List<CopyPlace> like = new ArrayList<>();
    for (CopyPlace secondary : row.secondaries()) {
      if (secondary.isPromotable() == learner.isPromotable()) {
        like.add(hosts.isDraining(secondary.component()) ? 0 : like.size(), secondary);
      }
    }
    AckMode ack = row.ack();
    int wanted = learner.isPromotable() ? ack.copiesWanted() - 1 : ack.logsWanted();
    int surplus = Math.clamp(like.size() + 1 - wanted, 0, like.size());
    List<CopyPlace> joined = new ArrayList<>(row.secondaries());
    joined.removeAll(like.subList(0, surplus));
    joined.add(learner);
    return joined;
  }

  private List<CopyPlace> inSync(RegionWork work, RegionConfig row) {
    List<CopyPlace> kept = new ArrayList<>(row.secondaries().size());
    for (CopyPlace secondary : row.secondaries()) {
      if (!isGone(work, secondary)) {
        kept.add(secondary);
      }
    }
    return kept;
  }

  private boolean isGone(RegionWork work, CopyPlace place) {
    return hosts.isGone(place) || work.isMissing(place) || work.isAvoided(place, tick);
  }

  private boolean isProvenGone(RegionWork work, CopyPlace place) {
    return hosts.isProvenGone(place) || work.isMissing(place);
  }

  private String goneText(RegionWork work, List<CopyPlace> places) {
    StringBuilder text = new StringBuilder();
    for (CopyPlace place : places) {
      if (isGone(work, place)) {
        text.append(text.isEmpty() ? "" : ", ").append(place.component());
        text.append(isProvenGone(work, place) ? " is gone" : " is silent");
      }
    }
    return text.toString();
  }

  private static ConfigChange change(RegionConfig row, RegionConfig next, String reason) {
    return new ConfigChange(row, next, reason);
  }
}
