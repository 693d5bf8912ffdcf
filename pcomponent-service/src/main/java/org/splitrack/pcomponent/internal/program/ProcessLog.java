package org.splitrack.pcomponent.internal.program;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a process wrote, both streams as one, in a file that keeps the last {@value #CAPACITY_BYTES}
 * bytes. A disk that takes no more ends the log, not the program. Safe from any thread.
 */
final class ProcessLog implements AutoCloseable {
  static final int CAPACITY_BYTES = 4 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(ProcessLog.class);

  private final Path path;
  // Not a FileChannel, which an interrupt would close.
  private final RandomAccessFile file;
  private long written;
  private boolean broken;

  private ProcessLog(Path path, RandomAccessFile file) {
    this.path = path;
    this.file = file;
  }

  /** An empty log in a new file. */
  static ProcessLog create(Path path) throws IOException {
    Files.deleteIfExists(path);
    return new ProcessLog(path, new RandomAccessFile(path.toFile(), "rw"));
  }

  synchronized void append(byte[] bytes, int offset, int length) {
    if (broken) {
      return;
    }
    try {
      int done = 0;
      while (done < length) {
        int at = (int) (written % CAPACITY_BYTES);
        int now = Math.min(length - done, CAPACITY_BYTES - at);
        file.seek(at);
        file.write(bytes, offset + done, now);
        done += now;
        written += now;
      }
    } catch (IOException e) {
      broken = true;
      LOG.warn("the output kept in {} ends at byte {}: {}", path, written, e.getMessage());
    }
  }

  /**
   * Reads from a byte offset of all that was written, or from the oldest byte that is still there.
   *
   * @param maxBytes at most this many
   */
  synchronized Piece read(long offset, int maxBytes) throws IOException {
    long from = Math.clamp(offset, Math.max(0, written - CAPACITY_BYTES), written);
    byte[] bytes = new byte[(int) Math.min(maxBytes, written - from)];
    int done = 0;
    while (done < bytes.length) {
      int at = (int) ((from + done) % CAPACITY_BYTES);
      int now = Math.min(bytes.length - done, CAPACITY_BYTES - at);
      file.seek(at);
      file.readFully(bytes, done, now);
      done += now;
    }
    return new Piece(from, ByteBuffer.wrap(bytes), from + done == written);
  }

  /** Closes and deletes the file. */
  @Override
  public synchronized void close() {
    broken = true;
    try {
      file.close();
      Files.deleteIfExists(path);
    } catch (IOException e) {
      LOG.warn("{} cannot be deleted: {}", path, e.getMessage());
    }
  }

  /**
   * A part of the log.
   *
   * @param offset of the first byte
   * @param last nothing has been written after it yet
   */
  record Piece(long offset, ByteBuffer bytes, boolean last) {}
}
