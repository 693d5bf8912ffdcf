package org.splitrack.manager.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.manager.internal.memory.RegionPlacement.Choice;
import org.splitrack.manager.internal.memory.RegionPlacement.Room;
import org.splitrack.manager.internal.memory.RegionPlacement.Wanted;

class RegionPlacementTest {
  private static final ProcessId P = new ProcessId(1);

  @Test
  void shouldPreferTheMComponentWithMuchMoreRoom() {
    // given
    List<Room> rooms = List.of(room(0, regions(10)), room(1, regions(60)), room(2, regions(20)));
    // when
    List<Room> order = RegionPlacement.another(P, rooms, List.of(), wanted(1).getFirst());
    // then
    assertThat(order).extracting(room -> room.component().ordinal()).containsExactly(1, 2, 0);
  }

  @Test
  void shouldSpreadOneGrowthEvenlyOverEqualMComponents() {
    // given
    List<Room> rooms = List.of(room(0, regions(64)), room(1, regions(64)), room(2, regions(64)));
    // when
    List<Choice> choices = RegionPlacement.choose(P, rooms, wanted(32), 1).orElseThrow();
    // then
    assertThat(homeCounts(choices).values()).containsExactlyInAnyOrder(11, 11, 10);
  }

  @Test
  void shouldSpreadAProcessThatGrowsOneRegionAtATime() {
    // given
    int[] held = new int[3];
    long[] free = {regions(64), regions(64), regions(64)};
    // when
    for (int index = 0; index < 12; index++) {
      List<Room> rooms = IntStream.range(0, 3).mapToObj(i -> room(i, free[i], held[i])).toList();
      Choice choice =
          RegionPlacement.choose(P, rooms, List.of(new Wanted(index, PageGeometry.REGION_PAGES)), 1)
              .orElseThrow()
              .getFirst();
      int home = home(choice);
      held[home]++;
      free[home] -= PageGeometry.REGION_PAGES;
    }
    // then
    assertThat(held).containsOnly(4);
  }

  @Test
  void shouldSpreadSmallProcessesOverEqualMComponents() {
    // given
    List<Room> rooms = List.of(room(0, regions(64)), room(1, regions(64)), room(2, regions(64)));
    // when
    Map<Integer, Integer> firsts = new HashMap<>();
    for (int process = 1; process <= 300; process++) {
      Choice choice =
          RegionPlacement.choose(new ProcessId(process), rooms, List.of(new Wanted(0, 17)), 1)
              .orElseThrow()
              .getFirst();
      firsts.merge(home(choice), 1, Integer::sum);
    }
    // then
    assertThat(firsts.values()).containsOnly(100);
  }

  @Test
  void shouldLeaveOutThoseWithoutRoomForTheRegion() {
    // given
    List<Room> rooms = List.of(room(0, 16), room(1, 15), room(2, 0));
    // when
    List<Room> order = RegionPlacement.another(P, rooms, List.of(), new Wanted(0, 16));
    // then
    assertThat(order).containsExactly(rooms.getFirst());
  }

  @Test
  void shouldChooseNothingWhenTheRegionsBeforeTookTheRoom() {
    // given
    List<Room> rooms = List.of(room(0, regions(1)), room(1, regions(1)));
    // when, then
    assertThat(RegionPlacement.choose(P, rooms, wanted(2), 1)).isPresent();
    assertThat(RegionPlacement.choose(P, rooms, wanted(3), 1)).isEmpty();
  }

  @Test
  void shouldPutTwoCopiesOnTwoComponentsAndSpreadThem() {
    // given
    List<Room> rooms = List.of(room(0, regions(64)), room(1, regions(64)), room(2, regions(64)));
    // when
    List<Choice> choices = RegionPlacement.choose(P, rooms, wanted(30), 2).orElseThrow();
    // then
    Map<Integer, Integer> copies = new HashMap<>(homeCounts(choices));
    for (Choice choice : choices) {
      assertThat(choice.second()).isNotNull().isNotEqualTo(choice.home());
      copies.merge(second(choice), 1, Integer::sum);
    }
    assertThat(copies.values()).containsOnly(20);
  }

  @Test
  void shouldPreferAnotherNodeForTheSecondCopy() {
    // given
    List<Room> rooms =
        List.of(
            onNode("a", room(0, regions(60))),
            onNode("a", room(1, regions(60))),
            onNode("b", room(2, regions(20))));
    // when
    List<Choice> choices = RegionPlacement.choose(P, rooms, wanted(8), 2).orElseThrow();
    // then
    assertThat(choices).allMatch(choice -> home(choice) != 2 && second(choice) == 2);
  }

  @Test
  void shouldChooseNothingForTwoCopiesWhenOnlyOneComponentHasRoom() {
    // given
    List<Room> rooms = List.of(room(0, regions(64)), room(1, regions(1) - 1));
    // when, then
    assertThat(RegionPlacement.choose(P, rooms, wanted(1), 1)).isPresent();
    assertThat(RegionPlacement.choose(P, rooms, wanted(1), 2)).isEmpty();
  }

  @Test
  void shouldUseAllRoomThereIsBeforeItRefuses() {
    long seed = Long.getLong("splitrack.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      // given
      List<Room> rooms = new ArrayList<>();
      int total = 0;
      for (int i = 0; i < 1 + random.nextInt(5); i++) {
        int count = random.nextInt(8);
        total += count;
        rooms.add(room(i, regions(count)));
      }
      ProcessId process = new ProcessId(1 + random.nextInt(100));
      // then
      assertThat(RegionPlacement.choose(process, rooms, wanted(total), 1))
          .as("seed %d round %d", seed, round)
          .isPresent();
      assertThat(RegionPlacement.choose(process, rooms, wanted(total + 1), 1))
          .as("seed %d round %d", seed, round)
          .isEmpty();
    }
  }

  private static long regions(int count) {
    return (long) count * PageGeometry.REGION_PAGES;
  }

  private static Room room(int ordinal, long freePages) {
    return room(ordinal, freePages, 0);
  }

  private static Room room(int ordinal, long freePages, int copiesOfProcess) {
    CopyPlace place =
        new CopyPlace(
            new ComponentId(Role.MCOMPONENT, ordinal),
            new BootId(ordinal + 1),
            new Endpoint("127.0.0.1", 1 + ordinal));
    return new Room(place, "node", freePages, copiesOfProcess);
  }

  private static Room onNode(String node, Room room) {
    return new Room(room.place(), node, room.freePages(), room.copiesOfProcess());
  }

  private static List<Wanted> wanted(int count) {
    return IntStream.range(0, count)
        .mapToObj(index -> new Wanted(index, PageGeometry.REGION_PAGES))
        .toList();
  }

  private static int home(Choice choice) {
    return choice.home().component().ordinal();
  }

  private static int second(Choice choice) {
    return choice.secondaries().getFirst().component().ordinal();
  }

  private static Map<Integer, Integer> homeCounts(List<Choice> choices) {
    Map<Integer, Integer> counts = new HashMap<>();
    choices.forEach(choice -> counts.merge(home(choice), 1, Integer::sum));
    return counts;
  }
}
