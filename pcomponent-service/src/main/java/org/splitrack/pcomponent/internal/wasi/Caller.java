package org.splitrack.pcomponent.internal.wasi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Supplier;

/** One program thread that calls out, with what its calls need. Used by that thread only. */
final class Caller {
  /** What is copied at a time between the program and a stream. */
  static final int SCRATCH_BYTES = 16 * 1024;

  private final HostThread thread;
  private final GuestMemory memory;
  private final ProgramContext program;
  private final ByteBuffer scratch =
      ByteBuffer.allocate(SCRATCH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final IoVectors vectors;

  Caller(HostThread thread, GuestMemory memory, ProgramContext program) {
    this.thread = thread;
    this.memory = memory;
    this.program = program;
    this.vectors = new IoVectors(thread, memory);
  }

  HostThread thread() {
    return thread;
  }

  GuestMemory memory() {
    return memory;
  }

  ProgramContext program() {
    return program;
  }

  /** Empty, with {@value #SCRATCH_BYTES} bytes to fill. */
  ByteBuffer scratch() {
    return scratch.clear();
  }

  /** The list of pieces at {@code list}, all checked; good until the next call. */
  IoVectors vectors(int list, int count) {
    vectors.take(list, count);
    return vectors;
  }

  /** Does what may wait, away from the program's memory. */
  <T> T away(Supplier<T> waiting) {
    thread.awayFromProgram();
    try {
      return waiting.get();
    } finally {
      thread.backToProgram();
    }
  }

  /** Does what may wait, away from the program's memory. */
  void awayRun(Runnable waiting) {
    thread.awayFromProgram();
    try {
      waiting.run();
    } finally {
      thread.backToProgram();
    }
  }

  void storeInt(int address, int value) {
    memory.check(address, Integer.BYTES);
    memory.writeInt(address, value);
  }

  void storeLong(int address, long value) {
    memory.check(address, Long.BYTES);
    memory.writeLong(address, value);
  }
}
