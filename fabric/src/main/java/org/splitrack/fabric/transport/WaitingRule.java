package org.splitrack.fabric.transport;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How long a thread that waits for its peer spins before it sleeps. Waking a sleeper costs several
 * times a whole exchange, so a short spin wins; a long one takes the core that the peer needs. So:
 * never on one core; never more spinners in this JVM than cores without one; up to {@link
 * #MAX_SPIN_NS} where waits have been short, {@link #MIN_SPIN_NS} where they have been long, and
 * likewise for a while after the spinner was taken off its core, which says that others want it.
 *
 * <p>One instance per waiting thread; the caller brings the time.
 */
public final class WaitingRule {
  public static final long MAX_SPIN_NS = 200_000;
  public static final long MIN_SPIN_NS = 20_000;

  /** A spinner looks at the clock every microsecond or so; such a gap means it did not run. */
  private static final long PREEMPTED_NS = 500_000;

  private static final int CALM_WAITS = 64;
  private static final int WEIGHT_SHIFT = 3;
  private static final int CORES = Runtime.getRuntime().availableProcessors();
  private static final Spinners THIS_JVM = new Spinners(CORES);

  private final Spinners spinners;
  private boolean spinning;
  private long startNs;
  private long spinUntilNs;
  private long lastLookNs;
  private long usualWaitNs;
  private int calmWaitsLeft;

  public WaitingRule() {
    this(THIS_JVM);
  }

  WaitingRule(Spinners spinners) {
    this.spinners = spinners;
  }

  /** Whether so many threads that work for each other each have a core, so that one may spin. */
  public static boolean maySpinAmong(int parties) {
    return CORES >= parties;
  }

  /** A wait begins. */
  public void begin(long nowNs) {
    startNs = nowNs;
    lastLookNs = nowNs;
    spinning = spinners.enter();
    spinUntilNs = nowNs + (spinning ? budgetNs() : 0);
  }

  /** Whether to look once more without sleeping. */
  public boolean spins(long nowNs) {
    if (nowNs - lastLookNs > PREEMPTED_NS) {
      calmWaitsLeft = CALM_WAITS;
    }
    lastLookNs = nowNs;
    if (spinning && nowNs - spinUntilNs >= 0) {
      leave();
    }
    return spinning;
  }

  /** The wait is over, by whatever means. */
  public void end(long nowNs) {
    if (spinning) {
      leave();
    }
    long waitedNs = Math.min(nowNs - startNs, 2 * MAX_SPIN_NS);
    usualWaitNs += (waitedNs - usualWaitNs) >> WEIGHT_SHIFT;
    if (calmWaitsLeft > 0) {
      calmWaitsLeft--;
    }
  }

  private long budgetNs() {
    return calmWaitsLeft > 0 || usualWaitNs > MAX_SPIN_NS / 2 ? MIN_SPIN_NS : MAX_SPIN_NS;
  }

  private void leave() {
    spinning = false;
    spinners.leave();
  }

  /** The threads of one JVM that spin now. */
  static final class Spinners {
    private final int most;
    private final AtomicInteger now = new AtomicInteger();

    /** At most one less than the cores, so that whoever is waited for has one. */
    Spinners(int cores) {
      most = cores - 1;
    }

    boolean enter() {
      if (now.incrementAndGet() <= most) {
        return true;
      }
      now.decrementAndGet();
      return false;
    }

    void leave() {
      now.decrementAndGet();
    }
  }
}
