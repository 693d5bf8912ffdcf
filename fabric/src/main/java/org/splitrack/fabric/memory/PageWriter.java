package org.splitrack.fabric.memory;

/**
 * Write-backs of one process, batched per home, on the bulk lane. Owned by one thread. A frame
 * stays unchanged from {@link #write} until its completion says that the home holds the version.
 */
public interface PageWriter extends AutoCloseable {
  /**
   * Queues a write-back; nothing is sent before {@link #flush}, a poll or a full batch.
   *
   * @param version above every version of the page written before; the home ignores a lower one
   * @param zero the page is all zeros and only that is sent
   * @return false when as many as allowed are in flight; the caller polls first
   */
  boolean write(int pageNumber, int frame, long version, boolean zero);

  /** Sends what is queued. */
  void flush();

  /** Write-backs that have no completion yet. */
  int inFlight();

  /**
   * Takes in the acknowledgements that are there, waiting up to {@code waitNs} for the first.
   *
   * @return completions delivered
   * @throws MemoryFault when a region will give no answer any more; completions of all writes to it
   *     have been delivered as failed before
   */
  int poll(long waitNs, Completions completions);

  @Override
  void close();

  /** What a writer tells its owner, from within {@link #poll}. */
  interface Completions {
    /** The home holds this version of the page. */
    void written(int pageNumber, int frame, long version);

    /** The home did not take it; the frame is as it was and may be written again. */
    void writeFailed(int pageNumber, int frame, long version);
  }
}
