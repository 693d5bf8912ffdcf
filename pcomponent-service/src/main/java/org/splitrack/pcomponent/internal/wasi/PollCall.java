package org.splitrack.pcomponent.internal.wasi;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.splitrack.pcomponent.internal.file.Errno;
import org.splitrack.pcomponent.internal.file.FileFault;

/**
 * {@code poll_oneoff}: waits for clocks and for standard input; files and standard output are
 * always ready. Returns all that is ready, at least one event.
 */
final class PollCall {
  static final int MAX_SUBSCRIPTIONS = 1024;
  private static final int SUBSCRIPTION_BYTES = 48;
  private static final int EVENT_BYTES = 32;

  private static final int TYPE_CLOCK = 0;
  private static final int TYPE_READ = 1;
  private static final int TYPE_WRITE = 2;
  private static final int CLOCK_ABSOLUTE = 1;

  private final Caller caller;
  private final ProgramCalls programCalls;

  PollCall(Caller caller, ProgramCalls programCalls) {
    this.caller = caller;
    this.programCalls = programCalls;
  }

  /** What a subscription waits for, read once: the program may change its memory meanwhile. */
  private sealed interface Wait {
    long userData();

    /** Over at this time of the monotonic clock. */
    record Clock(long userData, long deadlineNs) implements Wait {}

    /** Bytes of standard input. */
    record Stream(long userData, StandardInput input) implements Wait {}

    /** Ready, or wrong, at once. */
    record Immediate(long userData, int type, Errno errno, long bytes) implements Wait {}
  }

  void poll(int subscriptions, int events, int count, int result) {
    if (count <= 0 || count > MAX_SUBSCRIPTIONS) {
      throw new FileFault(Errno.INVAL);
    }
    caller.memory().check(subscriptions, (long) count * SUBSCRIPTION_BYTES);
    caller.memory().check(events, (long) count * EVENT_BYTES);
    caller.memory().check(result, Integer.BYTES);
    Wait[] waits = new Wait[count];
    for (int i = 0; i < count; i++) {
      waits[i] = read(subscriptions + i * SUBSCRIPTION_BYTES);
    }
    caller.awayRun(() -> await(waits));
    caller.thread().checkStop();
    caller.memory().writeInt(result, store(waits, events));
  }

  private Wait read(int at) {
    GuestMemory memory = caller.memory();
    long userData = memory.readLong(at);
    int type = Byte.toUnsignedInt(memory.readByte(at + 8));
    try {
      return switch (type) {
        case TYPE_CLOCK ->
            new Wait.Clock(
                userData,
                deadlineNs(
                    memory.readInt(at + 16),
                    memory.readLong(at + 24),
                    (memory.readShort(at + 40) & CLOCK_ABSOLUTE) != 0));
        case TYPE_READ, TYPE_WRITE -> onDescriptor(userData, type, memory.readInt(at + 16));
        default -> throw new FileFault(Errno.INVAL);
      };
    } catch (FileFault fault) {
      return new Wait.Immediate(userData, type, fault.errno(), 0);
    }
  }

  private long deadlineNs(int clock, long timeout, boolean absolute) {
    long now = programCalls.timeNs(clock);
    if (clock > 1) {
      throw new FileFault(Errno.NOTSUP);
    }
    long waitNs = absolute ? Math.max(0, timeout - now) : timeout;
    long deadline = caller.program().clocks().monotonicNs() + waitNs;
    // Timeouts are unsigned; beyond 292 years is for ever.
    return waitNs < 0 || deadline < 0 ? Long.MAX_VALUE : deadline;
  }

  private Wait onDescriptor(long userData, int type, int fd) {
    Descriptor descriptor = caller.program().descriptors().at(fd);
    descriptor.require(Rights.POLL_FD_READWRITE);
    boolean reads = type == TYPE_READ;
    return switch (descriptor) {
      case Descriptor.Input input when reads -> new Wait.Stream(userData, input.stream());
      case Descriptor.RegularFile file ->
          new Wait.Immediate(userData, type, Errno.SUCCESS, reads ? remaining(file) : 1);
      case Descriptor.Output _ when !reads ->
          new Wait.Immediate(userData, type, Errno.SUCCESS, Caller.SCRATCH_BYTES);
      case Descriptor.Input _, Descriptor.Output _, Descriptor.Directory _ ->
          throw new FileFault(Errno.BADF);
    };
  }

  private long remaining(Descriptor.RegularFile file) {
    return caller.away(
        () -> {
          file.positionLock().lock();
          try {
            return Math.max(0, file.file().stat().sizeBytes() - file.position());
          } finally {
            file.positionLock().unlock();
          }
        });
  }

  /** Returns when something is ready or the thread is interrupted. */
  private void await(Wait[] waits) {
    long firstDeadlineNs = Long.MAX_VALUE;
    @Nullable StandardInput input = null;
    for (Wait wait : waits) {
      switch (wait) {
        case Wait.Immediate _ -> {
          return;
        }
        case Wait.Clock clock -> firstDeadlineNs = Math.min(firstDeadlineNs, clock.deadlineNs());
        case Wait.Stream stream -> input = stream.input();
      }
    }
    ProgramClocks clocks = caller.program().clocks();
    long waitNs;
    while ((waitNs = firstDeadlineNs - clocks.monotonicNs()) > 0
        && !Thread.currentThread().isInterrupted()) {
      if (input == null) {
        LockSupport.parkNanos(this, waitNs);
      } else if (readableWithin(input, waitNs)) {
        return;
      }
    }
  }

  private static boolean readableWithin(StandardInput input, long waitNs) {
    try {
      return input.awaitReadable(waitNs);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private int store(Wait[] waits, int events) {
    long nowNs = caller.program().clocks().monotonicNs();
    int stored = 0;
    for (Wait wait : waits) {
      int at = events + stored * EVENT_BYTES;
      switch (wait) {
        case Wait.Clock clock -> {
          if (clock.deadlineNs() <= nowNs) {
            storeEvent(at, wait.userData(), Errno.SUCCESS, TYPE_CLOCK, 0, false);
            stored++;
          }
        }
        case Wait.Stream stream -> {
          int available = stream.input().available();
          if (available != 0) {
            storeEvent(
                at,
                wait.userData(),
                Errno.SUCCESS,
                TYPE_READ,
                Math.max(0, available),
                available < 0);
            stored++;
          }
        }
        case Wait.Immediate ready -> {
          storeEvent(at, wait.userData(), ready.errno(), ready.type(), ready.bytes(), false);
          stored++;
        }
      }
    }
    return stored;
  }

  private void storeEvent(
      int at, long userData, Errno errno, int type, long bytes, boolean hangup) {
    GuestMemory memory = caller.memory();
    memory.writeLong(at, userData);
    memory.writeLong(at + 8, errno.code() | (long) type << 16);
    memory.writeLong(at + 16, bytes);
    memory.writeLong(at + 24, hangup ? 1 : 0);
  }
}
