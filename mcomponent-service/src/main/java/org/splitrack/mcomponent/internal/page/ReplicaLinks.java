package org.splitrack.mcomponent.internal.page;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.transport.Connection;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.WaitPoint;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.mcomponent.internal.store.PageStore;

/**
 * The links from this mComponent to all that it replicates to, opened when first needed. Connecting
 * happens on threads of its own; everything else on the page agent.
 */
final class ReplicaLinks {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

  private final Dialer dialer;
  private final PageStore store;
  private final WaitPoint waitPoint;
  private final Executor agent;
  private final Changes changes;
  private final ArrayList<ReplicaLink> links = new ArrayList<>();

  /** What befalls a link, told on the page agent. */
  interface Changes extends ReplicaLink.Answers {
    /** It is up, or has room again after it had none. */
    void ready(ReplicaLink link);

    /** It broke, or cannot be made; what was under way is gone. */
    void lost(ReplicaLink link);
  }

  /**
   * @param agent runs what it is given on the page agent, soon
   */
  ReplicaLinks(
      Dialer dialer, PageStore store, WaitPoint waitPoint, Executor agent, Changes changes) {
    this.dialer = dialer;
    this.store = store;
    this.waitPoint = waitPoint;
    this.agent = agent;
    this.changes = changes;
  }

  /** The link to that place; it is being opened when it is not up. */
  ReplicaLink to(CopyPlace place, long nowNs) {
    ReplicaLink link = find(place.boot().value());
    if (link == null) {
      link = new ReplicaLink(place, store, dialer.identity(), nowNs);
      links.add(link);
    }
    if (link.beginDial(nowNs)) {
      dial(link);
    }
    return link;
  }

  /** Sends what waits; offers room where there was none. */
  void flush() {
    for (int i = 0; i < links.size(); i++) {
      ReplicaLink link = links.get(i);
      try {
        link.flush(waitPoint);
        if (link.takeRoomAgain()) {
          changes.ready(link);
          link.flush(waitPoint);
        }
      } catch (IOException e) {
        lose(link);
      }
    }
  }

  /** Sends what is forwarded from a batch, whose memory is used again after this. */
  void endRuns() {
    for (int i = 0; i < links.size(); i++) {
      ReplicaLink link = links.get(i);
      try {
        link.endRun();
      } catch (IOException e) {
        lose(link);
      }
    }
  }

  /**
   * Takes in what the links that are up have to say; how many answers that was.
   *
   * @param told the wait point has just told which have something to say
   */
  int receive(boolean told) {
    int count = 0;
    for (int i = 0; i < links.size(); i++) {
      ReplicaLink link = links.get(i);
      if (link.isReady() || (!told && link.expectsAnswers())) {
        count += receive(link);
      }
    }
    return count;
  }

  /** Whether nothing was ever sent to anyone that still counts. */
  boolean isEmpty() {
    return links.isEmpty();
  }

  /** The link broke. */
  void lose(ReplicaLink link) {
    if (link.isUp()) {
      link.close();
      changes.lost(link);
    }
  }

  /** Closes the links to places that nothing is sent to any more. */
  void retain(Predicate<CopyPlace> wanted) {
    links.removeIf(
        link -> {
          boolean unwanted = !wanted.test(link.place());
          if (unwanted) {
            link.close();
          }
          return unwanted;
        });
  }

  void close() {
    links.forEach(ReplicaLink::close);
    links.clear();
  }

  private int receive(ReplicaLink link) {
    try {
      int count = link.receive(changes);
      if (count >= 0) {
        return count;
      }
    } catch (IOException e) {
      // The same as its end: whatever it had not acknowledged is sent again.
      lose(link);
      return 1;
    }
    lose(link);
    return 1;
  }

  private @Nullable ReplicaLink find(long boot) {
    for (int i = 0; i < links.size(); i++) {
      if (links.get(i).boot() == boot) {
        return links.get(i);
      }
    }
    return null;
  }

  private void dial(ReplicaLink link) {
    Thread.ofVirtual()
        .name("replica-dial")
        .start(
            () -> {
              try {
                Connection connection =
                    dialer.connect(link.place().endpoint(), Lane.REPLICA, CONNECT_TIMEOUT);
                agent.execute(() -> admit(link, connection));
              } catch (IOException e) {
                agent.execute(() -> giveUp(link));
              }
            });
  }

  private void admit(ReplicaLink link, Connection connection) {
    boolean right =
        connection.peer().boot().value() == link.boot() && links.contains(link) && !link.isUp();
    try {
      if (!right) {
        throw new IOException("another start of " + link.place().component());
      }
      connection.link().blocking(false);
      waitPoint.watch(connection.link(), link, ReplicaLink::noteReady);
    } catch (IOException e) {
      connection.close();
      giveUp(link);
      return;
    }
    link.connected(connection.link());
    changes.ready(link);
  }

  private void giveUp(ReplicaLink link) {
    link.dialFailed();
    changes.lost(link);
  }
}
