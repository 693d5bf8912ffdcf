package org.splitrack.pcomponent.internal.excache;

import static org.splitrack.pcomponent.internal.excache.FrameTable.NO_FRAME;

import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.memory.PageFetcher;

/**
 * One program thread's way into its address space. Made, used and closed on that thread.
 *
 * <p>The thread looks up the page's {@link #entries} for every access and asks {@link #readFault}
 * or {@link #writeFault} where they say 0. It calls {@link #poll} (through {@link #isCalled}) at
 * calls and backward branches; between two polls a frame that an entry named stays what it is,
 * however long ago it was unmapped.
 */
public abstract class PageView extends PollState implements AutoCloseable, PageFetcher.Completions {
  static final int NO_PAGE = -1;

  /** A thread in a miss looks whether it is to stop after so long. */
  private static final long LOOK_AGAIN_NS = 100_000_000;

  /** One page that is waited for, and a window of prefetches. */
  private static final int MAX_ASKED = 1 + PrefetchStreams.MAX_WINDOW;

  /** Where the {@link PageTable} has the entries of page 0. */
  private final long entries;

  private final AddressSpace space;
  private final Thread thread = Thread.currentThread();
  private final PageFetcher fetcher;
  private final PrefetchStreams streams;
  private final short index;
  private final int[] askedPages = new int[MAX_ASKED];
  private final int[] askedFrames = new int[MAX_ASKED];
  private int asked;

  /** A frame taken and not used yet. */
  int spare = NO_FRAME;

  /** The page that this thread's fetcher brings for its present fault. */
  int awaited = NO_PAGE;

  boolean missed;
  boolean writeBackDue;
  boolean yieldDue;
  long entry;

  // Of AtomicWaits, guarded by its bucket.
  volatile boolean waiting;
  long waitingAt;
  @Nullable PageView nextWaiter;
  @Nullable PageView previousWaiter;

  protected PageView(AddressSpace space) {
    this.space = space;
    streams = new PrefetchStreams(space.prefetch());
    fetcher = space.links().newFetcher();
    entries = space.entries();
    index = space.enter(this);
    goOnUnlocked(space.threads());
  }

  public final AddressSpace space() {
    return space;
  }

  /** Ends the thread's use of the space. */
  @Override
  public final void close() {
    rest();
    try {
      fetcher.close();
    } finally {
      space.leave(this);
    }
  }

  // ---- on the hot path ----

  /**
   * Where the two entries of page 0 are, to read and to write; those of the next follow. Valid
   * while the view is open.
   */
  public final long entries() {
    return entries;
  }

  /** The slow poll, due when {@link #isCalled}: the thread is in no access now. */
  protected final void attend() {
    space.attended(this);
    if (fetcher.inFlight() > 0) {
      try {
        fetcher.poll(0, this);
      } catch (Throwable broken) {
        space.poison(broken);
        throw broken;
      }
    }
  }

  /** Makes a page readable; answers its entry, valid until the next poll or fault. */
  protected final long readFault(int page) {
    return space.fault(this, page, false);
  }

  /** Makes a page writable; answers its entry, valid until the next poll or fault. */
  protected final long writeFault(int page) {
    return space.fault(this, page, true);
  }

  /** Traps are the caller's: whether {@code length} bytes from {@code at} are within the memory. */
  protected final boolean isInBounds(long at, long length) {
    return at + length <= space.bytes();
  }

  protected final int growBy(int wasmPages) {
    return space.grow(this, wasmPages);
  }

  // ---- atomic wait and notify ----

  /**
   * Waits at an address until notified.
   *
   * @param absolute where {@code at} is mapped: looked up since the last poll
   * @param wide eight bytes are compared, else four
   * @param timeoutNs negative = for ever
   * @return as {@code memory.atomic.wait}: 0 woken, 1 the value is another, 2 timed out
   */
  protected final int awaitAt(long at, long absolute, boolean wide, long expected, long timeoutNs) {
    return space.waits().await(this, at, absolute, wide, expected, timeoutNs);
  }

  /** Wakes up to {@code max} (unsigned) threads that wait at the address; answers how many. */
  protected final int wakeAt(long at, int max) {
    return space.waits().wake(at, max);
  }

  // ---- blocking ----

  /**
   * To be called before anything that may block: until {@link #leaveBlocked} the thread does not
   * touch the program's memory, and nobody waits for it.
   */
  public final void enterBlocked() {
    if (isQuiescent()) {
      throw new IllegalStateException("blocked within a blocked call");
    }
    rest();
  }

  /**
   * Ends {@link #enterBlocked}.
   *
   * @throws ProgramStopped when the process is being stopped
   */
  public final void leaveBlocked() {
    goOnUnlocked(space.threads());
    space.checkStopped();
  }

  // ---- for the address space ----

  final void interrupt() {
    thread.interrupt();
  }

  final short index() {
    return index;
  }

  final Thread thread() {
    return thread;
  }

  final PrefetchStreams streams() {
    return streams;
  }

  final int takeSpare() {
    int frame = spare;
    spare = NO_FRAME;
    return frame;
  }

  final boolean hasInFlight() {
    return asked > 0 || fetcher.inFlight() > 0;
  }

  /**
   * Asks for a page; nothing is sent, and no home is dialled, before {@link #send}: the caller has
   * the space's lock.
   *
   * @return false when no more can be asked for in this step
   */
  final boolean ask(int page, int frame) {
    if (asked == MAX_ASKED) {
      return false;
    }
    askedPages[asked] = page;
    askedFrames[asked] = frame;
    asked++;
    return true;
  }

  /** Sends what has been asked for. */
  final void send() {
    if (asked == 0) {
      return;
    }
    int count = asked;
    asked = 0;
    for (int i = 0; i < count; i++) {
      int page = askedPages[i];
      int frame = askedFrames[i];
      while (!fetcher.read(page, frame)) {
        if (page != awaited) {
          space.fetchFailed(this, page, frame);
          break;
        }
        fetcher.flush();
        fetcher.poll(LOOK_AGAIN_NS, this);
      }
    }
    fetcher.flush();
  }

  /** Takes in replies, waiting for the first; the thread is at rest. */
  final void poll() {
    send();
    if (fetcher.inFlight() > 0) {
      fetcher.poll(LOOK_AGAIN_NS, this);
    }
  }

  @Override
  public final void fetched(int pageNumber, int frame, long version, boolean zero) {
    space.fetched(this, pageNumber, frame, zero);
  }

  @Override
  public final void fetchFailed(int pageNumber, int frame) {
    space.fetchFailed(this, pageNumber, frame);
  }
}
