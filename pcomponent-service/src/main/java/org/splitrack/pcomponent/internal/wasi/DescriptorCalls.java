package org.splitrack.pcomponent.internal.wasi;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.splitrack.pcomponent.internal.file.Errno;
import org.splitrack.pcomponent.internal.file.FileFault;
import org.splitrack.pcomponent.internal.file.FileStat;
import org.splitrack.pcomponent.internal.file.FileType;
import org.splitrack.pcomponent.internal.file.OpenNode;

/** Descriptors themselves: state, position, size, times, listing. */
final class DescriptorCalls {
  static final int FILESTAT_BYTES = 64;
  private static final int FDSTAT_BYTES = 24;
  private static final int PRESTAT_BYTES = 8;
  private static final int MAX_ADVICE = 5;

  private static final int SEEK_SET = 0;
  private static final int SEEK_CUR = 1;
  private static final int SEEK_END = 2;

  private static final int SET_ACCESSED = 1;
  private static final int SET_ACCESSED_NOW = 2;
  private static final int SET_MODIFIED = 4;
  private static final int SET_MODIFIED_NOW = 8;

  private final Caller caller;

  DescriptorCalls(Caller caller) {
    this.caller = caller;
  }

  private DescriptorTable table() {
    return caller.program().descriptors();
  }

  void advise(int fd, long offset, long length, int advice) {
    Descriptor.RegularFile file = table().file(fd);
    file.require(Rights.FD_ADVISE);
    if (offset < 0 || length < 0 || advice < 0 || advice > MAX_ADVICE) {
      throw new FileFault(Errno.INVAL);
    }
  }

  void allocate(int fd, long offset, long length) {
    Descriptor.RegularFile file = table().file(fd);
    file.require(Rights.FD_ALLOCATE | Rights.FD_WRITE);
    if (offset < 0 || length <= 0) {
      throw new FileFault(Errno.INVAL);
    }
    if (offset + length < 0) {
      throw new FileFault(Errno.FBIG);
    }
    caller.awayRun(() -> file.file().allocate(offset, length));
  }

  void close(int fd) {
    Descriptor closed = table().remove(fd);
    caller.awayRun(closed::close);
  }

  void renumber(int from, int to) {
    Descriptor replaced = table().renumber(from, to);
    if (replaced != null) {
      caller.awayRun(replaced::close);
    }
  }

  void sync(int fd) {
    switch (table().at(fd)) {
      case Descriptor.RegularFile file -> {
        file.require(Rights.FD_SYNC);
        caller.awayRun(file.file()::sync);
      }
      // Names are in tables before the call that made them returns.
      case Descriptor.Directory directory -> directory.require(Rights.FD_SYNC);
      case Descriptor.Input _, Descriptor.Output _ -> throw new FileFault(Errno.INVAL);
    }
  }

  void datasync(int fd) {
    Descriptor.RegularFile file = table().file(fd);
    file.require(Rights.FD_DATASYNC);
    caller.awayRun(file.file()::syncData);
  }

  void fdstatGet(int fd, int result) {
    Descriptor descriptor = table().at(fd);
    GuestMemory memory = caller.memory();
    memory.check(result, FDSTAT_BYTES);
    FileType type =
        switch (descriptor) {
          case Descriptor.RegularFile _ -> FileType.REGULAR_FILE;
          case Descriptor.Directory _ -> FileType.DIRECTORY;
          case Descriptor.Input _, Descriptor.Output _ -> FileType.UNKNOWN;
        };
    memory.writeLong(result, type.code() | (long) descriptor.flags() << 16);
    memory.writeLong(result + 8, descriptor.rights());
    memory.writeLong(result + 16, descriptor.inheritingRights());
  }

  void fdstatSetFlags(int fd, int flags) {
    Descriptor descriptor = table().at(fd);
    descriptor.require(Rights.FD_FDSTAT_SET_FLAGS);
    if ((flags & ~Descriptor.ALL_FLAGS) != 0) {
      throw new FileFault(Errno.INVAL);
    }
    descriptor.flags(flags);
  }

  void fdstatSetRights(int fd, long rights, long inheriting) {
    table().at(fd).narrow(rights, inheriting);
  }

  void filestatGet(int fd, int result) {
    Descriptor descriptor = table().at(fd);
    descriptor.require(Rights.FD_FILESTAT_GET);
    caller.memory().check(result, FILESTAT_BYTES);
    OpenNode node = nodeOf(descriptor);
    FileStat stat =
        node == null
            ? new FileStat(0, fd, FileType.UNKNOWN, 1, 0, 0, 0, 0)
            : caller.away(node::stat);
    store(result, stat);
  }

  void store(int result, FileStat stat) {
    GuestMemory memory = caller.memory();
    memory.writeLong(result, stat.device());
    memory.writeLong(result + 8, stat.inode());
    memory.writeLong(result + 16, stat.type().code());
    memory.writeLong(result + 24, stat.linkCount());
    memory.writeLong(result + 32, stat.sizeBytes());
    memory.writeLong(result + 40, stat.accessedNs());
    memory.writeLong(result + 48, stat.modifiedNs());
    memory.writeLong(result + 56, stat.changedNs());
  }

