package org.splitrack.fabric.transport;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/** Waits with a selector. */
final class TcpWaitPoint implements WaitPoint {
  private static final long NS_PER_MS = 1_000_000;

  private final Selector selector;

  TcpWaitPoint() throws IOException {
    selector = Selector.open();
  }

  @Override
  public <T> void watch(Link link, T subject, Ready<T> ready) throws IOException {
    tcp(link).channel().register(selector, SelectionKey.OP_READ, new Watch<>(subject, ready));
  }

  @Override
  public void watchFor(Link link, Interest interest) {
    SelectionKey key = tcp(link).channel().keyFor(selector);
    if (key != null && key.isValid()) {
      key.interestOps(
          (interest.reads() ? SelectionKey.OP_READ : 0)
              | (interest.writes() ? SelectionKey.OP_WRITE : 0));
    }
  }

  @Override
  public int await(long waitNs) throws IOException {
    return waitNs <= 0
        ? selector.selectNow(TcpWaitPoint::fire)
        : selector.select(TcpWaitPoint::fire, (waitNs + NS_PER_MS - 1) / NS_PER_MS);
  }

  @Override
  public void wakeup() {
    selector.wakeup();
  }

  @Override
  public void close() {
    try {
      selector.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void fire(SelectionKey key) {
    ((Watch<?>) key.attachment()).fire();
  }

  private static TcpLink tcp(Link link) {
    if (link instanceof TcpLink tcp) {
      return tcp;
    }
    throw new IllegalArgumentException(link + " is no TCP link");
  }

  private record Watch<T>(T subject, Ready<T> ready) {
    void fire() {
      ready.ready(subject);
    }
  }
}
