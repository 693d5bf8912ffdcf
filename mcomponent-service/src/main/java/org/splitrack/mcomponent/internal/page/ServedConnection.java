package org.splitrack.mcomponent.internal.page;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.transport.Connection;
import org.splitrack.fabric.transport.Link;
import org.splitrack.fabric.transport.WaitPoint;
import org.splitrack.fabric.wire.Lane;

/**
 * A connection that the page agent serves, with what it keeps between two looks: the beginning of a
 * request that has not come in whole, and replies that the connection would not take yet. While
 * there are such replies no request is read, so a peer that does not read costs at most one batch.
 * Both are kept on the heap, since connections come and go.
 */
final class ServedConnection {
  private final Link link;
  private final Lane lane;
  private final ByteBuffer begun = ByteBuffer.allocate(PageExchange.FRAME_BYTES).flip();
  private @Nullable ByteBuffer unsent;

  ServedConnection(Connection connection) {
    this.link = connection.link();
    this.lane = connection.lane();
  }

  Link link() {
    return link;
  }

  Lane lane() {
    return lane;
  }

  /** Puts the begun request at the start of {@code in}. */
  void restore(ByteBuffer in) {
    in.put(begun);
  }

  /** Keeps the rest of {@code in} for the next look. */
  void keep(ByteBuffer in) {
    begun.clear().put(in).flip();
  }

  boolean hasBegun() {
    return begun.hasRemaining();
  }

  /** Sends {@code out}; keeps what the connection does not take. */
  void send(ByteBuffer out, WaitPoint waitPoint) throws IOException {
    link.write(out);
    if (out.hasRemaining()) {
      ByteBuffer rest = unsent;
      if (rest == null) {
        rest = ByteBuffer.allocate(PageExchange.BATCH_BYTES);
        unsent = rest;
      }
      rest.clear().put(out).flip();
      waitPoint.watchWrites(link, true);
    }
  }

  /** Sends what was kept; false while there is more of it. */
  boolean sendUnsent(WaitPoint waitPoint) throws IOException {
    ByteBuffer rest = unsent;
    if (rest == null || !rest.hasRemaining()) {
      return true;
    }
    link.write(rest);
    if (rest.hasRemaining()) {
      return false;
    }
    waitPoint.watchWrites(link, false);
    return true;
  }
}
