package org.splitrack.fabric.transport;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.splitrack.fabric.Endpoint;

/**
 * Links within this JVM, for a rack in one process: pairs of byte rings. One instance is a network
 * of its own; endpoints are only names in it.
 */
public final class JvmTransport implements Transport {
  private static final int FIRST_FREE_PORT = 1;
  private static final int BACKLOG = 256;

  private final ConcurrentMap<Endpoint, JvmListener> listeners = new ConcurrentHashMap<>();
  private final AtomicInteger nextPort = new AtomicInteger(FIRST_FREE_PORT);

  @Override
  public Link dial(Endpoint endpoint, Duration timeout) throws IOException {
    JvmListener listener = listeners.get(endpoint);
    if (listener == null) {
      throw new ConnectException("nobody listens on " + endpoint);
    }
    ByteRing there = new ByteRing();
    ByteRing back = new ByteRing();
    if (!listener.offer(new JvmLink(there, back))) {
      throw new ConnectException(endpoint + " takes no connection now");
    }
    return new JvmLink(back, there);
  }

  @Override
  public Listener listen(Endpoint bind) throws IOException {
    int port = bind.port() == 0 ? nextPort.getAndIncrement() : bind.port();
    JvmListener listener = new JvmListener(new Endpoint(bind.host(), port));
    if (listeners.putIfAbsent(listener.endpoint, listener) != null) {
      throw new BindException(listener.endpoint + " is taken");
    }
    return listener;
  }

  @Override
  public WaitPoint waitPoint() {
    return new JvmWaitPoint();
  }

  private final class JvmListener implements Listener {
    private final Endpoint endpoint;
    private final BlockingQueue<JvmLink> dialled = new LinkedBlockingQueue<>(BACKLOG);

    /** In the queue, it tells whoever accepts that the listener is closed. */
    private final JvmLink end = new JvmLink(new ByteRing(), new ByteRing());

    private boolean closed;

    JvmListener(Endpoint endpoint) {
      this.endpoint = endpoint;
    }

    synchronized boolean offer(JvmLink link) {
      return !closed && dialled.offer(link);
    }

    @Override
    public Endpoint endpoint() {
      return endpoint;
    }

    @Override
    public Link accept() throws IOException {
      try {
        JvmLink link = dialled.take();
        if (link != end) {
          return link;
        }
        close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      throw new ClosedChannelException();
    }

    @Override
    public synchronized void close() {
      closed = true;
      listeners.remove(endpoint, this);
      dialled.forEach(Link::close);
      dialled.clear();
      dialled.add(end);
    }
  }
}
