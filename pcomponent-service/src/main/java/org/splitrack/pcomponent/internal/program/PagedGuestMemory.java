package org.splitrack.pcomponent.internal.program;

import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;

import java.nio.ByteBuffer;
import org.splitrack.pcomponent.internal.wasi.GuestMemory;
import org.splitrack.pcomponent.internal.wasm.PagedMemory;
import run.endive.runtime.Memory;

/** A program thread's view of its paged memory, for host calls. */
final class PagedGuestMemory implements GuestMemory {
  private final PagedMemory memory;

  /** Stands between the memory, which takes arrays, and buffers that have none. */
  private final byte[] page = new byte[PAGE_BYTES];

  PagedGuestMemory(PagedMemory memory) {
    this.memory = memory;
  }

  @Override
  public long sizeBytes() {
    return memory.pages() * (long) Memory.PAGE_SIZE;
  }

  @Override
  public byte readByte(int address) {
    return memory.read(address);
  }

  @Override
  public short readShort(int address) {
    return memory.readShort(address);
  }

  @Override
  public int readInt(int address) {
    return memory.readInt(address);
  }

  @Override
  public long readLong(int address) {
    return memory.readLong(address);
  }

  @Override
  public void writeByte(int address, byte value) {
    memory.writeByte(address, value);
  }

  @Override
  public void writeShort(int address, short value) {
    memory.writeShort(address, value);
  }

  @Override
  public void writeInt(int address, int value) {
    memory.writeI32(address, value);
  }

  @Override
  public void writeLong(int address, long value) {
    memory.writeLong(address, value);
  }

  @Override
  public void read(int address, ByteBuffer into) {
    if (into.hasArray()) {
      int length = into.remaining();
      memory.read(address, into.array(), into.arrayOffset() + into.position(), length);
      into.position(into.limit());
      return;
    }
    int at = address;
    while (into.hasRemaining()) {
      int now = Math.min(PAGE_BYTES, into.remaining());
      memory.read(at, page, 0, now);
      into.put(page, 0, now);
      at += now;
    }
  }

  @Override
  public void write(int address, ByteBuffer from) {
    if (from.hasArray()) {
      int length = from.remaining();
      memory.write(address, from.array(), from.arrayOffset() + from.position(), length);
      from.position(from.limit());
      return;
    }
    int at = address;
    while (from.hasRemaining()) {
      int now = Math.min(PAGE_BYTES, from.remaining());
      from.get(page, 0, now);
      memory.write(at, page, 0, now);
      at += now;
    }
  }
}
