package org.splitrack.mcomponent.internal.page;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.transport.Connection;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.LaneHandler;
import org.splitrack.fabric.transport.WaitPoint;
import org.splitrack.fabric.transport.WaitingRule;
import org.splitrack.fabric.wire.FrameFault;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.mcomponent.internal.store.PageStore;

/**
 * The page agent: one thread that owns the {@link PageStore} and serves both page lanes, misses
 * first. What others want of the store they queue with {@link #ask}, so nothing in it needs a lock.
 *
 * <p>Each turn looks at the connection that spoke last, at times at all, and serves at most one
 * batch of one bulk connection: a miss waits for no more than that.
 */
public final class PageServer implements AutoCloseable {
  private static final int LOOKS_BETWEEN_SWEEPS = 4;
  private static final int ZEROED_A_TURN = 32;

  /** Freed pages are zeroed after so long without other work, or when their frames are needed. */
  private static final long ZERO_AFTER_NS = 20_000_000;

  private static final long SLEEP_NS = 1_000_000_000;

  /** For so long more of the same is expected. */
  private static final long RECENT_NS = 1_000_000;

  /** A process, a home and another copy. */
  private static final int REPLICATING_PARTIES = 3;

  private static final Duration ASK_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(2);

  private final PageStore store;
  private final WaitPoint waitPoint;
  private final PageExchange exchange;
  private final PageCounters counters = new PageCounters();
  private final WaitingRule waiting = new WaitingRule();
  private final Queue<Runnable> asked = new ConcurrentLinkedQueue<>();
  private final ServedConnections connections = new ServedConnections();
  private final RegionCopies copies;
  private final ArrayDeque<ServedConnection> bulkReady = new ArrayDeque<>();
  private final Thread agent;
  private @Nullable ServedConnection spokeLast;
  private long nowNs = System.nanoTime();
  private long busyNs = nowNs;
  private long replicatedNs = nowNs - RECENT_NS;
  private int looks;
  private int done;
  private boolean bulkBusy;
  private volatile boolean closed;

  private PageServer(Dialer dialer, PageStore store, CopyReports reports) throws IOException {
    this.store = store;
    this.waitPoint = dialer.transport().waitPoint();
    this.copies =
        new RegionCopies(store, dialer, waitPoint, connections, counters, reports, this::post);
    this.exchange = new PageExchange(copies, dialer.identity(), counters, waitPoint);
    this.agent = Thread.ofPlatform().daemon().name("page-agent").unstarted(this::run);
  }

  /**
   * Starts the agent, which owns {@code store} from now on and closes it at its end.
   *
   * @param dialer for what it sends to other copies
   * @param reports takes what it has to tell the manager
   */
  public static PageServer start(Dialer dialer, PageStore store, CopyReports reports)
      throws IOException {
    PageServer server = new PageServer(dialer, store, reports);
    server.agent.start();
    return server;
  }

  /** What takes this server's connections. */
  public Map<Lane, LaneHandler> lanes() {
    return Map.of(Lane.MISS, this::accept, Lane.BULK, this::accept, Lane.REPLICA, this::accept);
  }

  public PageCounters counters() {
    return counters;
  }

  /** The agent serves; false once it was closed or has failed. */
  public boolean serves() {
    return agent.isAlive();
  }

  /** Whether a pComponent is connected, as far as that can be found out. */
  public boolean servesProcessors() {
    try {
      return ask(copies -> connections.hasAnyOf(Lane.MISS) || connections.hasAnyOf(Lane.BULK));
    } catch (ControlFault stalled) {
      return serves();
    }
  }

