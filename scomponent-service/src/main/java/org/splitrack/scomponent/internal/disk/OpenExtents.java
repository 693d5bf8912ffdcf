package org.splitrack.scomponent.internal.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.Iterator;
import java.util.LinkedHashSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the files of extents open that were used last, a bounded number. Safe from any thread. */
final class OpenExtents implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OpenExtents.class);

  private final int maxOpen;

  /** Least recently used first; those in use are never closed. */
  private final LinkedHashSet<ExtentFile> open = new LinkedHashSet<>();

  OpenExtents(int maxOpen) {
    this.maxOpen = maxOpen;
  }

  /** A channel that stays open until this is closed. */
  final class Use implements AutoCloseable {
    private final ExtentFile extent;
    private final FileChannel channel;

    private Use(ExtentFile extent, FileChannel channel) {
      this.extent = extent;
      this.channel = channel;
    }

    FileChannel channel() {
      return channel;
    }

    @Override
    public void close() {
      release(extent);
    }
  }

  synchronized Use use(ExtentFile extent) throws ExtentFault, IOException {
    FileChannel channel = extent.channel;
    if (channel == null) {
      closeSurplus(maxOpen - 1);
      channel = extent.open();
      extent.channel = channel;
    }
    extent.users++;
    open.remove(extent);
    open.add(extent);
    return new Use(extent, channel);
  }

  /** The extent is gone: its file is closed with its last use. */
  synchronized void forget(ExtentFile extent) {
    open.remove(extent);
    if (extent.users == 0) {
      closeFile(extent);
    }
  }

  synchronized int count() {
    return open.size();
  }

  @Override
  public synchronized void close() {
    closeSurplus(0);
  }

  private synchronized void release(ExtentFile extent) {
    extent.users--;
    if (extent.users == 0 && !open.contains(extent)) {
      closeFile(extent);
    }
  }

  private void closeSurplus(int keep) {
    Iterator<ExtentFile> oldestFirst = open.iterator();
    while (open.size() > keep && oldestFirst.hasNext()) {
      ExtentFile extent = oldestFirst.next();
      if (extent.users == 0) {
        oldestFirst.remove();
        closeFile(extent);
      }
    }
  }

  private static void closeFile(ExtentFile extent) {
    FileChannel channel = extent.channel;
    extent.channel = null;
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        LOG.warn("an extent's file did not close: {}", e.getMessage());
      }
    }
  }
}
