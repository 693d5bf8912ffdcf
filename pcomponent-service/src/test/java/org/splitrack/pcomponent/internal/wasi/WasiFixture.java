package org.splitrack.pcomponent.internal.wasi;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.splitrack.pcomponent.internal.file.Errno;
import org.splitrack.pcomponent.internal.file.MemoryFileSystem;

/**
 * One program thread with 128 KiB of memory: what a test writes at {@link #HEAP} and above is the
 * program's, results go to {@link #RESULT}.
 */
final class WasiFixture {
  static final int MEMORY_BYTES = 128 * 1024;
  static final int RESULT = 64;
  static final int PATH = 1024;
  static final int SECOND_PATH = 8 * 1024;
  static final int VECTORS = 16 * 1024;
  static final int HEAP = 32 * 1024;
  static final int ROOT_FD = 3;
  static final int READ_ONLY_FD = 4;
  static final long ALL_RIGHTS = -1;

  final BracketedThread thread = new BracketedThread();
  final ArrayGuestMemory memory = new ArrayGuestMemory(MEMORY_BYTES, thread);
  final MemoryFileSystem files = new MemoryFileSystem().withReadOnly("/ro");
  final QueueInput input = new QueueInput();
  final ByteArrayOutputStream output = new ByteArrayOutputStream();
  final ByteArrayOutputStream error = new ByteArrayOutputStream();
  final SetClocks clocks = new SetClocks();
  private final WasiFunctions functions;

  WasiFixture() {
    DescriptorTable descriptors =
        new DescriptorTable(
            input, bytes -> take(bytes, output), bytes -> take(bytes, error), files);
    functions =
        new WasiFunctions(
            thread,
            memory,
            ProgramContext.of(
                List.of("program", "α"),
                Map.of("KEY", "value"),
                descriptors,
                clocks,
                new Random(7)));
  }

  private static void take(ByteBuffer from, ByteArrayOutputStream into) {
    byte[] bytes = new byte[from.remaining()];
    from.get(bytes);
    into.writeBytes(bytes);
  }

  Errno call(HostCall call, long... parameters) {
    Errno errno = functions.call(call, parameters);
    if (thread.away) {
      throw new AssertionError(call + " left its thread away from the program");
    }
    return errno;
  }

  int result() {
    return memory.readInt(RESULT);
  }

  /** Writes a path; its length in bytes. */
  int path(int address, String path) {
    byte[] bytes = path.getBytes(UTF_8);
    memory.write(address, ByteBuffer.wrap(bytes));
    return bytes.length;
  }

  int path(String path) {
    return path(PATH, path);
  }

  /** A list of pieces, given as address, length, address, length…; how many. */
  int vectors(int... addressesAndLengths) {
    for (int i = 0; i < addressesAndLengths.length; i++) {
      memory.writeInt(VECTORS + i * Integer.BYTES, addressesAndLengths[i]);
    }
    return addressesAndLengths.length / 2;
  }

  void text(int address, String text) {
    memory.write(address, ByteBuffer.wrap(text.getBytes(UTF_8)));
  }

  String text(int address, int length) {
    byte[] bytes = new byte[length];
    memory.read(address, ByteBuffer.wrap(bytes));
    return new String(bytes, UTF_8);
  }

  Errno open(int fd, String path, int openFlags, long rights, int flags) {
    return call(
        HostCall.PATH_OPEN, fd, 1, PATH, path(path), openFlags, rights, ALL_RIGHTS, flags, RESULT);
  }

  /** Opens for reading and writing, creating; the descriptor. */
  int create(String path) {
    Errno errno = open(ROOT_FD, path, 1, ALL_RIGHTS, 0);
    if (errno != Errno.SUCCESS) {
      throw new AssertionError(path + " cannot be created: " + errno);
    }
    return result();
  }

  Errno write(int fd, String text) {
    text(HEAP, text);
    int count = vectors(HEAP, text.getBytes(UTF_8).length);
    return call(HostCall.FD_WRITE, fd, VECTORS, count, RESULT);
  }

  String read(int fd, int length) {
    int count = vectors(HEAP, length);
    Errno errno = call(HostCall.FD_READ, fd, VECTORS, count, RESULT);
    return errno == Errno.SUCCESS ? text(HEAP, result()) : errno.name();
  }

  /** Checks that the memory is not used while the thread is away. */
  static final class BracketedThread implements HostThread {
    boolean away;
    boolean stopping;
    final List<String> effects = new ArrayList<>();

    @Override
    public int number() {
      return 0;
    }

    @Override
    public void checkStop() {
      if (stopping) {
        throw new IllegalStateException("stopped");
      }
    }

    @Override
    public void beforeEffect(String what) {
      if (away) {
        throw new AssertionError("away already");
      }
      effects.add(what);
    }

    @Override
    public void awayFromProgram() {
      if (away) {
        throw new AssertionError("away already");
      }
      away = true;
    }

    @Override
    public void backToProgram() {
      if (!away) {
        throw new AssertionError("back already");
      }
      away = false;
    }
  }

  /** Standard input that never waits. */
  static final class QueueInput implements StandardInput {
    private ByteBuffer pending = ByteBuffer.allocate(0);
    boolean ended;
    Runnable onAwait = () -> {};

    void add(String text) {
      pending = ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    @Override
    public int read(ByteBuffer into) {
      if (!pending.hasRemaining()) {
        return -1;
      }
      int bytes = Math.min(pending.remaining(), into.remaining());
      into.put(pending.slice(pending.position(), bytes));
      pending.position(pending.position() + bytes);
      return bytes;
    }

    @Override
    public int available() {
      return pending.hasRemaining() || !ended ? pending.remaining() : -1;
    }

    @Override
    public boolean awaitReadable(long timeoutNs) {
      onAwait.run();
      return available() != 0;
    }
  }

  /** Clocks that a test sets. */
  static final class SetClocks implements ProgramClocks {
    long realtimeNs = 1_000_000_000_000L;
    long monotonicNs = 5_000;

    @Override
    public long realtimeNs() {
      return realtimeNs;
    }

    @Override
    public long monotonicNs() {
      return monotonicNs;
    }

    @Override
    public long processCpuNs() {
      return 70;
    }

    @Override
    public long threadCpuNs() {
      return 60;
    }
  }
}
