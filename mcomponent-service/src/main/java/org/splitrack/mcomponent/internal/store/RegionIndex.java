package org.splitrack.mcomponent.internal.store;

import org.jspecify.annotations.Nullable;

/** Regions by id without boxing: open addressing, linear probing, at most half full. */
final class RegionIndex {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private @Nullable HeldRegion[] slots = new HeldRegion[64];
  private int count;

  int count() {
    return count;
  }

  int slotCount() {
    return slots.length;
  }

  @Nullable HeldRegion at(int slot) {
    return slot < slots.length ? slots[slot] : null;
  }

  @Nullable HeldRegion find(long region) {
    int slot = home(region);
    HeldRegion held;
    while ((held = slots[slot]) != null) {
      if (held.region().value() == region) {
        return held;
      }
      slot = next(slot);
    }
    return null;
  }

  /** Adds a region that is not there. */
  void add(HeldRegion added) {
    if (2 * (count + 1) > slots.length) {
      grow();
    }
    place(added);
    count++;
  }

  /** Takes a region out and returns it, or null when it is not there. */
  @Nullable HeldRegion remove(long region) {
    int slot = home(region);
    HeldRegion held;
    while ((held = slots[slot]) != null && held.region().value() != region) {
      slot = next(slot);
    }
    if (held != null) {
      slots[slot] = null;
      count--;
      closeGap(slot);
    }
    return held;
  }

  /** Moves up those that probing would no longer reach across the gap. */
  private void closeGap(int gap) {
    int slot = next(gap);
    HeldRegion held;
    while ((held = slots[slot]) != null) {
      slots[slot] = null;
      place(held);
      slot = next(slot);
    }
  }

  private void grow() {
    @Nullable HeldRegion[] before = slots;
    slots = new HeldRegion[before.length * 2];
    for (HeldRegion held : before) {
      if (held != null) {
        place(held);
      }
    }
  }

  private void place(HeldRegion held) {
    int slot = home(held.region().value());
    while (slots[slot] != null) {
      slot = next(slot);
    }
    slots[slot] = held;
  }

  private int home(long region) {
    return (int) ((region * GOLDEN) >>> 32) & (slots.length - 1);
  }

  private int next(int slot) {
    return (slot + 1) & (slots.length - 1);
  }
}
