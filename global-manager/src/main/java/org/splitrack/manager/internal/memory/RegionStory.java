package org.splitrack.manager.internal.memory;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.MemoryCalls.HandedOff;
import org.splitrack.fabric.control.MemoryCalls.Stall;
import org.splitrack.fabric.region.ConfigChange;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.CopyRole;
import org.splitrack.fabric.region.Learner;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.fabric.report.StateChange.FailoverState;
import org.splitrack.manager.internal.authority.MigrationTask;
import org.splitrack.manager.internal.authority.NumberSupply;
import org.splitrack.manager.internal.membership.Membership;
import org.splitrack.manager.internal.report.EventLinks;
import org.splitrack.manager.internal.report.RackReports;

/**
 * Tells what happens to regions: their rows, sentences that name what led to them, and one row for
 * each start of a component that failed. Owned by the thread of {@link RegionWatch}.
 */
public final class RegionStory {
  private static final int DOWN_PROBES = 3;
  private static final int MAX_TROUBLES = 256;
  private static final double US_PER_MS = 1e3;

  private final Membership membership;
  private final Migrations migrations;
  private final NumberSupply failoverNumbers;
  private final RackReports reports;
  private final EventLinks links;
  private final InstantSource clock;
  private final Map<CopyPlace, Trouble> troubles = new LinkedHashMap<>();
  private final Map<RegionId, Long> newestEvent = new HashMap<>();
  private final Set<RegionId> unprotected = new HashSet<>();
  private Consumer<Lost> onLost = lost -> {};
  private Consumer<Silent> onSilent = silent -> {};

  public RegionStory(
      Membership membership,
      Migrations migrations,
      NumberSupply failoverNumbers,
      RackReports reports,
      EventLinks links,
      InstantSource clock) {
    this.membership = membership;
    this.migrations = migrations;
    this.failoverNumbers = failoverNumbers;
    this.reports = reports;
    this.links = links;
    this.clock = clock;
  }

  /** No copy of a region is left. */
  public record Lost(RegionConfig row, String reason, long event) {}

  /** What probes say of a component: silent for so long that it is suspect, or down. */
  public record Silent(CopyPlace place, boolean down) {}

  public void onLost(Consumer<Lost> listener) {
    onLost = listener;
  }

  public void onSilent(Consumer<Silent> listener) {
    onSilent = listener;
  }

  /** A start of a component that failed, or may have. */
  private static final class Trouble {
    final Instant suspectedAt;
    final long suspectedNs = System.nanoTime();
    int unanswered;
    boolean down;
    long failover;
    final Set<RegionId> regions = new HashSet<>();
    final Set<RegionId> unsealed = new HashSet<>();
    final Set<RegionId> exposed = new HashSet<>();
    @Nullable Instant committedAt;
    @Nullable Instant sealedAt;
    @Nullable Instant protectedAt;
    long stallUsMax;
    boolean untold;

    Trouble(Instant suspectedAt) {
      this.suspectedAt = suspectedAt;
    }

    /** It cost regions, which are as they should be again, and the component answers. */
    boolean isOver() {
      return protectedAt != null && unanswered == 0 && !down;
    }
  }

  private Trouble trouble(CopyPlace place) {
    if (troubles.size() >= MAX_TROUBLES) {
      troubles.remove(troubles.keySet().iterator().next());
    }
    return troubles.computeIfAbsent(place, key -> new Trouble(clock.instant()));
  }

  // ---- components ----

  void suspected(CopyPlace place, String what) {
    Trouble present = troubles.get(place);
    if (present != null && !present.isOver()) {
      return;
    }
    // One that was frozen and woke up may be frozen again: that is another failure.
    troubles.remove(place);
    trouble(place);
    component(place, "component_suspected", "is suspected: " + what, Map.of("reason", what));
    onSilent.accept(new Silent(place, false));
  }

