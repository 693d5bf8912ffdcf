package org.splitrack.pcomponent.internal.wasi;

import java.nio.ByteBuffer;
import java.util.List;
import org.splitrack.pcomponent.internal.file.Errno;
import org.splitrack.pcomponent.internal.file.FileFault;

/** Arguments, environment, clocks, random bytes and the process itself. */
final class ProgramCalls {
  private static final int CLOCK_REALTIME = 0;
  private static final int CLOCK_MONOTONIC = 1;
  private static final int CLOCK_PROCESS_CPU = 2;
  private static final int CLOCK_THREAD_CPU = 3;

  /** Signals whose default is to do nothing: none, child, continue, urgent, window change. */
  private static final long HARMLESS_SIGNALS = 1L | 1L << 16 | 1L << 17 | 1L << 22 | 1L << 27;

  private static final int MAX_SIGNAL = 30;

  private final Caller caller;

  ProgramCalls(Caller caller) {
    this.caller = caller;
  }

  void argsGet(int pointers, int bytes) {
    storeStrings(caller.program().arguments(), pointers, bytes);
  }

  void argsSizesGet(int count, int bytes) {
    storeSizes(caller.program().arguments(), count, bytes);
  }

  void environGet(int pointers, int bytes) {
    storeStrings(caller.program().environment(), pointers, bytes);
  }

  void environSizesGet(int count, int bytes) {
    storeSizes(caller.program().environment(), count, bytes);
  }

  private void storeSizes(List<byte[]> strings, int count, int bytes) {
    caller.memory().check(bytes, Integer.BYTES);
    caller.storeInt(count, strings.size());
    caller.storeInt(bytes, (int) closedBytes(strings));
  }

  private void storeStrings(List<byte[]> strings, int pointers, int bytes) {
    GuestMemory memory = caller.memory();
    memory.check(pointers, (long) strings.size() * Integer.BYTES);
    memory.check(bytes, closedBytes(strings));
    int pointer = pointers;
    int at = bytes;
    for (byte[] string : strings) {
      memory.writeInt(pointer, at);
      memory.write(at, ByteBuffer.wrap(string));
      memory.writeByte(at + string.length, (byte) 0);
      pointer += Integer.BYTES;
      at += string.length + 1;
    }
  }

  private static long closedBytes(List<byte[]> strings) {
    long bytes = 0;
    for (byte[] string : strings) {
      bytes += string.length + 1L;
    }
    return bytes;
  }

  void clockResGet(int clock, int result) {
    long resolutionNs =
        switch (clock) {
          case CLOCK_REALTIME -> 1_000;
          case CLOCK_MONOTONIC, CLOCK_PROCESS_CPU, CLOCK_THREAD_CPU -> 1;
          default -> throw new FileFault(Errno.INVAL);
        };
    caller.storeLong(result, resolutionNs);
  }

  void clockTimeGet(int clock, int result) {
    caller.storeLong(result, timeNs(clock));
  }

  long timeNs(int clock) {
    ProgramClocks clocks = caller.program().clocks();
    return switch (clock) {
      case CLOCK_REALTIME -> clocks.realtimeNs();
      case CLOCK_MONOTONIC -> clocks.monotonicNs();
      case CLOCK_PROCESS_CPU -> clocks.processCpuNs();
      case CLOCK_THREAD_CPU -> clocks.threadCpuNs();
      default -> throw new FileFault(Errno.INVAL);
    };
  }

  void randomGet(int address, int length) {
    long bytes = Integer.toUnsignedLong(length);
    caller.memory().check(address, bytes);
    byte[] random = new byte[(int) Math.min(bytes, 4096)];
    for (long done = 0; done < bytes; ) {
      int now = (int) Math.min(bytes - done, random.length);
      caller.program().random().nextBytes(random);
      caller.memory().write(address + (int) done, ByteBuffer.wrap(random, 0, now));
      done += now;
      caller.thread().checkStop();
    }
  }

  void procRaise(int signal) {
    if (signal < 0 || signal > MAX_SIGNAL) {
      throw new FileFault(Errno.INVAL);
    }
    if ((HARMLESS_SIGNALS >>> signal & 1) == 0) {
      throw new ProgramSignal(signal);
    }
  }

  void schedYield() {
    caller.awayRun(Thread::yield);
  }
}
