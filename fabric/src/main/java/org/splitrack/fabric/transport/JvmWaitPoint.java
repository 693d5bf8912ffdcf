package org.splitrack.fabric.transport;

import java.util.ArrayList;
import java.util.function.BooleanSupplier;

/** Looks at each of its links in turn; they are as many as a rack in one JVM has. */
final class JvmWaitPoint implements WaitPoint, BooleanSupplier {
  private final Signal signal = new Signal();
  private final ArrayList<Watch<?>> watches = new ArrayList<>();
  private volatile boolean wakeup;

  @Override
  public <T> void watch(Link link, T subject, Ready<T> ready) {
    if (!(link instanceof JvmLink jvm)) {
      throw new IllegalArgumentException(link + " is no link of this JVM");
    }
    jvm.wake(signal);
    watches.add(new Watch<>(jvm, subject, ready));
  }

  @Override
  public void watchFor(Link link, Interest interest) {
    for (int i = 0; i < watches.size(); i++) {
      Watch<?> watch = watches.get(i);
      if (watch.link == link) {
        watch.interest = interest;
      }
    }
  }

  @Override
  public int await(long waitNs) {
    if (waitNs > 0) {
      signal.await(this, waitNs);
    }
    wakeup = false;
    int count = 0;
    for (int i = watches.size() - 1; i >= 0; i--) {
      Watch<?> watch = watches.get(i);
      if (watch.ready()) {
        count++;
        watch.fire();
      }
      if (!watch.link.isOpen()) {
        watches.remove(i);
      }
    }
    return count;
  }

  @Override
  public void wakeup() {
    wakeup = true;
    signal.raise();
  }

  @Override
  public void close() {
    watches.clear();
  }

  /** Whether there is a reason not to sleep. */
  @Override
  public boolean getAsBoolean() {
    if (wakeup) {
      return true;
    }
    for (int i = 0; i < watches.size(); i++) {
      if (watches.get(i).ready()) {
        return true;
      }
    }
    return false;
  }

  private static final class Watch<T> {
    private final JvmLink link;
    private final T subject;
    private final Ready<T> ready;
    private Interest interest = Interest.READ;

    Watch(JvmLink link, T subject, Ready<T> ready) {
      this.link = link;
      this.subject = subject;
      this.ready = ready;
    }

    boolean ready() {
      return (interest.reads() && link.canReadOrEnd())
          || (interest.writes() && link.canWriteOrEnd());
    }

    void fire() {
      ready.ready(subject);
    }
  }
}
