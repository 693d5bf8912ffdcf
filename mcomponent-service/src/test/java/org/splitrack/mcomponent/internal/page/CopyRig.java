package org.splitrack.mcomponent.internal.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.control.ControlReply;
import org.splitrack.fabric.control.ControlRequest;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.InstallAnswer;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.fabric.testkit.TestRack;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.FabricServer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.LaneHandler;
import org.splitrack.fabric.transport.Transport;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.mcomponent.internal.store.HeldRegion;
import org.splitrack.mcomponent.internal.store.PageStore;

/** Page agents of several mComponents over one transport, and what they tell the manager. */
final class CopyRig implements AutoCloseable {
  private static final int CAPACITY_PAGES = 10_000;

  final Queue<ControlRequest<ControlReply.Done>> news = new ConcurrentLinkedQueue<>();
  private final Transport transport;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<Long, Node> byBoot = new ConcurrentHashMap<>();

  CopyRig(Transport transport) {
    this.transport = transport;
  }

  /** One more mComponent, or another start of one. */
  Node start(int number) throws IOException {
    return start(number, transport);
  }

  /** One that is on the same network by a transport of its own. */
  Node start(int number, Transport own) throws IOException {
    Identity identity = TestRack.identity("mcomponent-" + number);
    PageServer pages =
        PageServer.start(new Dialer(own, identity), new PageStore(CAPACITY_PAGES), news::add);
    Node node = new Node(identity, pages, TestRack.server(own, identity, pages.lanes()));
    nodes.add(node);
    byBoot.put(identity.boot().value(), node);
    return node;
  }

  /** A component that takes connections and never answers. */
  Node startSilent(int number, LaneHandler taken) throws IOException {
    Identity identity = TestRack.identity("mcomponent-" + number);
    Node node =
        new Node(
            identity,
            null,
            TestRack.server(
                transport,
                identity,
                Map.of(Lane.MISS, taken, Lane.BULK, taken, Lane.REPLICA, taken)));
    nodes.add(node);
    return node;
  }

  /** INSTALL in the protocol's order: the home last. */
  void install(RegionConfig config) {
    for (CopyPlace member : config.members()) {
      installAt(member, config);
    }
    installAt(config.home(), config);
  }

  /** At those that live. */
  private void installAt(CopyPlace place, RegionConfig config) {
    Node node = byBoot.get(place.boot().value());
    if (node != null) {
      assertThat(node.install(config)).isEqualTo(InstallAnswer.Kind.INSTALLED);
    }
  }

  @Override
  public void close() {
    nodes.forEach(Node::kill);
  }

  /** One start of one mComponent. */
  final class Node {
    final Identity identity;
    final @Nullable PageServer pages;
    final FabricServer server;

    Node(Identity identity, @Nullable PageServer pages, FabricServer server) {
      this.identity = identity;
      this.pages = pages;
      this.server = server;
    }

    CopyPlace place() {
      return new CopyPlace(identity.component(), identity.boot(), server.endpoint());
    }

    PageServer agent() {
      return Objects.requireNonNull(pages);
    }

    InstallAnswer.Kind install(RegionConfig config) {
      return agent()
          .ask(copies -> copies.install(config.term(), List.of(config)).getFirst().kind());
    }

    /** All its connections end, and what it holds is gone. */
    void kill() {
      byBoot.remove(identity.boot().value());
      server.close();
      if (pages != null) {
        pages.close();
      }
    }

    /** The first word and the version of each page of the region as it lies here. */
    long[][] pagesOf(RegionConfig config) {
      return agent()
          .ask(
              copies -> {
                HeldRegion held = copies.store().find(config.region().value());
                long[][] pages = new long[config.reservedPages()][2];
                MemorySegment bytes = MemorySegment.ofArray(new long[512]);
                for (int page = 0; held != null && page < pages.length; page++) {
                  if (held.frame(page) >= 0) {
                    copies.store().read(held.frame(page), bytes, 0);
                    pages[page][0] = bytes.get(ValueLayout.JAVA_LONG, 0);
                  }
                  pages[page][1] = held.version(page);
                }
                return pages;
              });
    }
  }
}
