package org.splitrack.fabric.memory;

/**
 * Page reads of one program thread, in flight together. Owned by that thread: no method may be
 * called from another. Nothing is allocated after construction.
 */
public interface PageFetcher extends AutoCloseable {
  /**
   * Queues a read of a page into a frame; nothing is sent before {@link #flush} or a poll.
   *
   * @param pageNumber page of the process's address space, whose region has been granted
   * @param frame index in the {@link FramePool}; belongs to the fetcher until its completion
   * @return false when as many reads as allowed are in flight; the caller polls first
   */
  boolean read(int pageNumber, int frame);

  /** Sends what is queued. */
  void flush();

  /** Reads that have no completion yet. */
  int inFlight();

  /**
   * Takes in the replies that are there, waiting up to {@code waitNs} for the first.
   *
   * @return completions delivered; 0 when the time is over
   * @throws MemoryFault when a region will give no answer any more; completions of all reads of it
   *     have been delivered as failed before
   */
  int poll(long waitNs, Completions completions);

  @Override
  void close();

  /** What a fetcher tells its owner, on the owner's thread, from within {@link #poll}. */
  interface Completions {
    /** The frame holds the page: its bytes, or zeros when {@code zero}. */
    void fetched(int pageNumber, int frame, long version, boolean zero);

    /** The frame's content is undefined; the owner may read again after new grants. */
    void fetchFailed(int pageNumber, int frame);
  }
}
