package org.splitrack.fabric.transport;

import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;

/**
 * Emulates slower or broken links over another transport: what this side sends leaves later, at a
 * bounded rate, or not at all; what it receives is left alone, so a cut is one-way. A link that is
 * neither slowed nor cut passes its bytes straight on, without a copy or a thread.
 */
public final class LinkShim implements Transport {
  private final Transport real;
  private volatile LinkProfile profile;
  private volatile Set<ComponentId> cutPeers = Set.of();

  public LinkShim(Transport real, LinkProfile profile) {
    this.real = real;
    this.profile = profile;
  }

  /** From now on all links behave like this; bytes that are on their way keep their time. */
  public void profile(LinkProfile wanted) {
    profile = wanted;
  }

  /**
   * From now on nothing leaves for {@code cut}, and again for {@code healed}; what was held back
   * leaves late, as on a network that repeats what got lost. A link is concerned as soon as its
   * handshake has shown who is at the other end.
   */
  public synchronized void changeCuts(Collection<ComponentId> cut, Collection<ComponentId> healed) {
    Set<ComponentId> next = new HashSet<>(cutPeers);
    next.addAll(cut);
    next.removeAll(healed);
    cutPeers = Set.copyOf(next);
  }

  /** To whom nothing leaves. */
  public Set<ComponentId> cutPeers() {
    return cutPeers;
  }

  LinkProfile profile() {
    return profile;
  }

  /** Whether bytes for {@code peer} are held back; null while it is not known. */
  boolean isCutFrom(@Nullable ComponentId peer) {
    return profile.cut() || (peer != null && !cutPeers.isEmpty() && cutPeers.contains(peer));
  }

  boolean isPlainTo(@Nullable ComponentId peer) {
    return profile.isPlain() && !isCutFrom(peer);
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
    public void watchFor(Link link, Interest interest) {
      real.watchFor(ShimmedLink.realOf(link), interest);
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
