package org.splitrack.pcomponent.internal.wasm;

import org.jspecify.annotations.Nullable;

/**
 * The linear memory that a module declares.
 *
 * @param minPages pages of 64 KiB at the start
 * @param maxPages at most, not above 32,767
 * @param shared by several threads
 * @param imported under which name it is imported; null when the module defines it
 */
public record MemoryShape(int minPages, int maxPages, boolean shared, @Nullable Imported imported) {
  /** Module and field of an import. */
  public record Imported(String module, String name) {}
}