  void probed(CopyPlace place, boolean answered) {
    Trouble trouble = troubles.get(place);
    if (trouble == null) {
      return;
    }
    if (answered) {
      if (trouble.regions.isEmpty()) {
        troubles.remove(place);
      }
      if (trouble.unanswered > 0 || trouble.regions.isEmpty()) {
        component(place, "component_cleared", "answered", Map.of());
      }
      trouble.unanswered = 0;
      trouble.down = false;
    } else if (++trouble.unanswered >= DOWN_PROBES && !trouble.down) {
      trouble.down = true;
      long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - trouble.suspectedNs);
      String why = "no answer to " + DOWN_PROBES + " probes in " + ms + " ms";
      component(place, "component_down", "is down: " + why, Map.of("reason", why));
      onSilent.accept(new Silent(place, true));
    }
  }

  /** That start is over; membership tells it. */
  void gone(CopyPlace place) {
    trouble(place).down = true;
  }

  private void component(CopyPlace place, String kind, String what, Map<String, Object> more) {
    Map<String, Object> details = new LinkedHashMap<>(more);
    details.put("component", place.component().toString());
    details.put("boot_id", place.boot().toString());
    links.follow(
        place.component(),
        reports.event(
            kind,
            null,
            null,
            links.ofComponent(place.component()),
            place.component() + " " + what,
            details));
  }

  // ---- regions ----

  void changed(ConfigChange change) {
    RegionConfig before = change.expected();
    RegionConfig next = change.next();
    reports.region(next, false);
    Optional<CopyPlace> left = leftBehind(before, next);
    left.ifPresent(place -> note(place, before, next));
    if (before.isProtected() && !next.isProtected()) {
      unprotected.add(next.region());
    }
    Learner learner = next.learner();
    if (next.state() == RegionConfig.State.LOST) {
      return;
    }
    if (!before.home().equals(next.home())) {
      homeChanged(before, next, left, change.reason());
    } else if (learner != null && !learner.equals(before.learner())) {
      if (learner.purpose() == Learner.Purpose.HOME) {
        migrations.copying(next.region());
      } else {
        tell(
            next,
            "region_copying",
            causeIn(next.region()),
            "second copy begins on "
                + learner.place().component()
                + " (epoch "
                + epochs(before, next)
                + ")",
            Map.of("component", learner.place().component().toString(), "epoch", next.epoch()));
      }
    } else if (left.isPresent()) {
      tell(
          next,
          "region_copy_lost",
          links.ofComponent(left.get().component()),
          "copy on "
              + left.get().component()
              + " given up (epoch "
              + epochs(before, next)
              + ", "
              + clause(left.get(), change.reason())
              + ")",
          Map.of(
              "component",
              left.get().component().toString(),
              "epoch_from",
              before.epoch(),
              "epoch_to",
              next.epoch()));
    }
  }

  private void homeChanged(
      RegionConfig before, RegionConfig next, Optional<CopyPlace> left, String reason) {
    boolean moved = before.isMigrating() && before.roleOf(next.home().boot()) != CopyRole.NONE;
    Learner target = before.learner();
    if (moved && target != null && target.place().equals(next.home())) {
      migrationDone(before, next);
      return;
    }
    CopyPlace old = left.orElse(before.home());
    tell(
        next,
        "region_failed_over",
        links.ofComponent(old.component()),
        "home "
            + before.home().component()
            + " → "
            + next.home().component()
            + " (epoch "
            + epochs(before, next)
            + ", "
            + clause(before.home(), reason)
            + ")",
        Map.of(
            "from",
            before.home().component().toString(),
            "to",
            next.home().component().toString(),
            "epoch_from",
            before.epoch(),
            "epoch_to",
            next.epoch(),
            "reason",
            reason));
  }

  private void migrationDone(RegionConfig before, RegionConfig next) {
    Optional<MigrationTask> known = migrations.of(next.region());
    Long cause = known.map(task -> migrations.startEvent(task.migration())).orElse(null);
    Optional<MigrationTask> ended = migrations.end(next.region(), null);
    Map<String, Object> details = new LinkedHashMap<>();
    StringBuilder how = new StringBuilder();
    ended.ifPresent(
        task -> {
          long pages = task.bytes() / org.splitrack.fabric.PageGeometry.PAGE_BYTES;
          how.append(", migration ").append(task.migration());
          how.append(", ").append(pages).append(" pages");
          details.put("migration", task.migration());
          details.put("bytes", task.bytes());
          details.put("rounds", task.rounds());
          if (task.pauseUs() > 0) {
            double ms = task.pauseUs() / US_PER_MS;
            how.append(String.format(java.util.Locale.ROOT, ", write pause %.1f ms", ms));
            details.put("write_pause_ms", ms);
          }
        });
    tell(
        next,
        "migration_done",
        cause == null ? newestEvent.get(next.region()) : cause,
        "home "
            + before.home().component()
            + " → "
            + next.home().component()
            + " (epoch "
            + (before.epoch() - 1)
            + "→"
            + next.epoch()
            + how
            + ")",
        details);
  }

  /** A copy that a failure took; not one that a finished migration leaves. */
  private static Optional<CopyPlace> leftBehind(RegionConfig before, RegionConfig next) {
    Learner learner = before.learner();
    boolean finished =
        before.isMigrating() && learner != null && learner.place().equals(next.home());
    Stream<CopyPlace> places = Stream.concat(Stream.of(before.home()), before.members().stream());
    return finished
        ? Optional.empty()
        : places.filter(place -> next.roleOf(place.boot()) == CopyRole.NONE).findFirst();
  }

  /** Counts a region for the failure that it belongs to. */
  private void note(CopyPlace place, RegionConfig before, RegionConfig next) {
    Trouble trouble = troubles.get(place);
    if (trouble == null || !trouble.down) {
      return;
    }
    trouble.regions.add(next.region());
    trouble.committedAt = clock.instant();
    trouble.sealedAt = null;
    trouble.protectedAt = null;
    trouble.unsealed.add(next.region());
    if (before.ack().copiesWanted() > 1) {
      trouble.exposed.add(next.region());
    }
    trouble.untold = true;
  }

  void settled(RegionConfig row) {
    RegionId region = row.region();
    boolean sealed = false;
    for (Trouble trouble : troubles.values()) {
      if (trouble.unsealed.remove(region)) {
        sealed = true;
        if (trouble.unsealed.isEmpty()) {
          trouble.sealedAt = clock.instant();
          trouble.untold = true;
        }
      }
    }
    if (sealed) {
      tell(
          row,
          "region_sealed",
          newestEvent.get(region),
          "epoch "
              + row.epoch()
              + " installed on "
              + row.home().component()
              + "; epoch "
              + (row.epoch() - 1)
              + " is refused from now on",
          Map.of("component", row.home().component().toString(), "epoch", row.epoch()));
    }
    if (row.isProtected() && unprotected.remove(region)) {
      protectedAgain(row);
    }
  }

  private void protectedAgain(RegionConfig row) {
    List<String> holders =
        Stream.concat(Stream.of(row.home()), row.secondaries().stream())
            .map(place -> place.component().toString())
            .toList();
    tell(
        row,
        "region_protected",
        newestEvent.get(row.region()),
        "two copies again, on " + String.join(" and ", holders) + " (epoch " + row.epoch() + ")",
        Map.of("components", holders, "epoch", row.epoch()));
    for (Trouble trouble : troubles.values()) {
      if (trouble.exposed.remove(row.region()) && trouble.exposed.isEmpty()) {
        trouble.protectedAt = clock.instant();
        trouble.untold = true;
      }
    }
  }

  /** Counts for the failures that the region was part of while it was held up. */
  void stalled(Stall stall) {
    Instant begin = clock.instant().minus(stall.stallUs(), ChronoUnit.MICROS);
    for (Trouble trouble : troubles.values()) {
      boolean meanwhile = trouble.sealedAt == null || !begin.isAfter(trouble.sealedAt);
      if (trouble.regions.contains(stall.region())
          && meanwhile
          && stall.stallUs() > trouble.stallUsMax) {
        trouble.stallUsMax = stall.stallUs();
        trouble.untold = true;
      }
    }
  }

  /** There is no place for the second copy of a region that wants one. */
  public void noRoom(RegionConfig row) {
    if (unprotected.contains(row.region()) && !hasToldNoRoom(row)) {
      tell(
          row,
          "region_unprotected",
          newestEvent.get(row.region()),
          "one copy and no room for another",
          Map.of("epoch", row.epoch()));
      toldNoRoom.put(row.region(), row.epoch());
    }
  }

  private final Map<RegionId, Long> toldNoRoom = new HashMap<>();

  private boolean hasToldNoRoom(RegionConfig row) {
    Long epoch = toldNoRoom.get(row.region());
    return epoch != null && epoch == row.epoch();
  }

  void lost(RegionConfig row, String reason) {
    String why = clause(row.home(), reason) + ", and no copy is left";
    long event =
        tell(
            row,
            "region_lost",
            links.ofComponent(row.home().component()),
            "is lost: " + why,
            Map.of("reason", why));
    onLost.accept(new Lost(row, why, event));
  }

  /** These are no longer anyone's. */
  void ended(List<RegionConfig> gone) {
    for (RegionConfig config : gone) {
      RegionId region = config.region();
      newestEvent.remove(region);
      unprotected.remove(region);
      toldNoRoom.remove(region);
      migrations.end(region, "its process ended");
      for (Trouble trouble : troubles.values()) {
        trouble.unsealed.remove(region);
        trouble.exposed.remove(region);
      }
    }
  }

  // ---- migrations ----

  void handedOff(HandedOff report) {
    migrations.handedOff(
        report.config().region(), report.bytes(), report.rounds(), report.pauseUs());
  }

  void migrated(RegionId region, CopyPlace target, @Nullable String error) {
    Optional<MigrationTask> known = migrations.of(region);
    Long cause = known.map(task -> migrations.startEvent(task.migration())).orElse(null);
    migrations
        .end(region, error)
        .filter(task -> task.error() != null)
        .ifPresent(
            task ->
                newestEvent.put(
                    region,
                    reports.event(
                        "migration_aborted",
                        null,
                        region,
                        cause,
                        "region "
                            + region
                            + ": migration "
                            + task.migration()
                            + " to "
                            + target.component()
                            + " aborted: "
                            + task.error(),
                        Map.of("migration", task.migration(), "reason", String.valueOf(error)))));
  }

  // ---- words ----

  /** {@code mcomponent-1 silent}, as it stands in brackets. */
  private String clause(CopyPlace place, String reason) {
    boolean restarted =
        membership
            .member(place.component())
            .filter(member -> !place.hasBoot(member.boot()))
            .isPresent();
    return reason
        .replace(" is silent", " silent")
        .replace(" is gone", restarted ? " restarted empty" : " gone");
  }

  private static String epochs(RegionConfig before, RegionConfig next) {
    return before.epoch() + "→" + next.epoch();
  }

  private @Nullable Long causeIn(RegionId region) {
    return newestEvent.get(region);
  }

  private long tell(
      RegionConfig row,
      String kind,
      @Nullable Long cause,
      String what,
      Map<String, Object> details) {
    boolean verb = kind.equals("region_lost");
    long event =
        reports.event(
            kind,
            row.process(),
            row.region(),
            cause,
            "region " + row.region() + (verb ? " " : ": ") + what,
            details);
    newestEvent.put(row.region(), event);
    return event;
  }

  /** Reports failovers that went on since the last call. */
  void tellFailovers() {
    for (Map.Entry<CopyPlace, Trouble> entry : troubles.entrySet()) {
      Trouble trouble = entry.getValue();
      if (trouble.untold && !trouble.regions.isEmpty() && hasNumber(trouble)) {
        trouble.untold = false;
        if (trouble.unsealed.isEmpty() && trouble.exposed.isEmpty()) {
          trouble.protectedAt = trouble.protectedAt == null ? clock.instant() : trouble.protectedAt;
        }
        reports.failover(
            new FailoverState(
                trouble.failover,
                entry.getKey().component().toString(),
                entry.getKey().boot().toString(),
                trouble.regions.size(),
                trouble.suspectedAt,
                trouble.sealedAt,
                trouble.committedAt,
                trouble.protectedAt,
                trouble.stallUsMax == 0 ? null : trouble.stallUsMax / US_PER_MS));
      }
    }
  }

  private boolean hasNumber(Trouble trouble) {
    if (trouble.failover == 0) {
      try {
        trouble.failover = failoverNumbers.take(1, java.time.Duration.ZERO).getFirst();
      } catch (ControlFault e) {
        return false;
      }
    }
    return true;
  }

  /** For a person: {@code 7, 9}. */
  static String list(List<RegionId> regions) {
    return regions.stream().map(RegionId::toString).collect(Collectors.joining(", "));
  }
}
