package org.splitrack.fabric.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.storage.StorageFault.Reason;
import org.splitrack.fabric.transport.Dialer;

/**
 * Reads, writes and syncs extents on all sComponents of a rack. Safe from any thread; calls block,
 * virtual threads gladly. An sComponent that does not answer is tried again, wherever it is by
 * then, until the client's patience is over; after that, calls to it fail at their first try until
 * one succeeds. Repeating a request is harmless.
 */
public final class StorageClient implements AutoCloseable {
  private static final long FIRST_PAUSE_MS = 20;
  private static final long LONGEST_PAUSE_MS = 500;
  private static final long HASTY_NS = TimeUnit.SECONDS.toNanos(1);

  private final Dialer dialer;
  private final StorageLocator locator;
  private final long patienceNs;
  private final Map<ComponentId, Store> stores = new ConcurrentHashMap<>();
  private volatile boolean closed;

  public StorageClient(Dialer dialer, StorageLocator locator, Duration patience) {
    this.dialer = dialer;
    this.locator = locator;
    this.patienceNs = patience.toNanos();
  }

  /** Where an extent is. */
  public record Place(ComponentId component, long extent) {}

  /**
   * Fills the buffers from byte {@code offset} of the extent on, with zeros where it ends before.
   * At most {@link StorageGeometry#MAX_TRANSFER_BYTES}.
   */
  public void read(Place place, int offset, ByteBuffer... into) {
    store(place)
        .call(
            place,
            (connection, deadlineNs) ->
                connection.read(place.extent(), offset, duplicates(into), deadlineNs),
            Use.READS);
  }

  /**
   * Writes what remains in the buffers; their positions stay. At most {@link
   * StorageGeometry#MAX_TRANSFER_BYTES}.
   *
   * @return generation of the sComponent's disk, to compare with that of a later {@link #sync}
   */
  public long write(Place place, int offset, ByteBuffer... from) {
    return store(place)
        .call(
            place,
            (connection, deadlineNs) ->
                connection.write(place.extent(), offset, duplicates(from), deadlineNs),
            Use.WRITES);
  }

  /**
   * Returns when all that this extent was written is on disk.
   *
   * @return generation of the disk: writes that were made in another one may be lost
   */
  public long sync(Place place) {
    return store(place)
        .call(
            place,
            (connection, deadlineNs) -> connection.sync(place.extent(), deadlineNs),
            Use.WRITES);
  }

  /** Where an sComponent was seen; saves asking. */
  public void learn(ComponentId component, Endpoint endpoint) {
    Store store = stores.computeIfAbsent(component, Store::new);
    store.endpoint = endpoint;
  }

  @Override
  public void close() {
    closed = true;
    stores.values().forEach(Store::close);
  }

  private Store store(Place place) {
    return stores.computeIfAbsent(place.component(), Store::new);
  }

  /** Views with positions of their own, so that a second try starts where the first did. */
  private static ByteBuffer[] duplicates(ByteBuffer[] buffers) {
    ByteBuffer[] views = new ByteBuffer[buffers.length];
    for (int i = 0; i < buffers.length; i++) {
      views[i] = buffers[i].duplicate();
    }
    return views;
  }

  /** Reads do not queue behind writes. */
  private enum Use {
    READS,
    WRITES
  }

  private interface Request {
    StorageConnection.Reply send(StorageConnection connection, long deadlineNs) throws IOException;
  }

  /** One sComponent as this client knows it. */
  private final class Store {
    private final ComponentId component;
    private final ReentrantLock connecting = new ReentrantLock();
    private final Map<Use, StorageConnection> connections = new ConcurrentHashMap<>();
    private volatile @Nullable Endpoint endpoint;
    private volatile boolean away;

    Store(ComponentId component) {
      this.component = component;
    }

    long call(Place place, Request request, Use use) {
      long deadlineNs = System.nanoTime() + (away ? Math.min(HASTY_NS, patienceNs) : patienceNs);
      long pauseMs = FIRST_PAUSE_MS;
      while (true) {
        String failure;
        try {
          StorageConnection.Reply reply = request.send(connection(use, deadlineNs), deadlineNs);
          away = false;
          return accepted(place, reply);
        } catch (IOException | ControlFault e) {
          endpoint = null;
          failure = e.getMessage();
        }
        boolean over = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pauseMs) > deadlineNs;
        if (closed || away || over || Thread.currentThread().isInterrupted()) {
          away = true;
          throw new StorageFault(Reason.UNREACHABLE, component + " cannot be reached: " + failure);
        }
        pause(pauseMs);
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      }
    }

    void close() {
      connections.values().forEach(StorageConnection::close);
    }

    private long accepted(Place place, StorageConnection.Reply reply) {
      return switch (reply.status()) {
        case OK -> reply.generation();
        case NOT_HOLDER ->
            throw new StorageFault(
                Reason.NO_SUCH_EXTENT, component + " holds no extent " + place.extent());
        case FULL -> throw new StorageFault(Reason.FULL, component + " is full");
        case STALE_BOOT, STALE_EPOCH, EXPELLED, BAD_REQUEST, FAILED, MOVED ->
            throw new StorageFault(
                Reason.FAILED, component + " answers " + reply.status() + ": " + reply.message());
      };
    }

    private StorageConnection connection(Use use, long deadlineNs) throws IOException {
      connecting.lock();
      try {
        StorageConnection present = connections.get(use);
        if (present != null && !present.isClosed()) {
          return present;
        }
        if (closed) {
          throw new IOException("this client is closed");
        }
        Endpoint known = endpoint;
        if (known == null) {
          known = locator.locate(component);
          endpoint = known;
        }
        long leftNs = Math.max(1, Math.min(HASTY_NS, deadlineNs - System.nanoTime()));
        StorageConnection opened =
            StorageConnection.open(dialer, known, component, Duration.ofNanos(leftNs));
        connections.put(use, opened);
        return opened;
      } finally {
        connecting.unlock();
      }
    }

    private void pause(long pauseMs) {
      try {
        Thread.sleep(pauseMs);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
