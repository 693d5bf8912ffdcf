package org.splitrack.pcomponent.internal.file;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.control.FileCalls.Caller;
import org.splitrack.fabric.storage.StorageClient.Place;
import org.splitrack.fabric.storage.StorageFault;
import org.splitrack.fabric.storage.StorageGeometry;

/**
 * Takes a program's writes into a file's blocks and brings them to the extents behind its back:
 * runs of neighbouring bytes, up to 1 MiB each, a few at once. A block is never in two requests at
 * once, so that a later write cannot be overtaken by an earlier one.
 */
final class BlockWrites {
  /** So many dirty blocks make a full request. */
  private static final int FULL_RUN = StorageGeometry.MAX_TRANSFER_BYTES / Block.BYTES;

  private static final int MAX_WRITERS = 3;
  private static final int MAX_SYNCS = 8;
  private static final long PERMIT_WAIT_MS = 20;

  private final CachedFile file;
  private final FileCache cache;

  /** All that follows is guarded by the file's lock. */
  private final TreeMap<Long, Block> dirty = new TreeMap<>();

  /** Written since the last sync, and in which generation of the disk. */
  private final Map<Place, Long> unsynced = new HashMap<>();

  private boolean lostWithTheDisk;
  private int writers;
  private int runsInFlight;
  private @Nullable Caller caller;

  BlockWrites(CachedFile file, FileCache cache) {
    this.file = file;
    this.cache = cache;
  }

  /** Needs the file's lock. */
  boolean isWriting() {
    return runsInFlight > 0;
  }

  /** Takes what remains in {@code from}, all of one block, as bytes of the file from offset on. */
  void write(long offset, ByteBuffer from, Caller writer) throws InterruptedException {
    Supplies supplies = new Supplies();
    try {
      do {
        supplies.fetch();
        file.ensureExtent(ExtentMap.extentOf(offset), writer);
      } while (!tryWrite(offset, from, writer, supplies));
    } finally {
      supplies.giveBack();
    }
  }

  /** What a write may need and must not wait for with the file locked. */
  private final class Supplies {
    boolean needsBlock;
    boolean needsPermit;
    boolean needsClean;
    @Nullable Block block;
    boolean permit;

    void fetch() throws InterruptedException {
      if (needsBlock && block == null) {
        block = cache.pool().take();
      }
      if (needsPermit && !permit) {
        takePermit();
      }
      if (needsClean) {
        needsClean = false;
        finish();
      }
    }

    private void takePermit() throws InterruptedException {
      long deadlineNs = System.nanoTime() + 2 * cache.patienceNs();
      while (!permit) {
        cache.writeSoon();
        permit = cache.dirtyPermits().tryAcquire(PERMIT_WAIT_MS, TimeUnit.MILLISECONDS);
        if (!permit && System.nanoTime() > deadlineNs) {
          throw new FileFault(Errno.IO, "no file buffer gets clean");
        }
      }
    }

    void giveBack() {
      if (block != null) {
        cache.pool().giveBack(block);
      }
      if (permit) {
        cache.dirtyPermits().release();
      }
    }
  }

  /** False: {@code supplies} says what is missing, or something has changed meanwhile. */
  private boolean tryWrite(long offset, ByteBuffer from, Caller writer, Supplies supplies)
      throws InterruptedException {
    long index = offset / Block.BYTES;
    int start = (int) (offset % Block.BYTES);
    int end = start + from.remaining();
    file.lock.lockInterruptibly();
    try {
      Block block = file.blocks.get(index);
      if (file.isResizing() || (block != null && block.load != null)) {
        file.reads().obtain(index, 1, writer);
        return false;
      }
      if (block == null) {
        if (!isOverwritten(index, start, end)) {
          file.reads().obtain(index, 1, writer);
          return false;
        }
        block = supplies.block;
        if (block == null) {
          supplies.needsBlock = true;
          return false;
        }
        block.clearBytes(0);
        file.adopt(block, index, null);
        supplies.block = null;
      }
      if (!block.isDirty()) {
        if (!supplies.permit && !cache.dirtyPermits().tryAcquire()) {
          supplies.needsPermit = true;
          return false;
        }
        supplies.permit = false;
        dirty.put(index, block);
      }
      if (!block.dirty.add(start, end)) {
        supplies.needsClean = true;
        return false;
      }
      block.put(start, from);
      block.referenced = true;
      caller = writer;
      file.wrote(offset + end - start, writer);
      if (dirty.size() >= FULL_RUN) {
        beginLocked();
      }
      return true;
    } finally {
      file.lock.unlock();
    }
  }

