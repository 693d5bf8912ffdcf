package org.splitrack.pcomponent.internal.excache;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A store races a page's write-back, eviction and recall. Run by {@link StoreRacesIT}; any outcome
 * but 1 is a lost store.
 */
public class StoreRaces {
  private StoreRaces() {}

  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "the store is kept")
  @State
  public static class Clean {
    private final RacedPage page = new RacedPage(true);

    @Actor
    public void program() {
      page.store();
    }

    @Actor
    public void writeBack() {
      page.clean();
    }

    @Arbiter
    public void look(I_Result left) {
      left.r1 = page.left();
    }
  }

  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "the store is kept")
  @State
  public static class Evict {
    private final RacedPage page = new RacedPage(true);

    @Actor
    public void program() {
      page.store();
    }

    @Actor
    public void eviction() {
      page.evict();
    }

    @Arbiter
    public void look(I_Result left) {
      left.r1 = page.left();
    }
  }

  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "the store is kept")
  @State
  public static class Recall {
    private final RacedPage page = new RacedPage(true);

    @Actor
    public void program() {
      page.store();
    }

    @Actor
    public void recall() {
      page.recall();
    }

    @Arbiter
    public void look(I_Result left) {
      left.r1 = page.left();
    }
  }

  /** The planted bug: nobody waits for the program's thread to pass a poll. */
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "the store is kept")
  @State
  public static class EvictWithoutHandshake {
    private final RacedPage page = new RacedPage(false);

    @Actor
    public void program() {
      page.store();
    }

    @Actor
    public void eviction() {
      page.evict();
    }

    @Arbiter
    public void look(I_Result left) {
      left.r1 = page.left();
    }
  }
}
