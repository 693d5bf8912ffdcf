package org.splitrack.pcomponent.internal.wasi;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.splitrack.pcomponent.internal.file.Errno;
import org.splitrack.pcomponent.internal.file.FileFault;
import org.splitrack.pcomponent.internal.file.OpenDirectory;
import org.splitrack.pcomponent.internal.file.OpenFile;

/** What an open descriptor of a program stands for. Rights and flags may change under threads. */
abstract sealed class Descriptor {
  static final int FLAG_APPEND = 1;
  static final int FLAG_DSYNC = 2;
  static final int FLAG_NONBLOCK = 4;
  static final int FLAG_RSYNC = 8;
  static final int FLAG_SYNC = 16;
  static final int ALL_FLAGS = FLAG_APPEND | FLAG_DSYNC | FLAG_NONBLOCK | FLAG_RSYNC | FLAG_SYNC;

  private volatile long rights;
  private volatile long inheritingRights;
  private volatile int flags;

  private Descriptor(long rights, long inheritingRights, int flags) {
    this.rights = rights;
    this.inheritingRights = inheritingRights;
    this.flags = flags;
  }

  final long rights() {
    return rights;
  }

  final long inheritingRights() {
    return inheritingRights;
  }

  final int flags() {
    return flags;
  }

  final boolean flag(int flag) {
    return (flags & flag) != 0;
  }

  final void flags(int newFlags) {
    flags = newFlags;
  }

  /** Gives rights up; they cannot be had back. */
  final void narrow(long newRights, long newInheriting) {
    if ((newRights & ~rights) != 0 || (newInheriting & ~inheritingRights) != 0) {
      throw new FileFault(Errno.NOTCAPABLE);
    }
    rights = newRights;
    inheritingRights = newInheriting;
  }

  final void require(long right) {
    if ((rights & right) != right) {
      throw new FileFault(Errno.NOTCAPABLE);
    }
  }

  /** Lets go of what it stands for. */
  abstract void close();

  /** Standard input. */
  static final class Input extends Descriptor {
    private final StandardInput stream;

    Input(StandardInput stream) {
      super(Rights.INPUT, 0, 0);
      this.stream = stream;
    }

    StandardInput stream() {
      return stream;
    }

    @Override
    void close() {}
  }

  /** Standard output or error. */
  static final class Output extends Descriptor {
    private final StandardOutput stream;

    Output(StandardOutput stream) {
      super(Rights.OUTPUT, 0, 0);
      this.stream = stream;
    }

    StandardOutput stream() {
      return stream;
    }

    @Override
    void close() {}
  }

  /** A regular file with its position, which all threads share. */
  static final class RegularFile extends Descriptor {
    private final OpenFile file;
    private final boolean readOnly;
    private final ReentrantLock positionLock = new ReentrantLock();
    private long position;

    RegularFile(OpenFile file, boolean readOnly, long rights, long inheritingRights, int flags) {
      super(rights, inheritingRights, flags);
      this.file = file;
      this.readOnly = readOnly;
    }

    OpenFile file() {
      return file;
    }

    /** It lies below a directory that the program may only read. */
    boolean readOnly() {
      return readOnly;
    }

    /** Held around every use of the position; waits away from the program's memory. */
    ReentrantLock positionLock() {
      return positionLock;
    }

    long position() {
      return position;
    }

    void position(long newPosition) {
      position = newPosition;
    }

    @Override
    void close() {
      file.close();
    }
  }

  /** A directory. */
  static final class Directory extends Descriptor {
    private final OpenDirectory directory;
    private final boolean readOnly;
    private final @Nullable String preopenPath;

    Directory(
        OpenDirectory directory,
        boolean readOnly,
        @Nullable String preopenPath,
        long rights,
        long inheritingRights,
        int flags) {
      super(rights, inheritingRights, flags);
      this.directory = directory;
      this.readOnly = readOnly;
      this.preopenPath = preopenPath;
    }

    OpenDirectory directory() {
      return directory;
    }

    boolean readOnly() {
      return readOnly;
    }

    /** The program's name of it when it was open from the start, else null. */
    @Nullable String preopenPath() {
      return preopenPath;
    }

    /** Refuses a change below a directory that the program may only read. */
    void requireWritable() {
      if (readOnly) {
        throw new FileFault(Errno.ROFS);
      }
    }

    @Override
    void close() {
      directory.close();
    }
  }
}
