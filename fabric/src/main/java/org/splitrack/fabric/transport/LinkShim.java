package org.splitrack.fabric.transport;

import java.io.IOException;
import java.time.Duration;
import org.splitrack.fabric.Endpoint;

/**
 * Emulates slower or broken links over another transport: what this side sends leaves later, at a
 * bounded rate, or not at all; what it receives is left alone, so a cut is one-way. A rack without
 * emulation does without this class altogether.
 */
public final class LinkShim implements Transport {
  private final Transport real;
  private volatile LinkProfile profile;

  /** {@code real} as it is for a plain profile, else with a shim over it. */
  public static Transport over(Transport real, LinkProfile profile) {
    return profile.equals(LinkProfile.PLAIN) ? real : new LinkShim(real, profile);
  }

  public LinkShim(Transport real, LinkProfile profile) {
    this.real = real;
    this.profile = profile;
  }

  /** From now on all links behave like this; bytes that are on their way keep their time. */
  public void profile(LinkProfile wanted) {
    profile = wanted;
  }

  LinkProfile profile() {
    return profile;
  }

  @Override
  public Link dial(Endpoint endpoint, Duration timeout) throws IOException {
    return new ShimmedLink(real.dial(endpoint, timeout), this);
  }

  @Override
  public Listener listen(Endpoint bind) throws IOException {
    return new ShimmedListener(real.listen(bind), this);
  }

  @Override
  public WaitPoint waitPoint() throws IOException {
    return new ShimmedWaitPoint(real.waitPoint());
  }

  private record ShimmedListener(Listener real, LinkShim shim) implements Listener {
    @Override
    public Endpoint endpoint() {
      return real.endpoint();
    }

    @Override
    public Link accept() throws IOException {
      return new ShimmedLink(real.accept(), shim);
    }

    @Override
    public void close() {
      real.close();
    }
  }

  private record ShimmedWaitPoint(WaitPoint real) implements WaitPoint {
    @Override
    public <T> void watch(Link link, T subject, Ready<T> ready) throws IOException {
      real.watch(ShimmedLink.realOf(link), subject, ready);
    }

    @Override
    public void watchWrites(Link link, boolean wanted) {
      real.watchWrites(ShimmedLink.realOf(link), wanted);
    }

    @Override
    public int await(long waitNs) throws IOException {
      return real.await(waitNs);
    }

    @Override
    public void wakeup() {
      real.wakeup();
    }

    @Override
    public void close() {
      real.close();
    }
  }
}