  /** Needs the lock. Nothing that the file holds now would remain of the block but zeros. */
  private boolean isOverwritten(long index, int start, int end) {
    long blockStart = index * Block.BYTES;
    long held = file.sizeBytes() - blockStart;
    return held <= 0 || (start == 0 && end >= Math.min(held, Block.BYTES));
  }

  /** Begins to write what is dirty. */
  void begin() {
    file.lock.lock();
    try {
      beginLocked();
    } finally {
      file.lock.unlock();
    }
  }

  /** Returns when nothing is dirty any more; what could not be written is the file's failure. */
  void finish() throws InterruptedException {
    file.lock.lockInterruptibly();
    try {
      while (!dirty.isEmpty()) {
        beginLocked();
        file.changed.await();
      }
    } finally {
      file.lock.unlock();
    }
  }

  /** Returns when all that was written is on disk. */
  void sync() throws InterruptedException {
    Map<Place, Long> places;
    boolean lost;
    file.lock.lockInterruptibly();
    try {
      places = Map.copyOf(unsynced);
      unsynced.clear();
      lost = lostWithTheDisk;
      lostWithTheDisk = false;
    } finally {
      file.lock.unlock();
    }
    boolean done = false;
    try {
      lost |= !syncAll(places);
      done = true;
    } finally {
      if (!done) {
        restoreUnsynced(places);
      }
    }
    if (lost) {
      throw new FileFault(Errno.IO, "an sComponent's disk lost writes before they were synced");
    }
  }

  /**
   * Needs the file's lock. What was written behind {@code fromBytes} and is not on its way is
   * forgotten.
   */
  void discard(long fromBytes) {
    for (Block block : List.copyOf(dirty.tailMap(fromBytes / Block.BYTES, true).values())) {
      block.dirty.cut((int) Math.max(0, fromBytes - block.index * Block.BYTES));
      if (!block.isDirty()) {
        clean(block);
      }
    }
  }

  /** False when one of them is in another generation of its disk than it was written in. */
  private boolean syncAll(Map<Place, Long> places) throws InterruptedException {
    List<Place> all = List.copyOf(places.keySet());
    boolean kept = true;
    for (int first = 0; first < all.size(); first += MAX_SYNCS) {
      Map<Place, CompletableFuture<Boolean>> syncs = new HashMap<>();
      for (Place place : all.subList(first, Math.min(all.size(), first + MAX_SYNCS))) {
        Long written = places.get(place);
        syncs.put(
            place,
            CompletableFuture.supplyAsync(() -> sync(place, written), Thread::startVirtualThread));
      }
      for (CompletableFuture<Boolean> sync : syncs.values()) {
        kept &= resultOf(sync);
      }
    }
    return kept;
  }

  private boolean sync(Place place, @Nullable Long written) {
    try {
      long synced = cache.storage().sync(place);
      return written != null && synced == written;
    } catch (StorageFault e) {
      if (e.reason() == StorageFault.Reason.NO_SUCH_EXTENT) {
        // It was cut off since; nothing that has to be kept was in it.
        return true;
      }
      throw e;
    }
  }

  private static boolean resultOf(CompletableFuture<Boolean> sync) throws InterruptedException {
    try {
      return sync.get();
    } catch (ExecutionException e) {
      throw new FileFault(Errno.IO, String.valueOf(e.getCause()));
    }
  }

  private void restoreUnsynced(Map<Place, Long> places) {
    file.lock.lock();
    try {
      places.forEach(this::noteUnsynced);
    } finally {
      file.lock.unlock();
    }
  }

  /** Needs the file's lock. */
  private void noteUnsynced(Place place, long generation) {
    Long before = unsynced.put(place, generation);
    lostWithTheDisk |= before != null && before != generation;
  }

  /** Needs the file's lock. */
  private void beginLocked() {
    int wanted = Math.min(MAX_WRITERS, Math.ceilDiv(dirty.size(), FULL_RUN));
    while (writers < wanted) {
      writers++;
      Thread.ofVirtual().name("file-write").start(this::writeRuns);
    }
  }

