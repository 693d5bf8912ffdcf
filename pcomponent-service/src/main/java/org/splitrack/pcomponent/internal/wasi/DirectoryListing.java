package org.splitrack.pcomponent.internal.wasi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.splitrack.pcomponent.internal.file.FileType;
import org.splitrack.pcomponent.internal.file.OpenDirectory;

/**
 * One {@code fd_readdir}: entries one after the other, the last one cut where the program's buffer
 * ends, which tells it to ask again. {@code .} and {@code ..} come first; a file client does not
 * list them, so its cookies are shifted by two.
 */
final class DirectoryListing {
  private static final int ENTRY_BYTES = 24;
  private static final int DOT_COOKIE = 1;
  private static final int OWN_COOKIES = 2;

  private final Caller caller;
  private final int buffer;
  private final long bufferBytes;
  private final ByteBuffer entry =
      ByteBuffer.allocate(ENTRY_BYTES + GuestPath.MAX_NAME_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private long used;

  DirectoryListing(Caller caller, int buffer, long bufferBytes) {
    this.caller = caller;
    this.buffer = buffer;
    this.bufferBytes = bufferBytes;
  }

  /** Runs away from the program's memory, as file clients do; each entry comes back to it. */
  void write(OpenDirectory directory, long cookie) {
    long inode = directory.stat().inode();
    boolean more = true;
    if (cookie < DOT_COOKIE) {
      more = add(DOT_COOKIE, inode, FileType.DIRECTORY, ".");
    }
    if (more && cookie < OWN_COOKIES) {
      more = add(OWN_COOKIES, inode, FileType.DIRECTORY, "..");
    }
    if (more) {
      directory.list(
          Math.max(0, cookie - OWN_COOKIES),
          (next, entryInode, type, name) -> add(next + OWN_COOKIES, entryInode, type, name));
    }
  }

  private boolean add(long cookie, long inode, FileType type, String name) {
    byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
    entry.clear();
    entry.putLong(cookie).putLong(inode).putInt(nameBytes.length).putInt(type.code());
    entry.put(nameBytes).flip();
    entry.limit((int) Math.min(entry.limit(), bufferBytes - used));
    int bytes = entry.limit();
    caller.thread().backToProgram();
    try {
      caller.memory().write(buffer + (int) used, entry);
    } finally {
      caller.thread().awayFromProgram();
    }
    used += bytes;
    return used < bufferBytes;
  }

  /** Bytes of the program's buffer that are filled; all of it when there is more. */
  long used() {
    return used;
  }
}
