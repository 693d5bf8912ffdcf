package org.splitrack.fabric.transport;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;

/** A TCP connection. */
final class TcpLink implements Link {
  private final SocketChannel channel;
  private final String remote;
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  TcpLink(SocketChannel channel) throws IOException {
    this.channel = channel;
    this.remote = channel.socket().getInetAddress().getHostAddress();
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
  }

  SocketChannel channel() {
    return channel;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    return channel.read(target);
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    return channel.write(source);
  }

  @Override
  public void blocking(boolean blocking) throws IOException {
    channel.configureBlocking(blocking);
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public String remote() {
    return remote;
  }

  @Override
  public void onClose(Runnable action) {
    var _ = closed.thenRun(action);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // The descriptor is gone either way, and whoever closes has no further use for the link.
      return;
    } finally {
      closed.complete(null);
    }
  }
}