  private void writeRuns() {
    Run run = takeRun();
    while (run != null) {
      FileFault fault = new FileFault(Errno.IO, "a write failed");
      try {
        write(run);
        fault = null;
      } catch (StorageFault e) {
        fault =
            new FileFault(
                e.reason() == StorageFault.Reason.FULL ? Errno.NOSPC : Errno.IO,
                String.valueOf(e.getMessage()));
      } catch (FileFault e) {
        fault = e;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        finish(run, fault);
      }
      run = takeRun();
    }
  }

  /** Null, and one writer fewer: nothing can be written now. */
  private @Nullable Run takeRun() {
    file.lock.lock();
    try {
      if (!file.isResizing()) {
        for (Block block : dirty.values()) {
          if (!block.writing) {
            runsInFlight++;
            return take(block);
          }
        }
      }
      writers--;
      return null;
    } finally {
      file.lock.unlock();
    }
  }

  /** The first dirty range of a block, and what joins it in those behind. */
  private Run take(Block first) {
    long offset = first.index * Block.BYTES + first.dirty.firstStart();
    List<Block> blocks = new ArrayList<>();
    int length = 0;
    Block next = first;
    while (next != null) {
      int end = next.dirty.firstEnd();
      length += end - next.dirty.firstStart();
      next.dirty.removeFirst();
      next.writing = true;
      blocks.add(next);
      next = end == Block.BYTES ? joining(next.index + 1, offset, length) : null;
    }
    return new Run(offset, length, blocks, caller);
  }

  private @Nullable Block joining(long index, long offset, int length) {
    Block block = dirty.get(index);
    boolean joins =
        block != null
            && !block.writing
            && !block.dirty.isEmpty()
            && block.dirty.firstStart() == 0
            && length + block.dirty.firstEnd() <= StorageGeometry.MAX_TRANSFER_BYTES
            && ExtentMap.extentOf(index * Block.BYTES) == ExtentMap.extentOf(offset);
    return joins ? block : null;
  }

  private void write(Run run) throws InterruptedException {
    Place place = place(run);
    long generation;
    try {
      generation = cache.storage().write(place, run.offsetInExtent(), run.bytes());
    } catch (StorageFault e) {
      if (e.reason() != StorageFault.Reason.NO_SUCH_EXTENT) {
        throw e;
      }
      // Another pComponent has cut the file since: these bytes come after the cut.
      file.forgetExtents();
      place = place(run);
      generation = cache.storage().write(place, run.offsetInExtent(), run.bytes());
    }
    file.lock.lock();
    try {
      noteUnsynced(place, generation);
    } finally {
      file.lock.unlock();
    }
  }

  private Place place(Run run) throws InterruptedException {
    Caller writer = run.caller();
    if (writer == null) {
      throw new FileFault(Errno.IO, "nobody wrote these bytes");
    }
    file.ensureExtent(ExtentMap.extentOf(run.offset()), writer);
    file.lock.lock();
    try {
      Place place = file.placeOf(run.offset());
      if (place == null) {
        throw new FileFault(Errno.IO, "an extent went while it was written");
      }
      return place;
    } finally {
      file.lock.unlock();
    }
  }

  private void finish(Run run, @Nullable FileFault fault) {
    file.lock.lock();
    try {
      runsInFlight--;
      for (Block block : run.blocks()) {
        block.writing = false;
        if (fault != null) {
          // What the extent holds there is not known; the next reader asks.
          block.dirty.clear();
        }
        if (!block.isDirty()) {
          clean(block);
          if (fault != null) {
            file.abandon(block);
          }
        }
      }
      if (fault != null) {
        file.lostWrites(run.offset(), fault);
      }
      file.changed.signalAll();
    } finally {
      file.lock.unlock();
    }
  }

  private void clean(Block block) {
    dirty.remove(block.index);
    cache.dirtyPermits().release();
    file.changed.signalAll();
  }

  /**
   * Bytes on their way: the dirty range of each block that was taken is contiguous with the next.
   */
  private record Run(long offset, int length, List<Block> blocks, @Nullable Caller caller) {
    int offsetInExtent() {
      return ExtentMap.offsetInExtent(offset);
    }

    ByteBuffer[] bytes() {
      ByteBuffer[] parts = new ByteBuffer[blocks.size()];
      int from = (int) (offset % Block.BYTES);
      int left = length;
      for (int i = 0; i < parts.length; i++) {
        int part = Math.min(Block.BYTES - from, left);
        parts[i] = blocks.get(i).bytes.slice(from, part);
        left -= part;
        from = 0;
      }
      return parts;
    }
  }
}
