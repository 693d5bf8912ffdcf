package org.splitrack.manager.internal.memory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.CopyRole;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.manager.internal.authority.ConfigStore;
import org.splitrack.manager.internal.authority.MigrationTask;
import org.splitrack.manager.internal.membership.Member;
import org.splitrack.manager.internal.membership.Membership;
import org.splitrack.manager.internal.memory.Migrations.Wanted;

/** What a person asks about where regions are. Every refusal is one line. Safe from any thread. */
public final class MigrationCommands {
  /** Regions that can be asked for at once. */
  public static final int MAX_MOVES = 1_024;

  private final ConfigStore store;
  private final Membership membership;
  private final MemoryLedger ledger;
  private final RegionWatch watch;
  private final Migrations migrations;

  public MigrationCommands(
      ConfigStore store,
      Membership membership,
      MemoryLedger ledger,
      RegionWatch watch,
      Migrations migrations) {
    this.store = store;
    this.membership = membership;
    this.ledger = ledger;
    this.watch = watch;
    this.migrations = migrations;
  }

  /** A region that is to have its home there. */
  public record Move(RegionId region, ComponentId target) {}

  /**
   * What came of a wish.
   *
   * @param refusal NOT_FOUND, EXISTS, FULL, UNAVAILABLE or BAD_REQUEST; null when it begins
   */
  public record Outcome(Move move, @Nullable MigrationTask task, @Nullable ControlFault refusal) {}

  /**
   * Begins to move a region's home while its process runs.
   *
   * @throws ControlFault NOT_FOUND, EXISTS, FULL, UNAVAILABLE, BAD_REQUEST
   */
  public MigrationTask migrate(RegionId region, ComponentId target) {
    Outcome outcome = migrate(List.of(new Move(region, target))).getFirst();
    if (outcome.task() == null) {
      throw Objects.requireNonNull(outcome.refusal());
    }
    return outcome.task();
  }

  /**
   * Begins to move several at once, which is faster than one by one; each may be refused by itself.
   *
   * @return in the order of the wishes
   * @throws ControlFault UNAVAILABLE when none begins; BAD_REQUEST for more than {@link #MAX_MOVES}
   */
  public List<Outcome> migrate(List<Move> moves) {
    if (moves.size() > MAX_MOVES) {
      throw new ControlFault(Code.BAD_REQUEST, "at most " + MAX_MOVES + " regions at once");
    }
    if (moves.stream().map(Move::region).distinct().count() < moves.size()) {
      throw new ControlFault(Code.BAD_REQUEST, "a region is named twice");
    }
    Map<RegionId, ControlFault> refused = new HashMap<>();
    Map<RegionId, Admitted> admitted = new LinkedHashMap<>();
    for (Move move : moves) {
      try {
        admitted.put(move.region(), admit(move.region(), move.target()));
      } catch (ControlFault e) {
        refused.put(move.region(), e);
      }
    }
    Map<RegionId, MigrationTask> begun = admitted.isEmpty() ? Map.of() : begin(admitted, refused);
    return moves.stream()
        .map(move -> new Outcome(move, begun.get(move.region()), refused.get(move.region())))
        .toList();
  }

  private record Admitted(ComponentId source, CopyPlace target) {}

  private Map<RegionId, MigrationTask> begin(
      Map<RegionId, Admitted> admitted, Map<RegionId, ControlFault> refused) {
    List<Wanted> wanted = new ArrayList<>();
    admitted.forEach(
        (region, move) -> wanted.add(new Wanted(region, move.source(), move.target().component())));
    Map<RegionId, MigrationTask> begun = new LinkedHashMap<>();
    migrations.begin(wanted, "requested").forEach(task -> begun.put(task.region(), task));
    Map<RegionId, CopyPlace> targets = new LinkedHashMap<>();
    admitted.forEach(
        (region, move) -> {
          if (begun.containsKey(region)) {
            targets.put(region, move.target());
          } else {
            refused.put(
                region, new ControlFault(Code.EXISTS, "region " + region + " is moving already"));
          }
        });
    try {
      watch
          .migrate(targets)
          .forEach(
              (region, refusal) -> {
                var _ = migrations.end(region, refusal);
                begun.remove(region);
                refused.put(region, new ControlFault(Code.EXISTS, refusal));
              });
    } catch (ControlFault e) {
      begun.keySet().forEach(region -> migrations.end(region, e.getMessage()));
      throw e;
    }
    return begun;
  }

  private Admitted admit(RegionId region, ComponentId target) {
    RegionConfig row =
        store
            .region(region)
            .orElseThrow(() -> new ControlFault(Code.NOT_FOUND, "there is no region " + region));
    Member member = requireTarget(target);
    if (row.home().component().equals(target)) {
      throw new ControlFault(Code.EXISTS, "region " + region + " is on " + target + " already");
    }
    if (row.roleOf(member.boot()) == CopyRole.NONE
        && ledger.freePages(member) < row.reservedPages()) {
      throw new ControlFault(
          Code.FULL,
          target
              + " is full: region "
              + region
              + " needs "
              + row.reservedPages()
              + " pages and "
              + ledger.freePages(member)
              + " are free");
    }
    return new Admitted(
        row.home().component(), new CopyPlace(target, member.boot(), member.endpoint()));
  }

  private Member requireTarget(ComponentId target) {
    if (target.role() != Role.MCOMPONENT) {
      throw new ControlFault(Code.BAD_REQUEST, target + " is no mComponent");
    }
    Member member =
        membership
            .member(target)
            .orElseThrow(() -> new ControlFault(Code.NOT_FOUND, "there is no component " + target));
    if (!member.isUp()) {
      throw new ControlFault(
          Code.UNAVAILABLE, target + " is " + member.shownState().text() + " and takes no region");
    }
    return member;
  }

  /**
   * Gives one up, if it has not handed over yet; how it ended is to be asked for.
   *
   * @throws ControlFault NOT_FOUND, EXISTS when it is over
   */
  public MigrationTask abort(long migration) {
    MigrationTask task = migrations.require(migration);
    if (task.endedAt() != null) {
      throw new ControlFault(
          Code.EXISTS, "migration " + migration + " is over: " + task.state().text());
    }
    migrations.aborting(migration);
    watch.abort(task.region(), "aborted by command");
    return migrations.require(migration);
  }

  /**
   * Regions of which the next single kill may lose something; empty when this manager does not lead
   * and so does not know.
   */
  public Optional<List<RegionId>> unprotected() {
    return watch.unprotected();
  }

  public List<MigrationTask> all() {
    return migrations.all();
  }

  public MigrationTask require(long migration) {
    return migrations.require(migration);
  }
}
