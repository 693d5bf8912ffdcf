package org.splitrack.pcomponent.internal.excache;

import static org.splitrack.fabric.PageGeometry.PAGES_PER_WASM_PAGE;
import static org.splitrack.fabric.PageGeometry.PAGE_SHIFT;
import static org.splitrack.pcomponent.internal.excache.FrameTable.NO_FRAME;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The memory of one process as its pComponent knows it: which pages exist, which are in frames,
 * which are on their way. Program threads use it through a {@link PageView} each.
 *
 * <p>One lock, this object's monitor, guards everything but the look-up itself; it is never held
 * while anything is waited for. Any error on the page path poisons the space: from then on nothing
 * is written back and every program thread leaves.
 */
public final class AddressSpace implements AutoCloseable {
  /** A waiting thread looks again after so long, also when nobody woke it. */
  private static final long LOOK_AGAIN_MS = 10;

  /** Steps of a fault. */
  private static final int DONE = 0;

  private static final int POLL = 1;
  private static final int AGAIN = 2;

  private final ExCache cache;
  private final AddressSpaceSettings settings;
  private final PageLinks links;
  private final Growth growth;
  private final PageTable table;
  private final FrameTable frames;
  private final ProgramThreads threads = new ProgramThreads();
  private final List<PageView> views = new ArrayList<>();
  private final PageCounters counters = new PageCounters();
  private final Residency residency;
  private final WriteBack writeBack;
  private final AtomicWaits waits = new AtomicWaits();
  private final Object growLock = new Object();

  private volatile CacheLimit limit;
  private int share = CacheLimit.MIN_FRAMES;

  /** 64 KiB pages; read by every thread, written under {@link #growLock}. */
  private volatile int wasmPages;

  private volatile @Nullable String stopReason;
  private volatile @Nullable Throwable failure;

  /** Threads in {@link #waitForOthers}, and those of them that need a frame. */
  private int waitingThreads;

  private int waitingForFrames;

  AddressSpace(
      ExCache cache, int id, AddressSpaceSettings settings, PageLinks links, Growth growth) {
    this.cache = cache;
    this.settings = settings;
    this.links = links;
    this.growth = growth;
    this.limit = settings.cache();
    this.frames = cache.frames();
    table = new PageTable(Math.max(1, settings.initialWasmPages()) * PAGES_PER_WASM_PAGE);
    residency = new Residency(cache, table, threads, id, settings.eviction(), counters);
    writeBack = new WriteBack(this, settings.name());
  }

  void reserveInitialPages() {
    int pages = settings.initialWasmPages() * PAGES_PER_WASM_PAGE;
    if (pages > 0 && !growth.grow(0, pages)) {
      throw new MemoryRefused(
          "the program needs "
              + (settings.initialWasmPages() + 15) / 16
              + " MiB of memory to start, more than the rack has left (see rack components;"
              + " all but --ack none takes it on two mComponents)");
    }
    wasmPages = settings.initialWasmPages();
  }

  void startWriteBack() {
    writeBack.start();
  }

  // ---- size ----

  /** Present size in 64 KiB pages. */
  public int wasmPages() {
    return wasmPages;
  }

  public int maxWasmPages() {
    return settings.maxWasmPages();
  }

  public boolean shared() {
    return settings.shared();
  }

  /** Present size in bytes. */
  long bytes() {
    return (long) wasmPages << 16;
  }

  /** The size before, or −1 when so much more cannot be had. */
  int grow(PageView view, int moreWasmPages) {
    view.enterBlocked();
    try {
      return grow(moreWasmPages);
    } finally {
      view.leaveBlocked();
    }
  }

  private int grow(int moreWasmPages) {
    synchronized (growLock) {
      int before = wasmPages;
      if (moreWasmPages < 0 || moreWasmPages > settings.maxWasmPages() - before) {
        return -1;
      }
      if (moreWasmPages == 0) {
        return before;
      }
      int from = before * PAGES_PER_WASM_PAGE;
      int to = (before + moreWasmPages) * PAGES_PER_WASM_PAGE;
      if (!growth.grow(from, to)) {
        return -1;
      }
      synchronized (this) {
        table.reserve(to, settings.maxWasmPages() * PAGES_PER_WASM_PAGE);
      }
      wasmPages = before + moreWasmPages;
      return before;
    }
  }

