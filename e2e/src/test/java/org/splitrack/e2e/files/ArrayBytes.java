package org.splitrack.e2e.files;

import java.nio.ByteBuffer;
import org.splitrack.pcomponent.internal.file.GuestBytes;

/** A program's memory that is part of an array. */
final class ArrayBytes implements GuestBytes {
  private final byte[] bytes;
  private final int offset;
  private final int count;

  ArrayBytes(byte[] bytes, int offset, int count) {
    this.bytes = bytes;
    this.offset = offset;
    this.count = count;
  }

  static ArrayBytes of(byte[] bytes) {
    return new ArrayBytes(bytes, 0, bytes.length);
  }

  @Override
  public long length() {
    return count;
  }

  @Override
  public void put(long at, ByteBuffer from) {
    from.get(bytes, offset + (int) at, from.remaining());
  }

  @Override
  public void get(long at, ByteBuffer into) {
    into.put(bytes, offset + (int) at, into.remaining());
  }
}
