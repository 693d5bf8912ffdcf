package org.splitrack.pcomponent.internal.wasi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A program's memory in an array, for tests; its thread may not touch it while it is away. */
final class ArrayGuestMemory implements GuestMemory {
  private final WasiFixture.BracketedThread thread;
  private final ByteBuffer content;

  ArrayGuestMemory(int sizeBytes, WasiFixture.BracketedThread thread) {
    this.thread = thread;
    content = ByteBuffer.allocate(sizeBytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private ByteBuffer bytes() {
    if (thread.away) {
      throw new AssertionError("memory is used by a thread that is away from it");
    }
    return content;
  }

  @Override
  public long sizeBytes() {
    return content.capacity();
  }

  @Override
  public byte readByte(int address) {
    return bytes().get(address);
  }

  @Override
  public short readShort(int address) {
    return bytes().getShort(address);
  }

  @Override
  public int readInt(int address) {
    return bytes().getInt(address);
  }

  @Override
  public long readLong(int address) {
    return bytes().getLong(address);
  }

  @Override
  public void writeByte(int address, byte value) {
    bytes().put(address, value);
  }

  @Override
  public void writeShort(int address, short value) {
    bytes().putShort(address, value);
  }

  @Override
  public void writeInt(int address, int value) {
    bytes().putInt(address, value);
  }

  @Override
  public void writeLong(int address, long value) {
    bytes().putLong(address, value);
  }

  @Override
  public void read(int address, ByteBuffer into) {
    into.put(bytes().slice(address, into.remaining()));
  }

  @Override
  public void write(int address, ByteBuffer from) {
    int length = from.remaining();
    bytes().slice(address, length).put(from);
  }
}
