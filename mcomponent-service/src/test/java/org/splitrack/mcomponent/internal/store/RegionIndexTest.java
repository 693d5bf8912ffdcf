package org.splitrack.mcomponent.internal.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.RegionId;

class RegionIndexTest {
  @Test
  void shouldAgreeWithAMapUnderRandomAddsAndRemoves() {
    long seed = Long.getLong("splitrack.seed", System.nanoTime());
    System.out.println("RegionIndexTest seed " + seed);
    Random random = new Random(seed);
    RegionIndex index = new RegionIndex();
    Map<Long, HeldRegion> expected = new HashMap<>();

    for (int step = 0; step < 200_000; step++) {
      long region = 1 + random.nextLong(500);
      if (random.nextBoolean()) {
        if (!expected.containsKey(region)) {
          HeldRegion held = new HeldRegion(new RegionId(region), 1);
          index.add(held);
          expected.put(region, held);
        }
      } else {
        assertThat(index.remove(region)).isSameAs(expected.remove(region));
      }
      long probe = 1 + random.nextLong(500);
      assertThat(index.find(probe)).isSameAs(expected.get(probe));
      assertThat(index.count()).isEqualTo(expected.size());
    }
  }
}
