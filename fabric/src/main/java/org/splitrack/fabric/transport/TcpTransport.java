package org.splitrack.fabric.transport;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.splitrack.fabric.Endpoint;

/** Links over TCP, without Nagle's delay. */
public final class TcpTransport implements Transport {
  private static final int BACKLOG = 256;

  @Override
  public Link dial(Endpoint endpoint, Duration timeout) throws IOException {
    SocketChannel channel = SocketChannel.open();
    try {
      InetSocketAddress address = endpoint.address();
      if (address.isUnresolved()) {
        throw new IOException("the name " + endpoint.host() + " cannot be resolved");
      }
      channel.socket().connect(address, Math.toIntExact(Math.max(1, timeout.toMillis())));
      return new TcpLink(channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public Listener listen(Endpoint bind) throws IOException {
    ServerSocketChannel channel = ServerSocketChannel.open();
    try {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.bind(bind.address(), BACKLOG);
      return new TcpListener(channel, bind.host());
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public WaitPoint waitPoint() throws IOException {
    return new TcpWaitPoint();
  }

  private record TcpListener(ServerSocketChannel channel, String host) implements Listener {
    @Override
    public Endpoint endpoint() {
      return new Endpoint(host, channel.socket().getLocalPort());
    }

    @Override
    public Link accept() throws IOException {
      return new TcpLink(channel.accept());
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }
}
