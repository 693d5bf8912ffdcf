package org.splitrack.simulation.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.region.AckMode;
import org.splitrack.fabric.region.ConfigChange;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.Learner;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.fabric.region.StoreAnswer;
import org.splitrack.manager.internal.authority.InMemoryConfigStore;

/** The simulated authority is the manager's {@code ConfigStore}, with a disk that can be lost. */
class AuthorityTest {
  private static final long SEED = Long.getLong("splitrack.simulation.firstSeed", 1);
  private static final int REGIONS = 3;
  private static final int CHANGES = 2_000;

  private final SplittableRandom chance = new SplittableRandom(SEED);
  private final List<StoreAnswer> answers = new ArrayList<>();

  @Test
  void shouldAnswerWhenTheChangeIsOnTheDisk() {
    // given
    Rack rack = rack(SEED);
    RegionConfig row = rack.authority.rows().getFirst();
    // when
    store(rack, change(row, row.reserving(9)));
    // then
    assertThat(answers).isEmpty();
    assertThat(rack.authority.row(row.region())).isEqualTo(row);
    settle(rack);
    assertThat(answers).containsExactly(StoreAnswer.STORED);
    assertThat(rack.authority.row(row.region())).isEqualTo(row.reserving(9));
  }

  @Test
  void shouldHaveWhatItAnsweredWhenItIsKilled() {
    int survived = 0;
    int lost = 0;
    for (long seed = SEED; seed < SEED + 200; seed++) {
      // given
      Rack rack = rack(seed);
      RegionConfig before = rack.authority.rows().getFirst();
      RegionConfig answered = before.rehomed(before.secondaries().getFirst(), List.of(), 1);
      RegionConfig unanswered = answered.rehomed(before.home(), List.of(), 1);
      store(rack, change(before, answered));
      settle(rack);
      store(rack, change(answered, unanswered));
      // when
      rack.authority.kill();
      settle(rack);
      // then
      assertThat(answers).as("seed=%d", seed).containsExactly(StoreAnswer.STORED);
      RegionConfig after = rack.authority.row(before.region());
      assertThat(after).as("seed=%d", seed).isIn(answered, unanswered);
      survived += unanswered.equals(after) ? 1 : 0;
      lost += answered.equals(after) ? 1 : 0;
      answers.clear();
    }
    assertThat(survived).isPositive();
    assertThat(lost).isPositive();
  }

  @Test
  void shouldTakeNoChangeOfAManagerThatNoLongerLeads() {
    // given
    Rack rack = rack(SEED);
    RegionConfig row = rack.authority.rows().getFirst();
    // when
    rack.authority.store(List.of(change(row, row.lost(1))), 2, answers::add);
    settle(rack);
    // then
    assertThat(answers).containsExactly(StoreAnswer.NOT_LEADING);
    assertThat(rack.authority.row(row.region())).isEqualTo(row);
  }

  @Test
  void shouldDecideAsTheManagersOwnStore() {
    // given
    Rack rack = rack(SEED);
    InMemoryConfigStore store = new InMemoryConfigStore();
    store.addRegions(rack.authority.rows(), "granted");
    List<RegionConfig> known = new ArrayList<>(rack.authority.rows());
    int stored = 0;
    for (int i = 0; i < CHANGES; i++) {
      // when
      List<ConfigChange> changes = new ArrayList<>();
      for (RegionConfig present : rack.authority.rows()) {
        if (chance.nextInt(3) > 0) {
          RegionConfig expected =
              chance.nextInt(8) > 0 ? present : known.get(chance.nextInt(known.size()));
          changes.add(change(expected, next(rack, expected)));
        }
      }
      if (changes.stream().map(each -> each.next().region()).distinct().count() < changes.size()) {
        continue;
      }
      answers.clear();
      rack.authority.store(changes, 1, answers::add);
      settle(rack);
      // then
      boolean made = store.change(changes);
      assertThat(answers)
          .as("seed=%d, change %d", SEED, i)
          .containsExactly(made ? StoreAnswer.STORED : StoreAnswer.CONFLICT);
      assertThat(rack.authority.rows()).isEqualTo(List.copyOf(store.regions()));
      known.addAll(rack.authority.rows());
      stored += made ? 1 : 0;
    }
    assertThat(stored).isBetween(CHANGES / 4, CHANGES * 19 / 20);
  }

  private RegionConfig next(Rack rack, RegionConfig row) {
    CopyPlace other = rack.memories.get(chance.nextInt(Rack.MEMORIES)).place();
    if (row.home().equals(other)) {
      return row.reserving(row.reservedPages() + 1);
    }
    return switch (chance.nextInt(4)) {
      case 0 -> row.rehomed(other, List.of(), 1);
      case 1 -> row.learning(new Learner(other, Learner.Purpose.HOME), 1);
      case 2 -> row.isMigrating() ? row.finished(1) : row.keeping(List.of(other), 1);
      default -> row.reserving(row.reservedPages() + 1);
    };
  }

  private void store(Rack rack, ConfigChange change) {
    rack.authority.store(List.of(change), 1, answers::add);
  }

  private static ConfigChange change(RegionConfig expected, RegionConfig next) {
    return new ConfigChange(expected, next, "test");
  }

  /** One that does not run, with an authority that a manager leads under term 1. */
  private static Rack rack(long seed) {
    Rack rack = new Rack(seed, Plant.NONE, new Coverage(), null);
    List<RegionConfig> rows = new ArrayList<>();
    for (int i = 1; i <= REGIONS; i++) {
      rows.add(
          RegionConfig.first(
              new RegionId(i),
              new ProcessId(1),
              1,
              i - 1,
              0,
              rack.memories.get(0).place(),
              List.of(rack.memories.get(1).place()),
              8,
              AckMode.SAFE,
              false));
    }
    rack.authority.insert(rows);
    rack.authority.lead(0, 0, term -> assertThat(term).isEqualTo(1));
    settle(rack);
    return rack;
  }

  private static void settle(Rack rack) {
    while (rack.world.step(Long.MAX_VALUE)) {
      rack.judge.check();
    }
  }
}
