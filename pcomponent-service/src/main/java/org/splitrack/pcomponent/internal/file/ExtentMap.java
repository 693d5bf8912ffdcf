package org.splitrack.pcomponent.internal.file;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.control.FileCalls;
import org.splitrack.fabric.control.FileCalls.ExtentGrant;
import org.splitrack.fabric.storage.StorageClient.Place;

/**
 * Where the parts of a file are, as far as it is known: for each run of {@link
 * FileCalls#MAX_EXTENTS} extents the manager has been asked, or not yet. Guarded by the file's
 * lock.
 */
final class ExtentMap {
  private final Map<Long, Place> places = new HashMap<>();
  private final Set<Long> knownRuns = new HashSet<>();

  static long extentOf(long offset) {
    return offset / FileCalls.EXTENT_BYTES;
  }

  static int offsetInExtent(long offset) {
    return (int) (offset % FileCalls.EXTENT_BYTES);
  }

  /** The first extent of the run that a call asks for. */
  static long runStart(long extent) {
    return extent / FileCalls.MAX_EXTENTS * FileCalls.MAX_EXTENTS;
  }

  /** False: whether there is such an extent has to be asked first. */
  boolean isKnown(long extent) {
    return places.containsKey(extent) || knownRuns.contains(runStart(extent));
  }

  /** Null where the file has a hole, or where that is not known. */
  @Nullable Place at(long extent) {
    return places.get(extent);
  }

  int count() {
    return places.size();
  }

  /** All extents that there are of the run that begins at {@code runStart}. */
  void putRun(long runStart, List<ExtentGrant> grants) {
    knownRuns.add(runStart);
    put(grants);
  }

  void put(List<ExtentGrant> grants) {
    for (ExtentGrant grant : grants) {
      places.put(grant.index(), new Place(grant.component(), grant.extent()));
    }
  }

  /** Those from {@code extent} on are gone. */
  void cut(long extent) {
    places.keySet().removeIf(index -> index >= extent);
  }

  /** Nothing is known any more. */
  void clear() {
    places.clear();
    knownRuns.clear();
  }
}
