package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.transport.Connection;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.Link;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.wire.FrameHeader;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.fabric.wire.MessageType;
import org.splitrack.fabric.wire.Status;

/**
 * Asks one start of an mComponent for pages of a process, as the process would, with whatever
 * epoch: it follows no change of configuration.
 */
final class PageLanes implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int FIRST_INCARNATION = 1;
  private static final int LATEST_INCARNATION = 20;

  private final Identity identity;
  private final Connection misses;
  private final Connection bulk;
  private long sequence;

  private PageLanes(Identity identity, Connection misses, Connection bulk) {
    this.identity = identity;
    this.misses = misses;
    this.bulk = bulk;
  }

  static PageLanes to(Rack rack, String component) throws IOException {
    Identity identity = rack.newIdentity(ComponentId.parse("pcomponent-7"));
    Endpoint endpoint = rack.fabricOf(component);
    Dialer dialer = new Dialer(new TcpTransport(), identity);
    Connection misses = dialer.connect(endpoint, Lane.MISS, LIMIT);
    Connection bulk = dialer.connect(endpoint, Lane.BULK, LIMIT);
    misses.link().blocking(false);
    bulk.link().blocking(false);
    return new PageLanes(identity, misses, bulk);
  }

  /** How a request was answered, with the version of the page that is held. */
  record Reply(Status status, long version) {}

  /** In the name of the run that the region is of, the first one or a later one. */
  Reply read(long region, long epoch, int page) throws IOException {
    for (int incarnation = FIRST_INCARNATION; ; incarnation++) {
      send(misses, MessageType.READ_PAGE, region, epoch, page, 0, incarnation);
      Reply reply = reply(misses);
      if (reply.status() != Status.EXPELLED || incarnation == LATEST_INCARNATION) {
        return reply;
      }
    }
  }

  /**
   * Sends a write of zeros in the name of a first run, which may wait there; {@link #writeReply}
   * has the answer.
   */
  void sendWrite(long region, long epoch, int page, long version) throws IOException {
    send(bulk, MessageType.WRITE_PAGE, region, epoch, page, version, FIRST_INCARNATION);
  }

  Reply writeReply() {
    return reply(bulk);
  }

  private void send(
      Connection to, byte type, long region, long epoch, int page, long version, int incarnation)
      throws IOException {
    ByteBuffer frame = ByteBuffer.allocateDirect(FrameHeader.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    FrameHeader.start(frame, 0, type, 0, identity.rack().value());
    FrameHeader.zeroPage(frame, 0, version > 0);
    FrameHeader.bootId(frame, 0, to.peer().boot().value());
    FrameHeader.subject(frame, 0, region);
    FrameHeader.epoch(frame, 0, epoch);
    FrameHeader.pageVersion(frame, 0, version);
    FrameHeader.incarnation(frame, 0, incarnation);
    FrameHeader.page(frame, 0, page);
    FrameHeader.sequence(frame, 0, ++sequence);
    assertThat(to.link().write(frame)).isEqualTo(FrameHeader.BYTES);
  }

  private static Reply reply(Connection from) {
    ByteBuffer frame =
        ByteBuffer.allocateDirect(FrameHeader.BYTES + PageGeometry.PAGE_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    await().atMost(LIMIT).until(() -> isWhole(frame, from.link()));
    return new Reply(FrameHeader.status(frame, 0), FrameHeader.pageVersion(frame, 0));
  }

  private static boolean isWhole(ByteBuffer frame, Link link) throws IOException {
    assertThat(link.read(frame)).as("the connection lasts").isNotNegative();
    return frame.position() >= FrameHeader.BYTES
        && frame.position() >= FrameHeader.BYTES + FrameHeader.bodyLength(frame, 0);
  }

  @Override
  public void close() {
    misses.close();
    bulk.close();
  }
}
