package org.splitrack.fabric.region;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.Role;

/** What a steward asks for is written down, and answered as a rack without faults would. */
final class FakeRack implements StewardEffects, CopyPlacement {
  final List<String> log = new ArrayList<>();
  final TreeMap<RegionId, RegionConfig> rows = new TreeMap<>();
  final TreeMap<ComponentId, FakeCopy> copies = new TreeMap<>();
  final List<CopyPlace> places = new ArrayList<>();
  final List<Long> releasedAt = new ArrayList<>();
  final List<Runnable> due = new ArrayList<>();
  final RegionSteward steward = new RegionSteward(this, this);
  StoreAnswer storeAnswer = StoreAnswer.STORED;
  boolean stores = true;
  boolean roomForMore = true;

  /** What was last asked for when a place was chosen. */
  int pagesAsked;

  @Nullable ComponentId silent;

  FakeRack(CopyPlace... all) {
    for (CopyPlace place : all) {
      places.add(place);
      copies.put(place.component(), new FakeCopy(place));
      steward.onPresent(place);
    }
  }

  FakeRack leading(RegionConfig... all) {
    for (RegionConfig row : all) {
      rows.put(row.region(), row);
    }
    steward.onLeading(1, List.copyOf(rows.values()));
    return run();
  }

  /** Answers until nothing is asked any more. */
  FakeRack run() {
    while (!due.isEmpty()) {
      due.removeFirst().run();
    }
    return this;
  }

  void kill(CopyPlace place) {
    places.remove(place);
    steward.onBootGone(place);
    run();
  }

  FakeRack ticks(int count) {
    for (int i = 0; i < count; i++) {
      steward.onTick();
      run();
    }
    return this;
  }

  RegionConfig row() {
    RegionConfig row = rows.get(Places.REGION);
    if (row == null) {
      throw new AssertionError("no row");
    }
    return row;
  }

  FakeCopy copyAt(CopyPlace place) {
    FakeCopy copy = copies.get(place.component());
    if (copy == null) {
      throw new AssertionError("no copy");
    }
    return copy;
  }

  @Override
  public void store(long change, List<ConfigChange> changes) {
    if (!stores) {
      return;
    }
    StoreAnswer answer = storeAnswer;
    if (answer == StoreAnswer.STORED || answer == StoreAnswer.UNKNOWN) {
      for (ConfigChange each : changes) {
        if (!each.expected().equals(rows.get(each.next().region()))) {
          answer = StoreAnswer.CONFLICT;
        }
      }
      if (answer != StoreAnswer.CONFLICT) {
        changes.forEach(each -> rows.put(each.next().region(), each.next()));
      }
    }
    log.add("store " + changes.size() + ": " + changes.getFirst().reason());
    StoreAnswer given = answer;
    due.add(() -> steward.onStored(change, given));
  }

  @Override
  public void reload(List<RegionId> regions) {
    List<RegionConfig> found = new ArrayList<>();
    for (RegionId region : regions) {
      RegionConfig row = rows.get(region);
      if (row != null) {
        found.add(row);
      }
    }
    due.add(() -> steward.onReloaded(regions, found));
  }

  @Override
  public void reserve(CopyPlace place, RegionConfig row, long term) {
    log.add("reserve " + place.component());
    due.add(() -> steward.onReserved(row.region(), place, roomForMore));
  }

  @Override
  public void install(CopyPlace place, RegionConfig row, long term) {
    log.add("install " + row.epoch() + " at " + place.component());
    if (place.component().equals(silent)) {
      return;
    }
    due.add(
        () ->
            steward.onInstallAnswer(
                row.region(),
                place,
                row.epoch(),
                row.region().equals(Places.REGION)
                    ? copyAt(place).copy.onInstall(row, term)
                    : new InstallAnswer(InstallAnswer.Kind.INSTALLED, row)));
  }

  @Override
  public void release(CopyPlace place, RegionId region, long epoch, long term) {
    log.add("release " + place.component());
    releasedAt.add(epoch);
  }

  @Override
  public void tell(RegionConfig row) {
    log.add("tell " + row.epoch());
    due.add(() -> steward.onTold(row.region(), row.epoch()));
  }

  @Override
  public void probe(CopyPlace place) {
    boolean answered = !place.component().equals(silent);
    due.add(() -> steward.onProbed(place, answered));
  }

  @Override
  public void changed(ConfigChange change) {}

  @Override
  public void settled(RegionConfig row) {}

  @Override
  public void lost(RegionConfig row, String reason) {
    log.add("lost: " + reason);
  }

  @Override
  public void migrated(RegionId region, CopyPlace target, @Nullable String error) {
    log.add("migrated to " + target.component() + ": " + error);
  }

  @Override
  public void resigned(String reason) {
    log.add("resigned");
  }

  @Override
  public @Nullable CopyPlace choose(RegionConfig row, Role role, Set<ComponentId> excluded) {
    pagesAsked = row.reservedPages();
    for (CopyPlace place : places) {
      if (place.component().role() == role && !excluded.contains(place.component())) {
        return place;
      }
    }
    return null;
  }
}
