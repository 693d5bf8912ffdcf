package org.splitrack.manager.internal.memory;

import java.util.List;
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
import org.splitrack.manager.internal.membership.MemberState;
import org.splitrack.manager.internal.membership.Membership;

/** What a person asks about where regions are. Every refusal is one line. Safe from any thread. */
public final class MigrationCommands {
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

  /**
   * Begins to move a region's home while its process runs.
   *
   * @throws ControlFault NOT_FOUND, EXISTS, FULL, UNAVAILABLE, BAD_REQUEST
   */
  public MigrationTask migrate(RegionId region, ComponentId target) {
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
    MigrationTask task = migrations.begin(region, row.home().component(), target, "requested");
    @Nullable String refusal;
    try {
      refusal = watch.migrate(region, new CopyPlace(target, member.boot(), member.endpoint()));
    } catch (ControlFault e) {
      var _ = migrations.end(region, e.getMessage());
      throw e;
    }
    if (refusal != null) {
      var _ = migrations.end(region, refusal);
      throw new ControlFault(Code.EXISTS, refusal);
    }
    return task;
  }

  private Member requireTarget(ComponentId target) {
    if (target.role() != Role.MCOMPONENT) {
      throw new ControlFault(Code.BAD_REQUEST, target + " is no mComponent");
    }
    Member member =
        membership
            .member(target)
            .orElseThrow(() -> new ControlFault(Code.NOT_FOUND, "there is no component " + target));
    if (member.state() != MemberState.UP) {
      throw new ControlFault(
          Code.UNAVAILABLE, target + " is " + member.state().text() + " and takes no region");
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

  /** Regions of which the next single kill may lose something. */
  public List<RegionId> unprotected() {
    return watch.unprotected();
  }

  public List<MigrationTask> all() {
    return migrations.all();
  }

  public MigrationTask require(long migration) {
    return migrations.require(migration);
  }
}
