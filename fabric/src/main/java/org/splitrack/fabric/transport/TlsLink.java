package org.splitrack.fabric.transport;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.Role;

/**
 * TLS over another link. What was decrypted and did not fit is kept for the next read; {@link
 * #hasBuffered} says so, since no selector knows of it. What was encrypted and could not be sent
 * counts as not written yet: the caller comes again with the same bytes, as with any link, and they
 * are taken when their ciphertext is gone.
 */
final class TlsLink implements Link {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final Link real;
  private final SSLEngine engine;
  private final ReentrantLock handshake = new ReentrantLock();
  private final ByteBuffer received;
  private final ByteBuffer plain;
  private final ByteBuffer toSend;

  /** Bytes of the source whose ciphertext is in {@link #toSend}. */
  private int owed;

  /** {@link #received} holds no whole record. */
  private boolean starved = true;

  private boolean ended;
  private volatile boolean established;
  private volatile boolean blocking = true;
  private volatile @Nullable Role certified;

  TlsLink(Link real, SSLEngine engine) {
    this.real = real;
    this.engine = engine;
    int recordBytes = engine.getSession().getPacketBufferSize();
    this.received = ByteBuffer.allocate(recordBytes).flip();
    this.toSend = ByteBuffer.allocate(recordBytes).flip();
    this.plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()).flip();
  }

  Link real() {
    return real;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    establish();
    int begin = target.position();
    while (target.hasRemaining()) {
      if (plain.hasRemaining()) {
        take(target);
      } else if (ended) {
        break;
      } else if (!starved) {
        decrypt(target);
      } else if (target.position() > begin) {
        break;
      } else {
        int got = receive();
        if (got <= 0) {
          return got;
        }
      }
    }
    int count = target.position() - begin;
    return count == 0 && ended && target.hasRemaining() ? -1 : count;
  }

  /** Whether a read would find bytes that have been received already. */
  boolean hasBuffered() {
    return plain.hasRemaining() || (!starved && received.hasRemaining());
  }

  private void take(ByteBuffer target) {
    int count = Math.min(plain.remaining(), target.remaining());
    target.put(target.position(), plain, plain.position(), count);
    target.position(target.position() + count);
    plain.position(plain.position() + count);
  }

  /** More ciphertext; the number of bytes, 0 when none is there, -1 at the end. */
  private int receive() throws IOException {
    received.compact();
    int got;
    try {
      got = real.read(received);
    } finally {
      received.flip();
    }
    starved = got <= 0;
    return got;
  }

  private void decrypt(ByteBuffer target) throws IOException {
    try {
      unwrap(target);
    } catch (SSLHandshakeException e) {
      // The other end looks at our certificate only when we have done our part of the handshake.
      throw new HandshakeRefused("TLS: " + e.getMessage());
    }
  }

  private void unwrap(ByteBuffer target) throws IOException {
    SSLEngineResult result = engine.unwrap(received, target);
    if (result.getStatus() == SSLEngineResult.Status.BUFFER_OVERFLOW) {
      plain.clear();
      try {
        result = engine.unwrap(received, plain);
      } finally {
        plain.flip();
      }
    }
    switch (result.getStatus()) {
      case BUFFER_UNDERFLOW -> starved = true;
      case CLOSED -> ended = true;
      case BUFFER_OVERFLOW -> throw new IOException("a TLS record is longer than it may be");
      case OK -> {
        if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
          runTasks();
        } else if (result.bytesConsumed() == 0 && result.bytesProduced() == 0) {
          throw new IOException("TLS makes no progress: " + result);
        }
      }
    }
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    establish();
    int begin = source.position();
    while (true) {
      send();
      if (toSend.hasRemaining()) {
        return source.position() - begin;
      }
      int paid = Math.min(owed, source.remaining());
      source.position(source.position() + paid);
      owed -= paid;
      if (!source.hasRemaining()) {
        return source.position() - begin;
      }
      encrypt(source);
    }
  }

  private void encrypt(ByteBuffer source) throws IOException {
    int at = source.position();
    toSend.clear();
    SSLEngineResult result;
    try {
      result = engine.wrap(source, toSend);
    } finally {
      source.position(at);
      toSend.flip();
    }
    if (result.getStatus() != SSLEngineResult.Status.OK || !toSend.hasRemaining()) {
      throw new IOException("TLS takes nothing more: " + result);
    }
    owed = result.bytesConsumed();
  }

  private void send() throws IOException {
    while (toSend.hasRemaining() && (real.write(toSend) > 0 || blocking)) {
      // A blocking link that has taken a part takes the rest.
    }
  }

  @Override
  public String remote() {
    return real.remote();
  }

  @Override
  public @Nullable Role certifiedRole() {
    return certified;
  }

  @Override
  public void blocking(boolean wanted) throws IOException {
    blocking = wanted;
    real.blocking(wanted);
  }

  @Override
  public boolean isOpen() {
    return real.isOpen();
  }

  @Override
  public void onClose(Runnable action) {
    real.onClose(action);
  }

  /** Without a farewell: frames say their length, so an end in the middle of one is noticed. */
  @Override
  public void close() {
    real.close();
  }

  private void establish() throws IOException {
    if (established) {
      return;
    }
    handshake.lock();
    try {
      if (!established) {
        shakeHands();
        Role role = TlsCredentials.roleOf(engine.getSession().getPeerCertificates()[0]);
        if (role == null) {
          throw new HandshakeRefused("the other end's certificate names no role");
        }
        certified = role;
        established = true;
      }
    } catch (SSLException e) {
      throw new HandshakeRefused("TLS: " + e.getMessage());
    } finally {
      handshake.unlock();
    }
  }

  private void shakeHands() throws IOException {
    try {
      engine.beginHandshake();
      while (true) {
        switch (engine.getHandshakeStatus()) {
          case NEED_TASK -> runTasks();
          case NEED_WRAP -> sendHandshake();
          case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> receiveHandshake();
          case FINISHED, NOT_HANDSHAKING -> {
            return;
          }
        }
      }
    } catch (SSLException e) {
      tellWhy();
      throw e;
    }
  }

  private void sendHandshake() throws IOException {
    toSend.clear();
    try {
      engine.wrap(NOTHING, toSend);
    } finally {
      toSend.flip();
    }
    send();
  }

  private void receiveHandshake() throws IOException {
    if (starved && receive() < 0) {
      throw new EOFException("the other end closed the connection during the TLS handshake");
    }
    decryptHandshake();
  }

  private void decryptHandshake() throws IOException {
    plain.clear();
    try {
      SSLEngineResult result = engine.unwrap(received, plain);
      starved = result.getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW;
      if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
        throw new EOFException("the other end ended the TLS handshake");
      }
    } finally {
      plain.flip();
    }
  }

  /**
   * The other end is sent the alert, so that it can say what was wrong with it. What it sends until
   * it closes is read: a close before that would be a reset, which may overtake the alert.
   */
  private void tellWhy() {
    try {
      boolean told = false;
      while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
        sendHandshake();
        told = true;
      }
      while (told && real.read(received.clear()) >= 0) {
        // Whoever does not close meets the deadline of the handshake.
      }
    } catch (IOException gone) {
      // It is told by the end of the connection.
      received.clear();
    }
  }

  private void runTasks() {
    Runnable task;
    while ((task = engine.getDelegatedTask()) != null) {
      task.run();
    }
  }
}