  // ---- cache limit ----

  /** Changes the limit of a running process; takes effect as the program goes on. */
  public void setCacheLimit(CacheLimit changed) {
    limit = changed;
    cache.wantsChanged();
  }

  /** Frames that the process may come to want. */
  int wantedFrames() {
    return limit instanceof CacheLimit.Frames fixed ? fixed.frames(0) : Integer.MAX_VALUE;
  }

  synchronized void setShare(int frameCount) {
    share = frameCount;
    recap();
    if (residency.overCap()) {
      threads.askToNote();
      writeBack.wake();
    }
  }

  private void recap() {
    residency.setCap(Math.min(share, limit.frames(counters.pagesTouched)));
  }

  // ---- threads ----

  /** Registers the calling program thread. */
  synchronized short enter(PageView view) {
    short index = threads.add(view);
    views.add(view);
    view.note(threads.epoch());
    if (stopReason != null) {
      view.callAttention();
    }
    return index;
  }

  /** Unregisters it; its fetcher is closed. */
  synchronized void leave(PageView view) {
    residency.abandonFetches(view.index());
    threads.remove(view, view.index());
    views.remove(view);
    if (view.spare != NO_FRAME) {
      residency.release(view.spare);
      view.spare = NO_FRAME;
    }
    notifyAll();
  }

  PageLinks links() {
    return links;
  }

  long entries() {
    return table.entries();
  }

  Prefetch prefetch() {
    return settings.prefetch();
  }

  ProgramThreads threads() {
    return threads;
  }

  AtomicWaits waits() {
    return waits;
  }

  /** Ends every program thread at its next poll, fault or wait; the first reason counts. */
  public synchronized void stop(String reason) {
    if (stopReason == null) {
      stopReason = reason;
    }
    threads.callAttentionOfAll();
    // Ends waits, blocking calls and interpreted functions, which do not poll.
    for (PageView view : views) {
      view.interrupt();
    }
    notifyAll();
  }

  /** Poisons the space: nothing is written back any more, and every thread leaves. */
  public void fail(Throwable cause) {
    if (failure == null) {
      failure = cause;
    }
    stop("its memory failed");
  }

  /** Why the space is poisoned, or null. */
  public @Nullable Throwable failure() {
    return failure;
  }

  boolean isStopping() {
    return stopReason != null;
  }

  void checkStopped() {
    String reason = stopReason;
    if (reason != null) {
      throw new ProgramStopped(reason);
    }
  }

  /** A thread's slow poll. */
  @SuppressWarnings("ThreadPriorityCheck") // a yield that does nothing costs time, nothing else
  void attended(PageView view) {
    synchronized (this) {
      checkStopped();
      view.attentionGiven();
      view.note(threads.epoch());
      if (waitingThreads > 0) {
        notifyAll();
      }
      view.writeBackDue = isWriteBackDue();
      view.yieldDue = waitingForFrames > 0;
    }
    if (view.writeBackDue) {
      writeBack.wake();
    }
    if (view.yieldDue) {
      // Frames settle when every thread has come here: those that wait for a core first.
      Thread.yield();
    }
  }

  // ---- faults ----

  /**
   * Makes a page accessible to the calling thread.
   *
   * @param page within the present size
   * @return its entry, valid until the thread's next poll or fault
   */
  long fault(PageView view, int page, boolean write) {
    try {
      view.missed = false;
      int step = step(view, page, write);
      if (step != DONE) {
        long startNs = System.nanoTime();
        do {
          if (step == POLL) {
            view.poll();
          }
          step = step(view, page, write);
        } while (step != DONE);
        waited(view, System.nanoTime() - startNs);
      }
      view.send();
      if (view.writeBackDue) {
        writeBack.wake();
      }
      return view.entry;
    } catch (Throwable broken) {
      poison(broken);
      throw broken;
    }
  }

  /** What came out of the page path on a program thread; the caller throws it on. */
  void poison(Throwable broken) {
    if (broken instanceof ProgramStopped) {
      return;
    }
    if (broken instanceof RuntimeException) {
      // Stopping interrupts threads, which closes the links that they wait on.
      checkStopped();
    }
    // A plain store first: whatever went wrong, possibly a full stack, this must not.
    failure = broken;
    fail(broken);
  }

