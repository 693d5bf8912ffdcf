package org.splitrack.bench.internal;

import java.util.function.BooleanSupplier;

/** What a rack has done about mComponents that were gone, and whether they are back. */
record RackFailovers(BenchedRack rack) {
  private static final long BACK_NS = 60_000_000_000L;
  private static final long POLL_MS = 100;

  /** So many mComponents have been failed over from. */
  long count() {
    return number("SELECT count(*) FROM api.failovers");
  }

  /** All mComponents take part, so that there is room for two copies of everything. */
  void awaitMemories() throws InterruptedException {
    await(
        "an mComponent does not come back",
        () ->
            number("SELECT count(*) FROM api.components WHERE role = 'memory' AND state = 'up'")
                >= BenchedRack.MEMORIES);
  }

  /** All components take part, by the manager's word: the tables may be behind for a while. */
  void awaitAll() throws InterruptedException {
    await(
        "a component does not come back",
        () ->
            rack.manager()
                .components()
                .valueStream()
                .map(one -> one.path("state").asString(""))
                .allMatch(state -> state.equals("up") || state.equals("left")));
  }

  /** The tables show one more; they may be behind after Kafka was away. */
  void awaitMoreThan(long before) throws InterruptedException {
    await("nothing failed over", () -> count() > before);
  }

  private static void await(String failure, BooleanSupplier back) throws InterruptedException {
    long startNs = System.nanoTime();
    while (!back.getAsBoolean()) {
      if (System.nanoTime() - startNs > BACK_NS) {
        throw new IllegalStateException(failure);
      }
      Thread.sleep(POLL_MS);
    }
  }

  private long number(String sql) {
    return Long.parseLong(String.valueOf(rack.query(sql).getFirst().getFirst()));
  }
}
