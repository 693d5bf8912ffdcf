package org.splitrack.pcomponent.internal.wasi;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.splitrack.pcomponent.internal.file.Errno;
import org.splitrack.pcomponent.internal.file.FileFault;
import org.splitrack.pcomponent.internal.file.GuestBytes;

/**
 * A list of pieces of a program's memory, of at most {@value #MAX_PIECES}. It is copied and checked
 * before the first byte moves, so that another thread cannot change it afterwards. A file client
 * uses it from within a wait; each copy comes back to the program for its duration.
 */
final class IoVectors implements GuestBytes {
  static final int MAX_PIECES = 1024;
  private static final int ENTRY_BYTES = 8;

  private final HostThread thread;
  private final GuestMemory memory;
  private int[] addresses = new int[8];

  /** Where each piece begins among all bytes, and after the last one where they end. */
  private long[] starts = new long[9];

  private int pieces;

  /** The piece that the last copy ended in; copies mostly go on from there. */
  private int current;

  IoVectors(HostThread thread, GuestMemory memory) {
    this.thread = thread;
    this.memory = memory;
  }

  void take(int list, int count) {
    if (count < 0 || count > MAX_PIECES) {
      throw new FileFault(Errno.INVAL);
    }
    memory.check(list, (long) count * ENTRY_BYTES);
    if (count > addresses.length) {
      addresses = new int[count];
      starts = new long[count + 1];
    }
    long total = 0;
    for (int i = 0; i < count; i++) {
      int address = memory.readInt(list + i * ENTRY_BYTES);
      long length = Integer.toUnsignedLong(memory.readInt(list + i * ENTRY_BYTES + 4));
      memory.check(address, length);
      addresses[i] = address;
      starts[i] = total;
      total += length;
    }
    starts[count] = total;
    if (total > Integer.toUnsignedLong(-1)) {
      throw new FileFault(Errno.INVAL);
    }
    pieces = count;
    current = 0;
  }

  @Override
  public long length() {
    return starts[pieces];
  }

  @Override
  public void put(long at, ByteBuffer from) {
    thread.backToProgram();
    try {
      fill(at, from);
    } finally {
      thread.awayFromProgram();
    }
  }

  @Override
  public void get(long at, ByteBuffer into) {
    thread.backToProgram();
    try {
      drain(at, into);
    } finally {
      thread.awayFromProgram();
    }
  }

  /** As {@link #put}, on a thread that is with the program. */
  void fill(long at, ByteBuffer from) {
    int end = from.limit();
    long next = at;
    while (from.position() < end) {
      seek(next);
      from.limit(from.position() + pieceBytes(next, end - from.position()));
      int bytes = from.remaining();
      memory.write(addressOf(next), from);
      from.limit(end);
      next += bytes;
    }
  }

  /** As {@link #get}, on a thread that is with the program. */
  void drain(long at, ByteBuffer into) {
    int end = into.limit();
    long next = at;
    while (into.position() < end) {
      seek(next);
      into.limit(into.position() + pieceBytes(next, end - into.position()));
      int bytes = into.remaining();
      memory.read(addressOf(next), into);
      into.limit(end);
      next += bytes;
    }
  }

  private void seek(long at) {
    if (at < 0 || at >= length()) {
      throw new IllegalArgumentException("byte " + at + " of " + length());
    }
    if (at < starts[current]) {
      int found = Arrays.binarySearch(starts, 0, pieces, at);
      current = found >= 0 ? found : -found - 2;
    }
    while (at >= starts[current + 1]) {
      current++;
    }
  }

  private int addressOf(long at) {
    return addresses[current] + (int) (at - starts[current]);
  }

  private int pieceBytes(long at, int wanted) {
    return (int) Math.min(starts[current + 1] - at, wanted);
  }
}