  /**
   * Has the agent do something with the copies, and waits for it.
   *
   * @throws ControlFault what {@code work} throws; UNAVAILABLE when the agent does not come to it
   */
  public <R> R ask(Function<RegionCopies, R> work) {
    CompletableFuture<R> done = new CompletableFuture<>();
    post(
        () -> {
          try {
            done.complete(work.apply(copies));
          } catch (RuntimeException e) {
            done.completeExceptionally(e);
          }
        });
    try {
      return done.get(ASK_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ControlFault fault) {
        throw fault;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new ControlFault(ControlFault.Code.UNAVAILABLE, "the page agent is not there");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ControlFault(ControlFault.Code.UNAVAILABLE, "interrupted");
    }
  }

  /** Ends the agent, its connections and the store. */
  @Override
  public void close() {
    closed = true;
    waitPoint.wakeup();
    try {
      agent.join(CLOSE_WAIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void accept(Connection connection) throws IOException {
    connection.link().blocking(false);
    post(() -> take(connection));
  }

  private void post(Runnable work) {
    asked.add(work);
    waitPoint.wakeup();
  }

  private void run() {
    try {
      while (!closed) {
        if (!look(false)) {
          idle();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the page agent cannot wait", e);
    } finally {
      for (int slot = 0; slot < connections.slotCount(); slot++) {
        ServedConnection connection = connections.at(slot);
        if (connection != null) {
          connection.link().close();
        }
      }
      copies.close();
      waitPoint.close();
      store.close();
    }
  }

  /**
   * One turn; false when there was nothing to do.
   *
   * @param told the wait point has just told which connections have something to say
   */
  private boolean look(boolean told) throws IOException {
    done = 0;
    nowNs = System.nanoTime();
    copies.time(nowNs);
    Runnable work;
    while ((work = asked.poll()) != null) {
      work.run();
      done++;
    }
    ServedConnection last = spokeLast;
    boolean sweeps = told || bulkBusy || last == null || ++looks >= LOOKS_BETWEEN_SWEEPS;
    if (last != null && !sweeps) {
      serve(last);
    } else {
      looks = 0;
      if (!told) {
        sweep(0);
      }
    }
    ServedConnection bulk = bulkReady.poll();
    bulkBusy = bulk != null;
    if (bulk != null) {
      serve(bulk);
    }
    int answers = copies.receive(sweeps);
    if (answers > 0) {
      replicatedNs = nowNs;
      done += answers;
    }
    settle();
    if (done > 0) {
      busyNs = nowNs;
    } else if (nowNs - busyNs >= ZERO_AFTER_NS) {
      done = store.zeroSome(ZEROED_A_TURN);
    }
    return done > 0;
  }

  /** Waits until there was something to do, and does it. */
  private void idle() throws IOException {
    nowNs = System.nanoTime();
    waiting.begin(nowNs);
    boolean found = false;
    while (!found && !closed) {
      boolean sleeps = !(maySpin() && waiting.spins(nowNs));
      if (sleeps) {
        done = 0;
        sweep(restNs());
        found = done > 0;
      } else {
        Thread.onSpinWait();
      }
      found |= look(sleeps);
      nowNs = System.nanoTime();
    }
    waiting.end(nowNs);
  }

  private long restNs() {
    if (copies.wantsTicks()) {
      return RegionCopies.TICK_NS;
    }
    return store.hasPagesToZero() ? ZERO_AFTER_NS : SLEEP_NS;
  }

  /** The parties of a replicated write-back, or of a move, do not spin unless each has a core. */
  private boolean maySpin() {
    return WaitingRule.maySpinAmong(REPLICATING_PARTIES) || nowNs - replicatedNs > RECENT_NS;
  }

  /** Sends what the turn has brought about, and takes up what it has made room for. */
  private void settle() {
    copies.flush();
    List<ServedConnection> answered = copies.answered();
    for (int i = 0; i < answered.size(); i++) {
      ServedConnection connection = answered.get(i);
      try {
        exchange.sendAnswers(connection);
        if (connection.hasBegun()) {
          ready(connection);
        }
      } catch (IOException e) {
        drop(connection);
      }
    }
    answered.clear();
    List<ServedConnection> readmitted = copies.readmitted();
    for (int i = 0; i < readmitted.size(); i++) {
      ServedConnection connection = readmitted.get(i);
      if (!bulkReady.contains(connection)) {
        bulkReady.add(connection);
      }
    }
    readmitted.clear();
  }

  /** Looks at all connections: serves misses at once, notes who has bulk work. */
  private void sweep(long waitNs) throws IOException {
    waitPoint.await(waitNs);
  }

  private void ready(ServedConnection connection) {
    if (connection.lane() == Lane.MISS) {
      serve(connection);
    } else if (!bulkReady.contains(connection)) {
      bulkReady.add(connection);
    }
  }

  private void serve(ServedConnection connection) {
    try {
      int answered = exchange.serve(connection);
      if (answered < 0) {
        drop(connection);
      } else if (answered > 0) {
        done += answered;
        if (connection.lane() == Lane.MISS) {
          spokeLast = connection;
        } else if (connection.lane() == Lane.REPLICA) {
          replicatedNs = nowNs;
        }
      }
    } catch (FrameFault fault) {
      counters.countFault(fault.reason());
      drop(connection);
    } catch (IOException e) {
      // The peer is gone; whatever it had asked for is of no use to anyone.
      drop(connection);
    }
  }

  private void take(Connection connection) {
    ServedConnection served = connections.add(connection);
    if (served == null) {
      connection.close();
      return;
    }
    try {
      waitPoint.watch(connection.link(), served, this::ready);
    } catch (IOException e) {
      drop(served);
      return;
    }
    counters.connections(connections.count());
  }

  private void drop(ServedConnection connection) {
    connection.link().close();
    connections.remove(connection);
    bulkReady.remove(connection);
    if (connection.equals(spokeLast)) {
      spokeLast = null;
    }
    counters.connections(connections.count());
  }
}
