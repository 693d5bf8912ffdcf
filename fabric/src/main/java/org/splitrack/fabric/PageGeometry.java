package org.splitrack.fabric;

/** Sizes that all parts share. A page is 4 KiB; a vRegion is 16 MiB of a process's addresses. */
public final class PageGeometry {
  public static final int PAGE_SHIFT = 12;
  public static final int PAGE_BYTES = 1 << PAGE_SHIFT;
  public static final int PAGE_OFFSET_MASK = PAGE_BYTES - 1;
  public static final int REGION_PAGES_SHIFT = 12;
  public static final int REGION_PAGES = 1 << REGION_PAGES_SHIFT;
  public static final int REGION_BYTES = REGION_PAGES * PAGE_BYTES;
  public static final int PAGES_PER_WASM_PAGE = 65_536 / PAGE_BYTES;

  /**
   * Linear memory ends below 2 GiB: the runtime's accessors mis-add offsets at and above it (32,767
   * WebAssembly pages).
   */
  public static final int MAX_WASM_PAGES = 32_767;

  private PageGeometry() {}

  /** The index, within the process's address space, of the region that holds the page. */
  public static int regionIndex(int pageNumber) {
    return pageNumber >>> REGION_PAGES_SHIFT;
  }

  /** The page's place within its region. */
  public static int pageInRegion(int pageNumber) {
    return pageNumber & (REGION_PAGES - 1);
  }
}
