package org.splitrack.fabric.region;

/** The versions of a region's pages as one copy holds them; the bytes are beside the point here. */
public interface PageVersions {
  /** The highest version stored of a page; 0 when none was, and the page is all zeros. */
  long version(int page);

  /** The first page from {@code fromPage} on that has a version, or -1. */
  int nextVersioned(int fromPage);
}
