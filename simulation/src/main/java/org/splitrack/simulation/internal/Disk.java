package org.splitrack.simulation.internal;

/**
 * A node's disk. What is written stays once a sync that began later has returned; a kill before
 * that leaves all of it there, or nothing.
 */
final class Disk<T> {
  /** What a sync takes at most when the disk is not busy. */
  private static final long USUAL_US = 1_000;

  private static final long BUSY_US = 60_000;

  private final Node node;
  private T written;
  private T synced;
  private long lastWrite;
  private long lastSynced;

  Disk(Node node, T content) {
    this.node = node;
    this.written = content;
    this.synced = content;
  }

  /** What a read finds: after a kill, what was there by then. */
  T content() {
    return written;
  }

  void write(T content) {
    written = content;
    lastWrite++;
  }

  /** Runs {@code then} when all that is written by now stays; not at all if the node dies first. */
  void sync(Runnable then) {
    T content = written;
    long upTo = lastWrite;
    int start = node.start();
    boolean busy = node.world.chance(20);
    node.world.after(
        node,
        node.world.between(50, busy ? BUSY_US : USUAL_US),
        () -> {
          if (node.start() == start) {
            if (upTo > lastSynced) {
              synced = content;
              lastSynced = upTo;
            }
            then.run();
          }
        });
  }

  void crash() {
    if (node.world.chance(500)) {
      synced = written;
    }
    written = synced;
    lastSynced = lastWrite;
  }
}