  private synchronized void waited(PageView view, long ns) {
    if (view.missed) {
      counters.missed(ns);
    } else {
      counters.stalled(ns);
    }
  }

  private synchronized int step(PageView view, int page, boolean write) {
    view.rest();
    if (waitingForFrames > 0) {
      // This thread is at rest now, so what others wait for may have settled.
      notifyAll();
    }
    checkStopped();
    int step =
        switch (table.state[page]) {
          case PageTable.RESIDENT -> mapResident(view, page, write);
          case PageTable.UNTOUCHED -> touch(view, page, write);
          case PageTable.ABSENT ->
              table.zeroAtHome[page] ? fillWithZeros(view, page, write) : miss(view, page);
          case PageTable.FETCHING -> awaitFetch(view, page);
          case PageTable.PREFETCHING -> overtake(view, page);
          default -> throw new IllegalStateException("state " + table.state[page]);
        };
    if (step == DONE) {
      if (view.spare != NO_FRAME) {
        residency.release(view.takeSpare());
      }
      view.writeBackDue = residency.hasDirtyBatch();
      view.goOn(threads.epoch());
    }
    return step;
  }

  private int mapResident(PageView view, int page, boolean write) {
    int frame = table.frameOf[page];
    if (write && residency.isWriting(frame)) {
      if (!haveSpare(view)) {
        return waitForFrame(view);
      }
      if (!residency.isWriting(frame)) {
        return AGAIN;
      }
      residency.moveForWriting(page, frame, view.takeSpare());
      frame = table.frameOf[page];
    }
    if (residency.isAhead(frame)) {
      // Before the page is mapped: taking frames may unmap pages, and what is mapped in this step
      // must stay so until the thread's next poll.
      prefetch(view, page, true);
      if (table.frameOf[page] != frame) {
        return AGAIN;
      }
      residency.creditPrefetch();
    }
    if (view.awaited == page) {
      view.awaited = PageView.NO_PAGE;
    } else {
      counters.softFaults++;
    }
    view.entry = residency.map(page, frame, write);
    return DONE;
  }

  private int touch(PageView view, int page, boolean write) {
    int step = fillWithZeros(view, page, write);
    if (step == DONE) {
      counters.pagesTouched++;
      recap();
    }
    return step;
  }

  private int fillWithZeros(PageView view, int page, boolean write) {
    if (!haveSpare(view)) {
      return waitForFrame(view);
    }
    int frame = view.takeSpare();
    AbsoluteMemory.zeroPage(frames.pool.address(frame));
    residency.install(page, frame);
    counters.zeroFills++;
    view.entry = residency.map(page, frame, write);
    return DONE;
  }

  private int miss(PageView view, int page) {
    if (!haveSpare(view)) {
      return waitForFrame(view);
    }
    if (!request(view, page, view.spare)) {
      return POLL;
    }
    view.takeSpare();
    table.state[page] = PageTable.FETCHING;
    view.awaited = page;
    view.missed = true;
    counters.misses++;
    prefetch(view, page, false);
    return POLL;
  }

  private boolean request(PageView view, int page, int frame) {
    if (!view.ask(page, frame)) {
      return false;
    }
    residency.fetching(page, frame, view.index());
    return true;
  }

  private int awaitFetch(PageView view, int page) {
    return view.awaited == page ? POLL : waitForOthers();
  }

  /** The page is on its way as a prefetch. */
  private int overtake(PageView view, int page) {
    int frame = table.frameOf[page];
    if (frames.reader[frame] == view.index()) {
      table.state[page] = PageTable.FETCHING;
      view.awaited = page;
      view.missed = true;
      residency.creditPrefetch();
      prefetch(view, page, true);
      return POLL;
    }
    // Another thread's: it may not poll for long, so this one asks for itself; the reply that
    // comes second finds the slot changed and is dropped.
    return miss(view, page);
  }

