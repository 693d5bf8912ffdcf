package org.splitrack.cli.internal.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RegionMapTest {
  @Test
  void shouldDrawALineForEachComponentEvenAnEmptyOne() {
    RegionMap map =
        new RegionMap(
            List.of(
                new RegionMap.Region(2, "mcomponent-0", 256),
                new RegionMap.Region(0, "mcomponent-0", 4096),
                new RegionMap.Region(1, "mcomponent-2", 4096)));
    assertThat(map.draw(List.of("mcomponent-0", "mcomponent-1")))
        .containsExactly(
            "mcomponent-0      17 MiB  [ 0][ 2]",
            "mcomponent-1       0 MiB",
            "mcomponent-2      16 MiB  [ 1]");
  }

  @Test
  void shouldNotGrowWiderThanATerminal() {
    RegionMap map =
        new RegionMap(
            IntStream.range(0, 100)
                .mapToObj(i -> new RegionMap.Region(i, "mcomponent-0", 4096))
                .toList());
    assertThat(map.draw(List.of()))
        .singleElement()
        .asString()
        .hasSizeLessThan(140)
        .endsWith("and 76 more");
  }
}
