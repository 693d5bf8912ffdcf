package org.splitrack.pcomponent.internal.excache;

import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.splitrack.fabric.memory.FramePool;
import org.splitrack.fabric.memory.PageFetcher;
import org.splitrack.fabric.memory.PageWriter;

/**
 * The home of one process's pages, in memory and without a network, that is as awkward as a home
 * may be: replies come late and in any order, what they say was true when the request was sent, and
 * every rule that the page path promises to keep is checked. Allocates nothing once it is made.
 */
public final class FakeHome implements PageLinks, AutoCloseable {
  private static final int MAX_IN_FLIGHT = 64;

  private final FramePool pool;
  private final Arena arena = Arena.ofShared();
  private final long store;
  private final long[] versions;
  private final boolean[] beingWritten;
  private final Random random;
  private final boolean prompt;
  private volatile long extraLatencyNs;
  private long reads;

  /**
   * @param prompt replies come at once and in order
   */
  public FakeHome(FramePool pool, int pages, long seed, boolean prompt) {
    this.pool = pool;
    this.prompt = prompt;
    random = new Random(seed);
    store = arena.allocate((long) pages * PAGE_BYTES, PAGE_BYTES).address();
    versions = new long[pages];
    beingWritten = new boolean[pages];
  }

  /** Every reply takes so much longer. */
  public void delay(long ns) {
    extraLatencyNs = ns;
  }

  public synchronized long reads() {
    return reads;
  }

  @Override
  public PageFetcher newFetcher() {
    return new Fetcher();
  }

  @Override
  public PageWriter newWriter() {
    return new Writer();
  }

  @Override
  public void close() {
    arena.close();
  }

  private synchronized int random(int bound) {
    return random.nextInt(bound);
  }

  private static void waitNs(long ns) {
    if (ns > 0) {
      long end = System.nanoTime() + ns;
      while (System.nanoTime() < end) {
        Thread.onSpinWait();
      }
    }
  }

  private final class Fetcher implements PageFetcher {
    private final int[] pages = new int[MAX_IN_FLIGHT];
    private final int[] frames = new int[MAX_IN_FLIGHT];
    private final long[] pageVersions = new long[MAX_IN_FLIGHT];
    private final MemorySegment replies =
        arena.allocate((long) MAX_IN_FLIGHT * PAGE_BYTES, PAGE_BYTES);
    private int queued;
    private int sent;
    private long sentAtNs;

    @Override
    public boolean read(int pageNumber, int frame) {
      if (queued == MAX_IN_FLIGHT) {
        return false;
      }
      pages[queued] = pageNumber;
      frames[queued] = frame;
      queued++;
      return true;
    }

    @Override
    public void flush() {
      sentAtNs = System.nanoTime();
      for (; sent < queued; sent++) {
        int page = pages[sent];
        synchronized (FakeHome.this) {
          reads++;
          if (beingWritten[page]) {
            throw new AssertionError("page " + page + " is read before its write-back is held");
          }
          pageVersions[sent] = versions[page];
          AbsoluteMemory.copy(
              store + (long) page * PAGE_BYTES,
              replies.address() + (long) sent * PAGE_BYTES,
              PAGE_BYTES);
        }
      }
    }

    @Override
    public int inFlight() {
      return queued;
    }

    @Override
    public int poll(long waitNs, PageFetcher.Completions completions) {
      if (sent == 0 || (!prompt && waitNs == 0 && random(2) == 0)) {
        return 0;
      }
      waitNs(sentAtNs + extraLatencyNs - System.nanoTime());
      int deliver = prompt ? sent : 1 + random(sent);
      for (int i = 0; i < deliver; i++) {
        int at = prompt ? 0 : random(sent);
        int page = pages[at];
        int frame = frames[at];
        long reply = replies.address() + (long) at * PAGE_BYTES;
        AbsoluteMemory.copy(reply, pool.address(frame), PAGE_BYTES);
        long version = pageVersions[at];
        boolean zero = AbsoluteMemory.isZeroPage(reply);
        remove(at);
        completions.fetched(page, frame, version, zero);
      }
      return deliver;
    }

