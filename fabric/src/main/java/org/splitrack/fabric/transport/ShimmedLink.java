package org.splitrack.fabric.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;

/**
 * A link whose written bytes wait in a bounded queue until their time has come; a thread of its own
 * then sends them. The queue holds more than the page lanes ever have in flight. While the link is
 * plain and nothing waits, bytes go straight on and there is no such thread.
 */
final class ShimmedLink implements Link {
  private static final int QUEUE_BYTES = 1 << 20;
  private static final long NS_PER_S = 1_000_000_000;
  private static final long CUT_LOOK_NS = 1_000_000;
  private static final long FULL_LOOK_NS = 20_000;

  private final Link real;
  private final LinkShim shim;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Parcel> parcels = new ArrayDeque<>();
  private int queuedBytes;
  private long lineFreeNs = System.nanoTime();
  private @Nullable Thread sender;
  private volatile @Nullable ComponentId peer;

  /** Set by the writer, cleared by the sender when nothing waits any more. */
  private volatile boolean queueing;

  private volatile boolean blocking = true;
  private volatile boolean closed;

  ShimmedLink(Link real, LinkShim shim) {
    this.real = real;
    this.shim = shim;
  }

  static Link realOf(Link link) {
    if (link instanceof ShimmedLink shimmed) {
      return shimmed.real;
    }
    throw new IllegalArgumentException(link + " is no link of this shim");
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    return real.read(target);
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    if (!queueing && shim.isPlainTo(peer)) {
      return real.write(source);
    }
    return enqueue(source);
  }

  private int enqueue(ByteBuffer source) throws IOException {
    int total = 0;
    lock.lock();
    try {
      while (true) {
        if (closed || !real.isOpen()) {
          throw new IOException("the link is closed");
        }
        total += take(source);
        if (!blocking || !source.hasRemaining()) {
          return total;
        }
        changed.awaitNanos(CUT_LOOK_NS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void blocking(boolean wanted) throws IOException {
    blocking = wanted;
    real.blocking(wanted);
  }

  @Override
  public boolean isOpen() {
    return !closed && real.isOpen();
  }

  @Override
  public String remote() {
    return real.remote();
  }

  @Override
  public @Nullable Role certifiedRole() {
    return real.certifiedRole();
  }

  @Override
  public void peer(ComponentId known) {
    peer = known;
  }

  @Override
  public void onClose(Runnable action) {
    real.onClose(action);
  }

  /** What was written before still leaves in its time, as with a socket; unless the link is cut. */
  @Override
  public void close() {
    closed = true;
    lock.lock();
    try {
      if (parcels.isEmpty() || shim.isCutFrom(peer)) {
        real.close();
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private int take(ByteBuffer source) {
    int count = Math.min(source.remaining(), QUEUE_BYTES - queuedBytes);
    if (count == 0) {
      return 0;
    }
    ByteBuffer bytes = ByteBuffer.allocateDirect(count);
    bytes.put(0, source, source.position(), count);
    source.position(source.position() + count);
    LinkProfile profile = shim.profile();
    lineFreeNs = Math.max(lineFreeNs, System.nanoTime());
    if (profile.bytesPerSecond() > 0) {
      lineFreeNs += count * NS_PER_S / profile.bytesPerSecond();
    }
    parcels.add(new Parcel(bytes, lineFreeNs + profile.delayNs()));
    queuedBytes += count;
    queueing = true;
    if (sender == null) {
      sender = Thread.ofPlatform().daemon().name("link-shim").start(this::sendAll);
    }
    changed.signalAll();
    return count;
  }

  private void sendAll() {
    try {
      while (true) {
        Parcel parcel = nextDue();
        if (parcel == null) {
          break;
        }
        send(parcel.bytes());
        if (delivered(parcel)) {
          return;
        }
      }
    } catch (IOException e) {
      // The other end is gone; readers and writers of this link find that out themselves.
      closed = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    real.close();
  }

  /** Waits for the next parcel whose time has come; null when the link is at its end. */
  private @Nullable Parcel nextDue() throws InterruptedException {
    lock.lock();
    try {
      while (true) {
        Parcel first = parcels.peek();
        if (!real.isOpen() || (closed && first == null)) {
          return null;
        }
        if (first == null) {
          changed.await();
        } else if (shim.isCutFrom(peer)) {
          changed.awaitNanos(CUT_LOOK_NS);
        } else {
          long waitNs = first.leavesNs() - System.nanoTime();
          if (waitNs <= 0) {
            return first;
          }
          changed.awaitNanos(waitNs);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void send(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      if (real.write(bytes) == 0) {
        LockSupport.parkNanos(this, FULL_LOOK_NS);
      }
    }
  }

  /** Whether nothing waits any more and the link is plain: the next bytes go straight on. */
  private boolean delivered(Parcel parcel) {
    lock.lock();
    try {
      parcels.remove();
      queuedBytes -= parcel.bytes().limit();
      changed.signalAll();
      if (!parcels.isEmpty() || closed || !shim.isPlainTo(peer)) {
        return false;
      }
      sender = null;
      queueing = false;
      return true;
    } finally {
      lock.unlock();
    }
  }

  private record Parcel(ByteBuffer bytes, long leavesNs) {}
}
