package org.splitrack.fabric.wire;

/**
 * Separate connections for separate urgencies, so that a bulk copy cannot delay a miss. A lane
 * keeps the order of its own frames; nothing orders two lanes.
 */
public enum Lane {
  /** Page reads of one program thread, pipelined. */
  MISS,
  /** Write-backs, and later migration and re-replication. */
  BULK,
  /** Requests and replies between monitors and managers; heartbeats. */
  CONTROL,
  /** Standard streams of one process, to and from the {@code rack} command. */
  ATTACH,
  /** Extents, between a file client and an sComponent. */
  STORAGE
}
