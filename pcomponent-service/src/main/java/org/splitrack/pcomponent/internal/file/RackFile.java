package org.splitrack.pcomponent.internal.file;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.splitrack.fabric.control.FileCalls;

/** A file that one process has open; its bytes and size are shared by all of the pComponent. */
final class RackFile implements OpenFile {
  private final RackFileSystem system;
  private final CachedFile file;
  private final boolean readOnly;
  private final ReadAhead ahead = new ReadAhead();
  private final AtomicBoolean closed = new AtomicBoolean();

  RackFile(RackFileSystem system, CachedFile file, boolean readOnly) {
    this.system = system;
    this.file = file;
    this.readOnly = readOnly;
  }

  @Override
  public FileStat stat() {
    return RackFileSystem.stat(file.stat());
  }

  @Override
  public void setTimes(long accessedNs, long modifiedNs) {
    checkWritable();
    Interruptions.run(() -> file.setTimes(accessedNs, modifiedNs, system.caller()));
  }

  @Override
  public long read(long offset, GuestBytes into) {
    if (offset < 0) {
      throw new FileFault(Errno.INVAL);
    }
    return inPieces(
        into.length(),
        (done, buffer) -> {
          long at = offset + done;
          int pieceBytes = (int) Math.min(Block.BYTES - at % Block.BYTES, into.length() - done);
          ReadAhead.Range range = ahead.before(at, pieceBytes);
          if (!range.isEmpty()) {
            file.reads().prefetch(range.from(), range.to());
          }
          int got =
              file.reads().read(at, buffer.limit(pieceBytes), ahead.runBlocks(), system.caller());
          into.put(done, buffer.flip());
          return got;
        });
  }

  @Override
  public long write(long offset, GuestBytes from) {
    checkWritable();
    if (offset < 0) {
      throw new FileFault(Errno.INVAL);
    }
    if (from.length() > FileCalls.MAX_FILE_BYTES - offset) {
      throw new FileFault(Errno.FBIG);
    }
    file.throwFailure();
    return writeAt(offset, from);
  }

  @Override
  public Appended append(GuestBytes from) {
    checkWritable();
    file.throwFailure();
    if (from.length() == 0) {
      return new Appended(file.stat().bytes(), 0);
    }
    // The place at the end is taken first, so that nobody is locked out while bytes are copied.
    long start = file.reserveEnd(from.length(), system.caller());
    long written = 0;
    try {
      written = writeAt(start, from);
    } finally {
      if (written < from.length()) {
        file.giveBackEnd(start + from.length(), start + written);
      }
    }
    return new Appended(start, written);
  }

  @Override
  public void truncate(long size) {
    checkWritable();
    checkSize(size);
    file.throwFailure();
    Interruptions.run(() -> file.truncate(size, system.caller()));
  }

  @Override
  public void allocate(long offset, long length) {
    checkWritable();
    checkSize(offset);
    checkSize(length);
    checkSize(offset + length);
    Interruptions.run(() -> file.allocateRange(offset, length, system.caller()));
  }

  @Override
  public void sync() {
    Interruptions.run(() -> file.sync(system.caller()));
  }

  @Override
  public void syncData() {
    sync();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      system.closed(this, file);
    }
  }

  private long writeAt(long offset, GuestBytes from) {
    return inPieces(
        from.length(),
        (done, buffer) -> {
          long at = offset + done;
          int pieceBytes = (int) Math.min(Block.BYTES - at % Block.BYTES, from.length() - done);
          from.get(done, buffer.limit(pieceBytes));
          file.writes().write(at, buffer.flip(), system.caller());
          return pieceBytes;
        });
  }

  /** Until nothing is left or there is an end; after the first piece a fault only ends it early. */
  private long inPieces(long length, Piece piece) {
    ByteBuffer buffer = system.cache().staging().take();
    long done = 0;
    try {
      while (done < length) {
        buffer.clear();
        int step = copy(piece, done, buffer);
        if (step == 0) {
          break;
        }
        done += step;
      }
    } finally {
      system.cache().staging().giveBack(buffer);
    }
    return done;
  }

  private static int copy(Piece piece, long done, ByteBuffer buffer) {
    try {
      return piece.copy(done, buffer);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      if (done > 0) {
        return 0;
      }
      throw new FileFault(Errno.INTR);
    } catch (FileFault e) {
      if (done > 0) {
        return 0;
      }
      throw e;
    }
  }

  private void checkWritable() {
    if (readOnly) {
      throw new FileFault(Errno.ROFS);
    }
  }

  private static void checkSize(long size) {
    if (size < 0) {
      throw new FileFault(Errno.INVAL);
    }
    if (size > FileCalls.MAX_FILE_BYTES) {
      throw new FileFault(Errno.FBIG);
    }
  }

  private interface Piece {
    int copy(long done, ByteBuffer buffer) throws InterruptedException;
  }
}
