package org.splitrack.fabric.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Zeroed memory straight from the operating system, which provides a page when it is first written.
 * {@link Arena#allocate} writes zeros over all of it at once: a gigabyte that nobody uses yet would
 * cost a second and be resident. Linux on x86-64 and aarch64.
 */
public final class AnonymousMemory {
  private static final int PROT_READ_WRITE = 0x1 | 0x2;
  private static final int MAP_PRIVATE_ANONYMOUS_NORESERVE = 0x02 | 0x20 | 0x4000;
  private static final long MAP_FAILED = -1;
  private static final MethodHandle MMAP =
      function(
          "mmap",
          FunctionDescriptor.of(
              ValueLayout.ADDRESS,
              ValueLayout.ADDRESS,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG));
  private static final MethodHandle MUNMAP =
      function(
          "munmap",
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));

  private AnonymousMemory() {}

  /**
   * Page-aligned memory that is given back when {@code arena} is closed.
   *
   * @throws OutOfMemoryError when the system refuses
   */
  public static MemorySegment map(long byteCount, Arena arena) {
    MemorySegment start;
    try {
      start =
          (MemorySegment)
              MMAP.invokeExact(
                  MemorySegment.NULL,
                  byteCount,
                  PROT_READ_WRITE,
                  MAP_PRIVATE_ANONYMOUS_NORESERVE,
                  -1,
                  0L);
    } catch (Throwable e) {
      throw new IllegalStateException("mmap cannot be called", e);
    }
    if (start.address() == MAP_FAILED) {
      throw new OutOfMemoryError("the system refuses " + byteCount + " bytes of memory");
    }
    return start.reinterpret(byteCount, arena, AnonymousMemory::unmap);
  }

  private static void unmap(MemorySegment memory) {
    try {
      int result = (int) MUNMAP.invokeExact(memory, memory.byteSize());
      if (result != 0) {
        throw new IllegalStateException("munmap refuses " + memory);
      }
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("munmap cannot be called", e);
    }
  }

  private static MethodHandle function(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
  }
}