    private void remove(int at) {
      int behind = queued - at - 1;
      System.arraycopy(pages, at + 1, pages, at, behind);
      System.arraycopy(frames, at + 1, frames, at, behind);
      System.arraycopy(pageVersions, at + 1, pageVersions, at, behind);
      AbsoluteMemory.copy(
          replies.address() + (at + 1L) * PAGE_BYTES,
          replies.address() + (long) at * PAGE_BYTES,
          (long) behind * PAGE_BYTES);
      queued--;
      sent--;
    }

    @Override
    public void close() {
      queued = 0;
      sent = 0;
    }
  }

  private final class Writer implements PageWriter {
    private final int[] pages = new int[MAX_IN_FLIGHT];
    private final int[] frames = new int[MAX_IN_FLIGHT];
    private final long[] pageVersions = new long[MAX_IN_FLIGHT];
    private final boolean[] zeros = new boolean[MAX_IN_FLIGHT];
    private final MemorySegment copies =
        arena.allocate((long) MAX_IN_FLIGHT * PAGE_BYTES, PAGE_BYTES);
    private int queued;

    @Override
    public boolean write(int pageNumber, int frame, long version, boolean zero) {
      if (queued == MAX_IN_FLIGHT) {
        return false;
      }
      pages[queued] = pageNumber;
      frames[queued] = frame;
      pageVersions[queued] = version;
      zeros[queued] = zero;
      AbsoluteMemory.copy(pool.address(frame), copy(queued), PAGE_BYTES);
      synchronized (FakeHome.this) {
        beingWritten[pageNumber] = true;
      }
      queued++;
      return true;
    }

    private long copy(int at) {
      return copies.address() + (long) at * PAGE_BYTES;
    }

    @Override
    public void flush() {}

    @Override
    public int inFlight() {
      return queued;
    }

    @Override
    public int poll(long waitNs, PageWriter.Completions completions) {
      if (queued == 0 || (!prompt && waitNs == 0 && random(2) == 0)) {
        return 0;
      }
      waitNs(extraLatencyNs);
      int deliver = prompt ? queued : 1 + random(queued);
      for (int i = 0; i < deliver; i++) {
        hold(0);
        int page = pages[0];
        int frame = frames[0];
        long version = pageVersions[0];
        removeFirst();
        completions.written(page, frame, version);
      }
      return deliver;
    }

    private void hold(int at) {
      for (int i = 0; i < PAGE_BYTES; i += Long.BYTES) {
        if (AbsoluteMemory.longAt(pool.address(frames[at]) + i)
            != AbsoluteMemory.longAt(copy(at) + i)) {
          throw new AssertionError("frame " + frames[at] + " changed while it was being written");
        }
      }
      if (zeros[at] != AbsoluteMemory.isZeroPage(copy(at))) {
        throw new AssertionError("page " + pages[at] + " is sent as zeros and is not, or is");
      }
      synchronized (FakeHome.this) {
        int page = pages[at];
        if (pageVersions[at] <= versions[page]) {
          throw new AssertionError("version of page " + page + " did not rise");
        }
        versions[page] = pageVersions[at];
        AbsoluteMemory.copy(copy(at), store + (long) page * PAGE_BYTES, PAGE_BYTES);
        boolean again = false;
        for (int i = 1; i < queued; i++) {
          again |= pages[i] == page;
        }
        beingWritten[page] = again;
      }
    }

    private void removeFirst() {
      int behind = queued - 1;
      System.arraycopy(pages, 1, pages, 0, behind);
      System.arraycopy(frames, 1, frames, 0, behind);
      System.arraycopy(pageVersions, 1, pageVersions, 0, behind);
      System.arraycopy(zeros, 1, zeros, 0, behind);
      AbsoluteMemory.copy(copy(1), copy(0), (long) behind * PAGE_BYTES);
      queued--;
    }

    @Override
    public void close() {
      Arrays.fill(pages, 0);
      queued = 0;
    }
  }
}
