package org.splitrack.fabric.memory;

import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A fixed number of page frames outside the heap, page-aligned, zeroed, addressed by index. Which
 * frame is free is the owner's business. The memory is touched by the operating system only when it
 * is used, and is given back at {@link #close}, after which no address of it may be used.
 */
public final class FramePool implements AutoCloseable {
  /** A {@link ByteBuffer} view reaches 1 GiB; larger pools have several. */
  private static final int FRAMES_PER_CHUNK = 1 << 18;

  private final Arena arena = Arena.ofShared();
  private final int frameCount;
  private final long baseAddress;
  private final MemorySegment memory;

  /**
   * @param frameCount frames of 4 KiB, at least 1
   * @throws OutOfMemoryError when the machine has no such memory
   */
  public FramePool(int frameCount) {
    if (frameCount < 1) {
      throw new IllegalArgumentException("frameCount " + frameCount + " is below 1");
    }
    this.frameCount = frameCount;
    this.memory = AnonymousMemory.map((long) frameCount * PAGE_BYTES, arena);
    this.baseAddress = memory.address();
  }

  public int frameCount() {
    return frameCount;
  }

  /** The absolute address of a frame's first byte. */
  public long address(int frame) {
    return baseAddress + (long) frame * PAGE_BYTES;
  }

  /** All frames as one segment, frame {@code f} at offset {@code f * 4096}. */
  public MemorySegment memory() {
    return memory;
  }

  /** Views for socket calls; one set per thread, since a view has a position. */
  public Views views() {
    return new Views(this);
  }

  @Override
  public void close() {
    arena.close();
  }

  /** One thread's byte-buffer views of a pool. */
  public static final class Views {
    private final ByteBuffer[] chunks;

    private Views(FramePool pool) {
      int chunkCount = (pool.frameCount + FRAMES_PER_CHUNK - 1) / FRAMES_PER_CHUNK;
      chunks = new ByteBuffer[chunkCount];
      for (int i = 0; i < chunkCount; i++) {
        long from = (long) i * FRAMES_PER_CHUNK * PAGE_BYTES;
        long bytes = Math.min((long) FRAMES_PER_CHUNK * PAGE_BYTES, pool.memory.byteSize() - from);
        chunks[i] = pool.memory.asSlice(from, bytes).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
      }
    }

    /**
     * The view of the chunk that holds the frame, its position and limit set around the frame. The
     * same object serves all frames of a chunk, so use it before asking for the next.
     */
    public ByteBuffer of(int frame) {
      ByteBuffer chunk = chunks[frame / FRAMES_PER_CHUNK];
      int at = (frame % FRAMES_PER_CHUNK) * PAGE_BYTES;
      return chunk.limit(at + PAGE_BYTES).position(at);
    }
  }
}
