package org.splitrack.fabric.transport;

import java.io.IOException;
import java.util.ArrayList;

/** Waits for links of TLS: a link that has decrypted more than was read is ready as well. */
final class TlsWaitPoint implements WaitPoint {
  private final WaitPoint real;
  private final ArrayList<Watch<?>> watches = new ArrayList<>();

  TlsWaitPoint(WaitPoint real) {
    this.real = real;
  }

  @Override
  public <T> void watch(Link link, T subject, Ready<T> ready) throws IOException {
    TlsLink tls = tls(link);
    real.watch(tls.real(), subject, ready);
    watches.add(new Watch<>(tls, subject, ready));
  }

  @Override
  public void watchFor(Link link, Interest interest) {
    real.watchFor(tls(link).real(), interest);
    for (int i = 0; i < watches.size(); i++) {
      Watch<?> watch = watches.get(i);
      if (watch.link == link) {
        watch.interest = interest;
      }
    }
  }

  @Override
  public int await(long waitNs) throws IOException {
    int ready = real.await(anyBuffered() ? 0 : waitNs);
    for (int i = watches.size() - 1; i >= 0; i--) {
      Watch<?> watch = watches.get(i);
      if (!watch.link.isOpen()) {
        watches.remove(i);
      } else if (watch.isBuffered()) {
        watch.fire();
        ready++;
      }
    }
    return ready;
  }

  private boolean anyBuffered() {
    for (int i = 0; i < watches.size(); i++) {
      if (watches.get(i).isBuffered()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void wakeup() {
    real.wakeup();
  }

  @Override
  public void close() {
    real.close();
  }

  private static TlsLink tls(Link link) {
    if (link instanceof TlsLink tls) {
      return tls;
    }
    throw new IllegalArgumentException(link + " is no TLS link");
  }

  private static final class Watch<T> {
    private final TlsLink link;
    private final T subject;
    private final Ready<T> ready;
    private Interest interest = Interest.READ;

    Watch(TlsLink link, T subject, Ready<T> ready) {
      this.link = link;
      this.subject = subject;
      this.ready = ready;
    }

    boolean isBuffered() {
      return interest.reads() && link.hasBuffered();
    }

    void fire() {
      ready.ready(subject);
    }
  }
}
