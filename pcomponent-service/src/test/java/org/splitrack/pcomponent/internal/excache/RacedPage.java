package org.splitrack.pcomponent.internal.excache;

import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;

import java.util.concurrent.atomic.AtomicInteger;
import org.splitrack.fabric.memory.FramePool;

/**
 * One page, one thread that stores into it, and one that takes it away at the same time, built of
 * the classes that do so in an {@link AddressSpace}. The store must be in what is left: in the
 * frame if the page stays, in the home's copy if that counts as equal or the frame is gone.
 */
class RacedPage {
  private static final int PAGES = 1 << 14;
  private static final int GONE = 0xDEAD;
  private static final FramePool FRAMES = new FramePool(2 * PAGES);
  private static final PageTable TABLE = new PageTable(PAGES);
  private static final AtomicInteger NEXT = new AtomicInteger();

  private final int page = NEXT.getAndIncrement() & (PAGES - 1);
  private final ProgramThreads threads = new ProgramThreads();
  private final PollState program = new PollState() {};
  private final boolean handshake;
  private int frame = 2 * page;
  private boolean resident = true;
  private boolean writing;
  private boolean clean;
  private int heldByHome;

  /**
   * @param handshake false plants the bug: a frame counts as settled at once
   */
  RacedPage(boolean handshake) {
    this.handshake = handshake;
    AbsoluteMemory.setInt(content(), 0);
    TABLE.map(page, FRAMES.address(frame), true);
    threads.add(program);
    program.goOn(threads.epoch());
  }

  private long content() {
    return FRAMES.address(frame);
  }

  // ---- the program's thread ----

  void store() {
    long at = (long) page * PAGE_BYTES;
    long entry =
        AbsoluteMemory.longAt(TABLE.entries() + (long) page * PageTable.ENTRIES_BYTES + Long.BYTES);
    AbsoluteMemory.setInt((entry != 0 ? entry : writeFault()) + at, 1);
    if (program.isCalled()) {
      synchronized (this) {
        program.attentionGiven();
        program.note(threads.epoch());
      }
    }
    program.rest();
  }

  private synchronized long writeFault() {
    program.rest();
    if (!resident) {
      resident = true;
      moveTo(heldByHome);
    } else if (writing) {
      moveTo(AbsoluteMemory.intAt(content()));
    }
    clean = false;
    long entry = TABLE.map(page, FRAMES.address(frame), true);
    program.goOn(threads.epoch());
    return entry;
  }

  private void moveTo(int value) {
    frame ^= 1;
    AbsoluteMemory.setInt(content(), value);
  }

  // ---- who takes it away ----

  /** Writes the page back and keeps it. */
  void clean() {
    writeBack(unmap());
  }

  /** Writes it back and gives the frame to another page. */
  void evict() {
    if (writeBack(unmap())) {
      synchronized (this) {
        if (clean) {
          resident = false;
          AbsoluteMemory.setInt(content(), GONE);
        }
      }
    }
  }

  /** Takes away only the right to store, as when another is to read the page. */
  void recall() {
    long number;
    synchronized (this) {
      TABLE.map(page, FRAMES.address(frame), false);
      number = threads.advance();
    }
    writeBack(number);
  }

  private synchronized long unmap() {
    TABLE.unmap(page);
    return threads.advance();
  }

  private boolean writeBack(long number) {
    while (!mayWrite(number)) {
      Thread.onSpinWait();
    }
    int source;
    synchronized (this) {
      long entry =
          AbsoluteMemory.longAt(
              TABLE.entries() + (long) page * PageTable.ENTRIES_BYTES + Long.BYTES);
      if (entry != 0) {
        // Stored to again meanwhile: it is dirty and stays.
        return false;
      }
      writing = true;
      source = frame;
    }
    int sent = AbsoluteMemory.intAt(FRAMES.address(source));
    synchronized (this) {
      writing = false;
      heldByHome = sent;
      clean = frame == source;
      return clean;
    }
  }

  private synchronized boolean mayWrite(long number) {
    if (!handshake || threads.settled(number)) {
      return true;
    }
    threads.askToNote();
    return false;
  }

  // ---- what is left ----

  synchronized int left() {
    return clean || !resident ? heldByHome : AbsoluteMemory.intAt(content());
  }
}
