package org.splitrack.fabric.storage;

/** Sizes on the storage lane. */
public final class StorageGeometry {
  /** Bytes that one request reads or writes at most. */
  public static final int MAX_TRANSFER_BYTES = 1 << 20;

  /** Requests on one connection that wait for their answer, at most. */
  public static final int MAX_IN_FLIGHT = 16;

  private StorageGeometry() {}
}
