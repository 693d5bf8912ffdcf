package org.splitrack.simulation.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.region.ConfigChange;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.CopyRole;
import org.splitrack.fabric.region.InstallAnswer;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.fabric.region.RegionSteward;
import org.splitrack.fabric.region.StoreAnswer;

/**
 * A manager's growths of regions that are reserved in part: all holders take the row with more
 * pages, then the authority stores it, then the process is told. A holder without room has its copy
 * moved by {@link RegionSteward#relieve} first.
 */
final class Growths {
  private static final int ANSWER_TICKS = 40;
  private static final int RELIEF_TICKS = 80;

  private final ManagerNode manager;
  private final World world;
  private final TreeMap<RegionId, Growth> growths = new TreeMap<>();
  private int tick;

  Growths(ManagerNode manager) {
    this.manager = manager;
    this.world = manager.world;
  }

  private static final class Growth {
    final ProcessNode from;
    final int pages;
    final Set<ComponentId> awaited = new TreeSet<>();
    RegionConfig row;

    /** Where there was no room; that copy is being moved. */
    @Nullable CopyPlace full;

    int moves;
    int sinceTick;

    Growth(ProcessNode from, int pages, RegionConfig row) {
      this.from = from;
      this.pages = pages;
      this.row = row;
      this.moves = row.members().size() + 1;
    }

    RegionConfig grown() {
      return row.reserving(pages);
    }
  }

  /** One growth of a region after the other; what comes meanwhile is asked for again. */
  void begin(ProcessNode from, RegionId region, int pages) {
    RegionConfig row = manager.steward().row(region);
    if (row == null || row.state() == RegionConfig.State.LOST || growths.containsKey(region)) {
      return;
    }
    if (row.reservedPages() >= pages) {
      manager.answerGrowth(from, row, pages, false);
      return;
    }
    Growth growth = new Growth(from, pages, row);
    growths.put(region, growth);
    reserve(growth);
  }

  private void reserve(Growth growth) {
    growth.sinceTick = tick;
    growth.full = null;
    growth.awaited.clear();
    for (CopyPlace place : places(growth.row)) {
      growth.awaited.add(place.component());
      manager.installGrown(place, growth.grown());
    }
  }

  private static List<CopyPlace> places(RegionConfig row) {
    List<CopyPlace> places = new ArrayList<>(row.members());
    places.add(row.home());
    return places;
  }

  /** Whether that was an answer to a growth; else it is one to the steward. */
  boolean onAnswer(RegionConfig row, CopyPlace place, InstallAnswer answer) {
    Growth growth = growths.get(row.region());
    if (growth == null || !growth.grown().equals(row)) {
      return false;
    }
    if (growth.full != null || !growth.awaited.contains(place.component())) {
      return true;
    }
    boolean full = answer.kind() == InstallAnswer.Kind.FULL;
    if (answer.kind() == InstallAnswer.Kind.INSTALLED
        || (full && world.plants(Plant.GROWN_WITHOUT_ROOM))) {
      growth.awaited.remove(place.component());
      if (growth.awaited.isEmpty()) {
        manager.storeGrown(new ConfigChange(growth.row, growth.grown(), "more pages"));
      }
    } else if (full) {
      relieve(growth, place);
    } else {
      growths.remove(row.region());
    }
    return true;
  }

  private void relieve(Growth growth, CopyPlace full) {
    RegionId region = growth.row.region();
    if (growth.moves-- == 0) {
      growths.remove(region);
      manager.answerGrowth(growth.from, growth.row, growth.pages, true);
      return;
    }
    growth.full = full;
    growth.sinceTick = tick;
    manager.steward().relieve(region, full, growth.pages);
  }

  void onStored(ConfigChange change, StoreAnswer answer) {
    RegionConfig grown = change.next();
    Growth growth = growths.get(grown.region());
    if (growth != null && growth.grown().equals(grown)) {
      growths.remove(grown.region());
    }
    RegionSteward steward = manager.steward();
    if (answer == StoreAnswer.CONFLICT) {
      manager.reload(List.of(grown.region()));
    } else if (answer == StoreAnswer.STORED && steward.row(grown.region()) != null) {
      steward.onRows(List.of(grown));
      InstallAnswer installed = new InstallAnswer(InstallAnswer.Kind.INSTALLED, grown);
      for (CopyPlace place : places(grown)) {
        steward.onInstallAnswer(grown.region(), place, grown.epoch(), installed);
      }
      if (growth != null) {
        manager.answerGrowth(growth.from, grown, growth.pages, false);
      }
    }
  }

  void onTick() {
    tick++;
    if (!manager.steward().isLeading()) {
      growths.clear();
    }
    for (RegionId region : List.copyOf(growths.keySet())) {
      Growth growth = growths.get(region);
      if (growth != null && growth.full != null) {
        awaitRelief(region, growth, growth.full);
      } else if (growth != null && tick - growth.sinceTick >= ANSWER_TICKS) {
        growths.remove(region);
      }
    }
  }

  private void awaitRelief(RegionId region, Growth growth, CopyPlace full) {
    if (manager.steward().isRelieving(region) && tick - growth.sinceTick < RELIEF_TICKS) {
      return;
    }
    RegionConfig row = manager.steward().row(region);
    if (row == null || row.state() == RegionConfig.State.LOST) {
      growths.remove(region);
      return;
    }
    growth.row = row;
    boolean moved = row.roleOf(full.boot()) == CopyRole.NONE;
    if (moved) {
      world.coverage.happened(Coverage.Event.RELIEVED);
    }
    if (moved && world.plants(Plant.RELIEF_TAKEN_FOR_ROOM)) {
      growth.full = null;
      manager.storeGrown(new ConfigChange(row, growth.grown(), "more pages"));
    } else {
      reserve(growth);
    }
  }
}
