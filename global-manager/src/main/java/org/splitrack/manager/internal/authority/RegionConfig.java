package org.splitrack.manager.internal.authority;

import java.util.List;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.memory.RegionGrant;
import org.splitrack.fabric.report.StateChange.RegionState;

/**
 * Who serves a region; immutable, replaced by compare-and-set on its epoch.
 *
 * @param index which 16 MiB of the process's address space
 * @param term of the manager that decided it
 * @param homeBoot the start of the home in which the region is installed
 * @param reservedPages pages, from the region's first, that the home has set aside
 */
public record RegionConfig(
    RegionId region,
    ProcessId process,
    int index,
    long epoch,
    long term,
    ComponentId home,
    BootId homeBoot,
    Endpoint endpoint,
    int reservedPages) {

  public RegionConfig reserving(int pages) {
    return new RegionConfig(region, process, index, epoch, term, home, homeBoot, endpoint, pages);
  }

  public boolean isAt(ComponentId component, BootId boot) {
    return home.equals(component) && homeBoot.equals(boot);
  }

  /** As its process gets to know it. */
  public RegionGrant grant() {
    return new RegionGrant(region, index, epoch, home, homeBoot, endpoint, reservedPages);
  }

  /** The row of {@code api.regions}; {@code ended} removes it. */
  public RegionState asReported(boolean ended) {
    return new RegionState(
        region.value(),
        process.value(),
        index,
        home.toString(),
        List.of(),
        epoch,
        term,
        "private",
        reservedPages,
        1,
        1,
        "none",
        false,
        ended);
  }
}
