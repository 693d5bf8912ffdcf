package org.splitrack.pcomponent.internal.excache;

import static org.splitrack.fabric.PageGeometry.MAX_WASM_PAGES;

/**
 * What an address space is made with.
 *
 * @param name names its write-back thread
 * @param initialWasmPages 64 KiB pages at the start
 * @param maxWasmPages 64 KiB pages that it may grow to; more than 32,767 counts as 32,767
 * @param shared several threads may use it
 */
public record AddressSpaceSettings(
    String name,
    int initialWasmPages,
    int maxWasmPages,
    boolean shared,
    CacheLimit cache,
    Eviction eviction,
    Prefetch prefetch) {
  public AddressSpaceSettings {
    maxWasmPages = Math.min(maxWasmPages, MAX_WASM_PAGES);
    if (initialWasmPages < 0 || initialWasmPages > maxWasmPages) {
      throw new MemoryRefused(
          "the program asks for "
              + initialWasmPages
              + " pages of 64 KiB at its start; at most "
              + maxWasmPages
              + " are possible");
    }
  }
}
