package org.splitrack.manager.internal;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.manager.internal.authority.Leadership;
import org.splitrack.manager.internal.authority.PostgresConfigStore;

/** Leads while {@code os_res.leader} says so. Steps are taken by one thread. */
final class PostgresReign implements Reign {
  private static final long RENEW_NS = TimeUnit.MILLISECONDS.toNanos(500);

  private final Leadership leadership;
  private final PostgresConfigStore store;
  private final LeaderStart start;
  private final LongSupplier nanoTime;
  private long renewedNs;

  PostgresReign(
      Leadership leadership, PostgresConfigStore store, LeaderStart start, LongSupplier nanoTime) {
    this.leadership = leadership;
    this.store = store;
    this.start = start;
    this.nanoTime = nanoTime;
  }

  @Override
  public boolean step() {
    long nowNs = nanoTime.getAsLong();
    if (store.leads() && nowNs - renewedNs < RENEW_NS) {
      return true;
    }
    long term = leadership.step();
    renewedNs = nowNs;
    if (store.leads() && store.term() != term) {
      store.close();
      start.end();
    }
    if (term != 0 && !store.leads()) {
      store.open(term);
      begin();
    }
    return term != 0;
  }

  /** All of it or, at the next step, once more. */
  private void begin() {
    try {
      start.begin();
    } catch (ControlFault e) {
      store.close();
      throw e;
    }
  }
}
