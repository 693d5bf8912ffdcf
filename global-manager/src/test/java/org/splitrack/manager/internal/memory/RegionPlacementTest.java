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
    List<Choice> choices = RegionPlacement.choose(P, rooms, wanted(1));
    // then
    assertThat(ordinals(choices.getFirst())).containsExactly(1, 2, 0);
  }

  @Test
  void shouldSpreadOneGrowthEvenlyOverEqualMComponents() {
    // given
    List<Room> rooms = List.of(room(0, regions(64)), room(1, regions(64)), room(2, regions(64)));
    // when
    List<Choice> choices = RegionPlacement.choose(P, rooms, wanted(32));
    // then
    assertThat(firstCounts(choices).values()).containsExactlyInAnyOrder(11, 11, 10);
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
          RegionPlacement.choose(P, rooms, List.of(new Wanted(index, PageGeometry.REGION_PAGES)))
              .getFirst();
      int home = choice.candidates().getFirst().component().ordinal();
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
          RegionPlacement.choose(new ProcessId(process), rooms, List.of(new Wanted(0, 17)))
              .getFirst();
      firsts.merge(choice.candidates().getFirst().component().ordinal(), 1, Integer::sum);
    }
    // then
    assertThat(firsts.values()).containsOnly(100);
  }

  @Test
  void shouldLeaveOutThoseWithoutRoomForTheRegion() {
    // given
    List<Room> rooms = List.of(room(0, 16), room(1, 15), room(2, 0));
    // when
    Choice choice = RegionPlacement.choose(P, rooms, List.of(new Wanted(0, 16))).getFirst();
    // then
    assertThat(ordinals(choice)).containsExactly(0);
  }

  @Test
  void shouldOfferNothingWhenTheRegionsBeforeTookTheRoom() {
    // given
    List<Room> rooms = List.of(room(0, regions(1)), room(1, regions(1)));
    // when
    List<Choice> choices = RegionPlacement.choose(P, rooms, wanted(3));
    // then
    assertThat(choices.get(0).candidates()).isNotEmpty();
    assertThat(choices.get(1).candidates()).hasSize(1);
    assertThat(choices.get(2).candidates()).isEmpty();
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
      // when
      List<Choice> choices =
          RegionPlacement.choose(new ProcessId(1 + random.nextInt(100)), rooms, wanted(total + 1));
      // then
      assertThat(choices.stream().filter(choice -> !choice.candidates().isEmpty()))
          .as("seed %d round %d", seed, round)
          .hasSize(total);
    }
  }

  private static long regions(int count) {
    return (long) count * PageGeometry.REGION_PAGES;
  }

  private static Room room(int ordinal, long freePages) {
    return room(ordinal, freePages, 0);
  }

  private static Room room(int ordinal, long freePages, int regionsOfProcess) {
    return new Room(
        new ComponentId(Role.MCOMPONENT, ordinal),
        new BootId(ordinal + 1),
        new Endpoint("127.0.0.1", 1 + ordinal),
        freePages,
        regionsOfProcess);
  }

  private static List<Wanted> wanted(int count) {
    return IntStream.range(0, count)
        .mapToObj(index -> new Wanted(index, PageGeometry.REGION_PAGES))
        .toList();
  }

  private static List<Integer> ordinals(Choice choice) {
    return choice.candidates().stream().map(room -> room.component().ordinal()).toList();
  }

  private static Map<Integer, Integer> firstCounts(List<Choice> choices) {
    Map<Integer, Integer> counts = new HashMap<>();
    choices.forEach(choice -> counts.merge(ordinals(choice).getFirst(), 1, Integer::sum));
    return counts;
  }
}
