package org.splitrack.pcomponent.internal.file;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * 64 KiB of a file, cached. What is here is guarded by the lock of the file that owns it. A block
 * is loading (nothing else may touch its bytes), or ready; a ready one may be dirty.
 */
final class Block {
  static final int BYTES = 64 * 1024;

  /** Its bytes; used with absolute positions only. */
  final ByteBuffer bytes = ByteBuffer.allocateDirect(BYTES);

  final DirtyRanges dirty = new DirtyRanges();

  /** Written by the pool's lock holder as well; null while nobody's. */
  volatile @Nullable CachedFile owner;

  long index;

  /** The load that fills it; null when it is ready. */
  @Nullable Load load;

  /** Some of its bytes are on their way to an sComponent. */
  boolean writing;

  /** Used since the pool last looked. */
  boolean referenced;

  boolean isDirty() {
    return writing || !dirty.isEmpty();
  }

  boolean isEvictable() {
    return load == null && !isDirty();
  }

  void clearBytes(int from) {
    MemorySegment.ofBuffer(bytes).asSlice(from).fill((byte) 0);
  }

  /** Copies into {@code target} as much as it has room for. */
  void get(int from, ByteBuffer target) {
    int length = target.remaining();
    target.put(target.position(), bytes, from, length);
    target.position(target.limit());
  }

  void put(int at, ByteBuffer source) {
    int length = source.remaining();
    bytes.put(at, source, source.position(), length);
    source.position(source.limit());
  }

  /** One request that fills blocks. Guarded by the file's lock. */
  static final class Load {
    boolean done;
    @Nullable FileFault fault;
  }
}
