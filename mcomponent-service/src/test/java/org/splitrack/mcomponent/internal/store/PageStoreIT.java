package org.splitrack.mcomponent.internal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;
import static org.splitrack.fabric.PageGeometry.REGION_PAGES;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.RegionId;

class PageStoreIT {
  private static final int REGIONS = 129;

  @Test
  void shouldHoldMoreThanTwoGibibytes() {
    try (PageStore store = new PageStore(REGIONS * REGION_PAGES)) {
      MemorySegment bytes = MemorySegment.ofArray(new long[PAGE_BYTES / 8]);
      for (int region = 1; region <= REGIONS; region++) {
        store.hold(new RegionId(region), REGION_PAGES);
        HeldRegion held = Objects.requireNonNull(store.find(region));
        for (int page = 0; page < REGION_PAGES; page++) {
          bytes.set(ValueLayout.JAVA_LONG, PAGE_BYTES - 8, (long) region * REGION_PAGES + page);
          store.write(held, page, 1, bytes, 0);
        }
      }

      assertThat(store.usedFrames()).isEqualTo(REGIONS * REGION_PAGES);
      for (int region = 1; region <= REGIONS; region++) {
        HeldRegion held = Objects.requireNonNull(store.find(region));
        for (int page = 0; page < REGION_PAGES; page++) {
          store.read(held.frame(page), bytes, 0);
          long value = bytes.get(ValueLayout.JAVA_LONG, PAGE_BYTES - 8);
          if (value != (long) region * REGION_PAGES + page) {
            assertThat(value).as("region %s page %s", region, page).isEqualTo(region);
          }
        }
      }
    }
  }
}