  void filestatSetSize(int fd, long size) {
    Descriptor.RegularFile file = table().file(fd);
    file.require(Rights.FD_FILESTAT_SET_SIZE);
    if (file.readOnly()) {
      throw new FileFault(Errno.ROFS);
    }
    file.require(Rights.FD_WRITE);
    if (size < 0) {
      throw new FileFault(Errno.INVAL);
    }
    caller.awayRun(() -> file.file().truncate(size));
  }

  void filestatSetTimes(int fd, long accessedNs, long modifiedNs, int flags) {
    Descriptor descriptor = table().at(fd);
    descriptor.require(Rights.FD_FILESTAT_SET_TIMES);
    long accessed = chosenAccessed(flags, accessedNs);
    long modified = chosenModified(flags, modifiedNs);
    boolean readOnly =
        switch (descriptor) {
          case Descriptor.RegularFile file -> file.readOnly();
          case Descriptor.Directory directory -> directory.readOnly();
          case Descriptor.Input _, Descriptor.Output _ -> false;
        };
    if (readOnly) {
      throw new FileFault(Errno.ROFS);
    }
    OpenNode node = nodeOf(descriptor);
    if (node == null) {
      throw new FileFault(Errno.INVAL);
    }
    caller.awayRun(() -> node.setTimes(accessed, modified));
  }

  /** What to set as the time of access, or −1. */
  long chosenAccessed(int flags, long givenNs) {
    return chosen(flags, SET_ACCESSED, SET_ACCESSED_NOW, givenNs);
  }

  /** What to set as the time of modification, or −1. */
  long chosenModified(int flags, long givenNs) {
    return chosen(flags, SET_MODIFIED, SET_MODIFIED_NOW, givenNs);
  }

  private long chosen(int flags, int given, int now, long givenNs) {
    if ((flags & ~15) != 0 || (flags & (given | now)) == (given | now)) {
      throw new FileFault(Errno.INVAL);
    }
    if ((flags & now) != 0) {
      return caller.program().clocks().realtimeNs();
    }
    if ((flags & given) == 0) {
      return -1;
    }
    if (givenNs < 0) {
      throw new FileFault(Errno.INVAL);
    }
    return givenNs;
  }

  private static @Nullable OpenNode nodeOf(Descriptor descriptor) {
    return switch (descriptor) {
      case Descriptor.RegularFile file -> file.file();
      case Descriptor.Directory directory -> directory.directory();
      case Descriptor.Input _, Descriptor.Output _ -> null;
    };
  }

  void prestatGet(int fd, int result) {
    byte[] path = preopenPath(fd);
    caller.memory().check(result, PRESTAT_BYTES);
    caller.memory().writeInt(result, 0);
    caller.memory().writeInt(result + 4, path.length);
  }

  void prestatDirName(int fd, int address, int length) {
    byte[] path = preopenPath(fd);
    if (Integer.toUnsignedLong(length) < path.length) {
      throw new FileFault(Errno.NAMETOOLONG);
    }
    caller.memory().check(address, path.length);
    caller.memory().write(address, ByteBuffer.wrap(path));
  }

  /** BADF is how a C library learns that there are no more of them. */
  private byte[] preopenPath(int fd) {
    if (table().at(fd) instanceof Descriptor.Directory directory) {
      String path = directory.preopenPath();
      if (path != null) {
        return path.getBytes(StandardCharsets.UTF_8);
      }
    }
    throw new FileFault(Errno.BADF);
  }

  void seek(int fd, long offset, int whence, int result) {
    Descriptor.RegularFile file = table().file(fd);
    boolean onlyTells = whence == SEEK_CUR && offset == 0;
    if (!onlyTells || (file.rights() & Rights.FD_TELL) == 0) {
      file.require(Rights.FD_SEEK);
    }
    caller.memory().check(result, Long.BYTES);
    long position =
        caller.away(
            () -> {
              file.positionLock().lock();
              try {
                long base =
                    switch (whence) {
                      case SEEK_SET -> 0;
                      case SEEK_CUR -> file.position();
                      case SEEK_END -> file.file().stat().sizeBytes();
                      default -> throw new FileFault(Errno.INVAL);
                    };
                long moved = base + offset;
                if (moved < 0) {
                  throw new FileFault(Errno.INVAL);
                }
                file.position(moved);
                return moved;
              } finally {
                file.positionLock().unlock();
              }
            });
    caller.memory().writeLong(result, position);
  }

  void tell(int fd, int result) {
    Descriptor.RegularFile file = table().file(fd);
    file.require(Rights.FD_TELL);
    caller.memory().check(result, Long.BYTES);
    long position =
        caller.away(
            () -> {
              file.positionLock().lock();
              try {
                return file.position();
              } finally {
                file.positionLock().unlock();
              }
            });
    caller.memory().writeLong(result, position);
  }

  void readdir(int fd, int buffer, int length, long cookie, int result) {
    Descriptor.Directory directory = table().directory(fd);
    directory.require(Rights.FD_READDIR);
    long bytes = Integer.toUnsignedLong(length);
    caller.memory().check(buffer, bytes);
    caller.memory().check(result, Integer.BYTES);
    if (cookie < 0) {
      throw new FileFault(Errno.INVAL);
    }
    DirectoryListing listing = new DirectoryListing(caller, buffer, bytes);
    caller.awayRun(() -> listing.write(directory.directory(), cookie));
    caller.memory().writeInt(result, (int) listing.used());
  }
}
