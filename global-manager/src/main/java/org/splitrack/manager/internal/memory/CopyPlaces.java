package org.splitrack.manager.internal.memory;

import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.CopyPlacement;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.manager.internal.membership.Member;
import org.splitrack.manager.internal.membership.Membership;
import org.splitrack.manager.internal.memory.RegionPlacement.Room;
import org.splitrack.manager.internal.memory.RegionPlacement.Wanted;

/** Where one more copy of a region goes, by what is free at this moment. */
public final class CopyPlaces implements CopyPlacement {
  private final Membership membership;
  private final MemoryLedger ledger;
  private final Consumer<RegionConfig> onNoRoom;

  /**
   * @param onNoRoom told of a region for which there is no place
   */
  public CopyPlaces(Membership membership, MemoryLedger ledger, Consumer<RegionConfig> onNoRoom) {
    this.membership = membership;
    this.ledger = ledger;
    this.onNoRoom = onNoRoom;
  }

  @Override
  public @Nullable CopyPlace choose(RegionConfig row, Role role, Set<ComponentId> excluded) {
    List<ComponentId> holders =
        Stream.concat(Stream.of(row.home()), row.members().stream())
            .map(CopyPlace::component)
            .toList();
    List<Member> known =
        membership.members().stream()
            .filter(member -> member.hasRole(role))
            .filter(member -> member.isUp() || holders.contains(member.component()))
            .toList();
    List<Room> rooms = ledger.rooms(known, member -> 0);
    List<Room> holding = rooms.stream().filter(room -> holders.contains(room.component())).toList();
    List<Room> free = rooms.stream().filter(room -> !excluded.contains(room.component())).toList();
    List<Room> order =
        RegionPlacement.another(
            row.process(), free, holding, new Wanted(row.index(), row.reservedPages()));
    if (order.isEmpty()) {
      onNoRoom.accept(row);
      return null;
    }
    return order.getFirst().place();
  }
}
