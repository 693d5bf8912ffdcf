package org.splitrack.mcomponent.internal.page;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.splitrack.fabric.wire.FrameFault;

/** What the page agent has done. Written by the agent, read from anywhere. */
public final class PageCounters {
  private final AtomicLong reads = new AtomicLong();
  private final AtomicLong zeroReads = new AtomicLong();
  private final AtomicLong writes = new AtomicLong();
  private final AtomicLong ignoredWrites = new AtomicLong();
  private final AtomicLong unprotectedWrites = new AtomicLong();
  private final AtomicLong droppedReplications = new AtomicLong();
  private final AtomicLong replicated = new AtomicLong();
  private final AtomicLong replicas = new AtomicLong();
  private final AtomicLong refusals = new AtomicLong();
  private final AtomicLong connections = new AtomicLong();
  private final Map<FrameFault.Reason, AtomicLong> faults = new EnumMap<>(FrameFault.Reason.class);

  PageCounters() {
    for (FrameFault.Reason reason : FrameFault.Reason.values()) {
      faults.put(reason, new AtomicLong());
    }
  }

  /** Pages read, zeros included. */
  public long reads() {
    return reads.get();
  }

  /** Pages read that were all zeros and travelled as a flag. */
  public long zeroReads() {
    return zeroReads.get();
  }

  /** Write-backs taken or ignored. */
  public long writes() {
    return writes.get();
  }

  /** Write-backs of a version that was not above the one held. */
  public long ignoredWrites() {
    return ignoredWrites.get();
  }

  /** Write-backs acknowledged while there was one copy though more are wanted. */
  public long unprotectedWrites() {
    return unprotectedWrites.get();
  }

  /** Pages not sent to other copies, for want of room under LEGO. */
  public long droppedReplications() {
    return droppedReplications.get();
  }

  /** Pages sent to other copies. */
  public long replicated() {
    return replicated.get();
  }

  /** Pages taken from homes, those of versions that were held already included. */
  public long replicas() {
    return replicas.get();
  }

  /** Requests answered with anything but OK. */
  public long refusals() {
    return refusals.get();
  }

  /** Connections open now. */
  public long connections() {
    return connections.get();
  }

  /** Connections closed because of what came in. */
  public long faults(FrameFault.Reason reason) {
    AtomicLong count = faults.get(reason);
    return count == null ? 0 : count.get();
  }

  void countRead(boolean zero) {
    increment(reads);
    if (zero) {
      increment(zeroReads);
    }
  }

  void countWrite(boolean taken) {
    increment(writes);
    if (!taken) {
      increment(ignoredWrites);
    }
  }

  void countUnprotectedWrite() {
    increment(unprotectedWrites);
  }

  void countDroppedReplication() {
    increment(droppedReplications);
  }

  void countReplicated() {
    increment(replicated);
  }

  void countReplica() {
    increment(replicas);
  }

  void countRefusal() {
    increment(refusals);
  }

  void countFault(FrameFault.Reason reason) {
    AtomicLong count = faults.get(reason);
    if (count != null) {
      increment(count);
    }
  }

  void connections(int open) {
    connections.lazySet(open);
  }

  /** Cheaper than an atomic increment, and enough with one writer. */
  private static void increment(AtomicLong counter) {
    counter.lazySet(counter.getPlain() + 1);
  }
}
