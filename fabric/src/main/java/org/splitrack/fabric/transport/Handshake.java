package org.splitrack.fabric.transport;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Set;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.RackId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.wire.FrameHeader;
import org.splitrack.fabric.wire.Lane;

/**
 * How a connection begins: the listening end sends a challenge, the dialling end says who it is and
 * proves that it holds the rack's secret, and the listening end proves the same or refuses in one
 * line. Both proofs cover both nonces, so neither can be replayed, and a label, so that one cannot
 * be reflected as the other.
 *
 * <pre>
 * challenge  magic 8, protocol version 1, nonce 16
 * hello      magic 8, protocol version 1, rack id 8, lane 1, role 1, ordinal 4, boot id 8, nonce 16, proof 32
 * answer     1 = welcome: role 1, ordinal 4, boot id 8, proof 32
 *            0 = refused: length 2, UTF-8 line
 * </pre>
 */
final class Handshake {
  private static final byte[] MAGIC = "SPLTRACK".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] CLIENT = "client".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SERVER = "server".getBytes(StandardCharsets.US_ASCII);
  private static final int NONCE_BYTES = 16;
  private static final int CHALLENGE_BYTES = MAGIC.length + 1 + NONCE_BYTES;
  private static final int HELLO_FIELDS_BYTES = MAGIC.length + 1 + 8 + 1 + 1 + 4 + 8;
  private static final int HELLO_BYTES =
      HELLO_FIELDS_BYTES + NONCE_BYTES + SharedSecret.PROOF_BYTES;
  private static final int WELCOME_FIELDS_BYTES = 1 + 4 + 8;
  private static final int MAX_LINE_BYTES = 256;
  private static final byte WELCOME = 1;
  private static final byte REFUSED = 0;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Link link;
  private final Identity own;

  Handshake(Link link, Identity own) {
    this.link = link;
    this.own = own;
  }

  /** The dialling end's part. */
  Peer introduce(Lane lane) throws IOException {
    ByteBuffer challenge = receive(CHALLENGE_BYTES);
    requireProtocol(challenge);
    byte[] serverNonce = bytes(challenge, NONCE_BYTES);
    byte[] clientNonce = nonce();

    byte[] fields = helloFields(lane);
    byte[] proof = own.secret().proof(CLIENT, serverNonce, clientNonce, fields);
    send(fields, clientNonce, proof);

    if (receive(1).get() != WELCOME) {
      int length = Math.clamp(receive(2).getShort(), 0, MAX_LINE_BYTES);
      throw new HandshakeRefused(
          new String(bytes(receive(length), length), StandardCharsets.UTF_8));
    }
    byte[] welcome = bytes(receive(WELCOME_FIELDS_BYTES), WELCOME_FIELDS_BYTES);
    byte[] serverProof = bytes(receive(SharedSecret.PROOF_BYTES), SharedSecret.PROOF_BYTES);
    byte[] expected = own.secret().proof(SERVER, serverNonce, clientNonce, welcome);
    if (!MessageDigest.isEqual(serverProof, expected)) {
      throw new HandshakeRefused("the other end does not hold this rack's secret");
    }
    Peer peer = readPeer(buffer(welcome));
    if (!lane.mayBeServedBy(peer.component().role())) {
      throw new HandshakeRefused(
          "lane %s is not served by %s".formatted(lane, peer.component().role().prefix()));
    }
    link.peer(peer.component());
    return peer;
  }

  /**
   * The listening end's part.
   *
   * @param served lanes that may be asked for
   * @throws HandshakeRefused after the other end was told why
   */
  Connection admit(Set<Lane> served) throws IOException {
    byte[] serverNonce = nonce();
    send(MAGIC, new byte[] {FrameHeader.PROTOCOL_VERSION}, serverNonce);

    ByteBuffer hello = receive(HELLO_BYTES);
    byte[] fields = bytes(hello, HELLO_FIELDS_BYTES);
    byte[] clientNonce = bytes(hello, NONCE_BYTES);
    byte[] proof = bytes(hello, SharedSecret.PROOF_BYTES);
    try {
      Connection connection = judge(fields, serverNonce, clientNonce, proof, served);
      link.peer(connection.peer().component());
      byte[] welcome = welcomeFields();
      send(
          new byte[] {WELCOME},
          welcome,
          own.secret().proof(SERVER, serverNonce, clientNonce, welcome));
      return connection;
    } catch (HandshakeRefused e) {
      refuse(e.getMessage() == null ? "refused" : e.getMessage());
      throw e;
    }
  }

  private Connection judge(
      byte[] fields, byte[] serverNonce, byte[] clientNonce, byte[] proof, Set<Lane> served)
      throws HandshakeRefused {
    ByteBuffer f = buffer(fields);
    requireProtocol(f);
    RackId rack = new RackId(f.getLong());
    if (!rack.equals(own.rack())) {
      throw new HandshakeRefused("rack " + rack + " is not this rack, " + own.rack());
    }
    if (!MessageDigest.isEqual(
        proof, own.secret().proof(CLIENT, serverNonce, clientNonce, fields))) {
      throw new HandshakeRefused("the secret is not this rack's");
    }
    byte code = f.get();
    Lane lane = Lane.ofCode(code);
    if (lane == null || !served.contains(lane)) {
      throw new HandshakeRefused(
          own.component() + " serves no lane " + (lane == null ? "number " + code : lane));
    }
    Peer peer = readPeer(f);
    if (!lane.mayBeOpenedBy(peer.component().role())) {
      throw new HandshakeRefused(
          "lane %s is not for %s".formatted(lane, peer.component().role().prefix()));
    }
    return new Connection(link, peer, lane);
  }

  private void refuse(String line) throws IOException {
    byte[] text = line.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(text.length, MAX_LINE_BYTES);
    ByteBuffer answer = ByteBuffer.allocate(3).order(ByteOrder.LITTLE_ENDIAN);
    answer.put(REFUSED).putShort((short) length);
    send(answer.array(), java.util.Arrays.copyOf(text, length));
  }

  private static void requireProtocol(ByteBuffer b) throws HandshakeRefused {
    if (!java.util.Arrays.equals(bytes(b, MAGIC.length), MAGIC)) {
      throw new HandshakeRefused("the other end does not speak Splitrack's protocol");
    }
    byte version = b.get();
    if (version != FrameHeader.PROTOCOL_VERSION) {
      throw new HandshakeRefused(
          "protocol version " + version + " is not " + FrameHeader.PROTOCOL_VERSION);
    }
  }

  private byte[] helloFields(Lane lane) {
    return ByteBuffer.allocate(HELLO_FIELDS_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(MAGIC)
        .put(FrameHeader.PROTOCOL_VERSION)
        .putLong(own.rack().value())
        .put((byte) lane.code())
        .put(welcomeFields())
        .array();
  }

  private byte[] welcomeFields() {
    return ByteBuffer.allocate(WELCOME_FIELDS_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) own.component().role().code())
        .putInt(own.component().ordinal())
        .putLong(own.boot().value())
        .array();
  }

  private Peer readPeer(ByteBuffer b) throws HandshakeRefused {
    Role role = Role.ofCode(b.get());
    int ordinal = b.getInt();
    long boot = b.getLong();
    if (role == null || ordinal < 0 || boot == 0) {
      throw new HandshakeRefused("the other end's name makes no sense");
    }
    Role certified = link.certifiedRole();
    if (certified != null && certified != role) {
      throw new HandshakeRefused(
          "%s cannot have a certificate of %s"
              .formatted(new ComponentId(role, ordinal), certified.prefix()));
    }
    return new Peer(new ComponentId(role, ordinal), new BootId(boot));
  }

  private static byte[] nonce() {
    byte[] nonce = new byte[NONCE_BYTES];
    RANDOM.nextBytes(nonce);
    return nonce;
  }

  private static byte[] bytes(ByteBuffer from, int count) {
    byte[] bytes = new byte[count];
    from.get(bytes);
    return bytes;
  }

  private static ByteBuffer buffer(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void send(byte[]... parts) throws IOException {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    ByteBuffer all = ByteBuffer.allocate(length);
    for (byte[] part : parts) {
      all.put(part);
    }
    all.flip();
    while (all.hasRemaining()) {
      link.write(all);
    }
  }

  private ByteBuffer receive(int count) throws IOException {
    ByteBuffer b = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    while (b.hasRemaining()) {
      if (link.read(b) < 0) {
        throw new EOFException("the other end closed the connection during the handshake");
      }
    }
    return b.flip();
  }
}