  private void prefetch(PageView view, int page, boolean reached) {
    PrefetchStreams streams = view.streams();
    streams.fault(page, reached, residency.aheadRoom());
    int count = streams.candidateCount();
    int pages = wasmPages * PAGES_PER_WASM_PAGE;
    for (int i = 0; i < count; i++) {
      int candidate = streams.candidate(i);
      if (candidate < 0
          || candidate >= pages
          || table.state[candidate] != PageTable.ABSENT
          || table.zeroAtHome[candidate]) {
        continue;
      }
      int frame = residency.take();
      if (frame == NO_FRAME) {
        return;
      }
      if (!request(view, candidate, frame)) {
        residency.release(frame);
        return;
      }
      table.state[candidate] = PageTable.PREFETCHING;
    }
  }

  private boolean haveSpare(PageView view) {
    if (view.spare == NO_FRAME) {
      view.spare = residency.take();
    }
    return view.spare != NO_FRAME;
  }

  /** No frame is free before a write-back is acknowledged or another thread passes a poll. */
  private int waitForFrame(PageView view) {
    threads.askToNote();
    writeBack.wake();
    if (view.hasInFlight()) {
      // Its own prefetched pages may be the frames that are missing.
      return POLL;
    }
    waitingForFrames++;
    try {
      return waitForOthers();
    } finally {
      waitingForFrames--;
    }
  }

  private int waitForOthers() {
    waitingThreads++;
    try {
      // The caller looks at the page anew, whatever ended the wait.
      TimeUnit.MILLISECONDS.timedWait(this, LOOK_AGAIN_MS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new ProgramStopped("its thread was interrupted");
    } finally {
      waitingThreads--;
    }
    return AGAIN;
  }

  // ---- replies ----

  /** A fetch is complete; on the fetching view's thread. */
  synchronized void fetched(PageView view, int page, int frame, boolean zero) {
    if (table.frameOf[page] != frame) {
      // The slot has changed since the request.
      residency.release(frame);
      return;
    }
    counters.pagesIn += zero ? 0 : 1;
    boolean waitedFor = table.state[page] == PageTable.FETCHING;
    residency.install(page, frame);
    if (!waitedFor) {
      residency.putAhead(frame);
    }
    if (waitingThreads > 0) {
      notifyAll();
    }
  }

  synchronized void fetchFailed(PageView view, int page, int frame) {
    if (view.awaited == page && table.frameOf[page] == frame) {
      view.awaited = PageView.NO_PAGE;
    }
    residency.fetchFailed(page, frame);
    notifyAll();
  }

  // ---- write-back, on its own thread ----

  /** Collects what is due, gives back frames above the limit; on the write-back thread. */
  synchronized void collect(WriteBatch batch) {
    if (residency.overCap()) {
      residency.balance();
      residency.shrink();
    }
    if (failure == null && isWriteBackDue()) {
      residency.collect(batch);
    }
    if (batch.isEmpty() && isWriteBackDue()) {
      threads.askToNote();
    }
  }

  synchronized boolean isWriteBackDue() {
    return residency.overCap()
        || residency.hasDirtyBatch()
        || (waitingForFrames > 0 && residency.dirtyCount() > 0);
  }

  synchronized void written(int frame, boolean zero) {
    counters.writeBacks++;
    counters.pagesOut += zero ? 0 : 1;
    residency.written(frame, zero);
    if (waitingThreads > 0) {
      notifyAll();
    }
  }

  synchronized void writeFailed(int frame) {
    residency.writeFailed(frame);
  }

  FrameTable frames() {
    return frames;
  }

  // ---- statistics and end ----

  public synchronized PageStatistics statistics() {
    return new PageStatistics(
        counters.pagesTouched,
        residency.cap(),
        counters.softFaults,
        counters.misses,
        counters.zeroFills,
        counters.prefetchUsed,
        counters.prefetchWasted,
        counters.writeBacks,
        counters.pagesIn << PAGE_SHIFT,
        counters.pagesOut << PAGE_SHIFT,
        counters.missUs(50),
        counters.missUs(90),
        counters.missUs(99),
        counters.missUs(100),
        counters.stallNsMax / 1e6);
  }

  /** Ends the space after its program's threads have ended; nothing is written back. */
  @Override
  public void close() {
    stop("its process has ended");
    writeBack.close();
    synchronized (this) {
      if (threads.count() > 0) {
        throw new IllegalStateException(
            threads.count() + " threads still use the memory of " + settings.name());
      }
      residency.giveBackAll();
      table.close();
    }
    cache.left(this);
  }
}
