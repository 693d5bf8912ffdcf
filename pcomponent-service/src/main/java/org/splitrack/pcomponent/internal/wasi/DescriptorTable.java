package org.splitrack.pcomponent.internal.wasi;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.splitrack.pcomponent.internal.file.Errno;
import org.splitrack.pcomponent.internal.file.FileFault;
import org.splitrack.pcomponent.internal.file.FileSystem;

/**
 * The descriptors of a process, at most {@value #MAX_DESCRIPTORS}: 0 to 2 are the standard streams,
 * from 3 on the preopened directories. Safe from any thread; nothing waits while it is locked.
 */
public final class DescriptorTable {
  public static final int MAX_DESCRIPTORS = 1024;

  private @Nullable Descriptor[] descriptors = new @Nullable Descriptor[16];

  public DescriptorTable(
      StandardInput input, StandardOutput output, StandardOutput error, FileSystem files) {
    add(new Descriptor.Input(input));
    add(new Descriptor.Output(output));
    add(new Descriptor.Output(error));
    for (FileSystem.Preopened preopened : files.preopened()) {
      add(
          new Descriptor.Directory(
              preopened.directory(),
              preopened.readOnly(),
              preopened.path(),
              Rights.DIRECTORY,
              Rights.DIRECTORY | Rights.FILE,
              0));
    }
  }

  /** The descriptor of that number, or {@link Errno#BADF}. */
  synchronized Descriptor at(int fd) {
    Descriptor descriptor = fd >= 0 && fd < descriptors.length ? descriptors[fd] : null;
    if (descriptor == null) {
      throw new FileFault(Errno.BADF);
    }
    return descriptor;
  }

  Descriptor.RegularFile file(int fd) {
    return switch (at(fd)) {
      case Descriptor.RegularFile file -> file;
      case Descriptor.Directory _ -> throw new FileFault(Errno.ISDIR);
      case Descriptor.Input _, Descriptor.Output _ -> throw new FileFault(Errno.SPIPE);
    };
  }

  Descriptor.Directory directory(int fd) {
    if (at(fd) instanceof Descriptor.Directory directory) {
      return directory;
    }
    throw new FileFault(Errno.NOTDIR);
  }

  /** Refuses before anything is opened that could not be kept. */
  synchronized void requireRoom() {
    lowestFree();
  }

  /** The lowest free number, now the descriptor's; {@link Errno#MFILE} when there is none. */
  synchronized int add(Descriptor descriptor) {
    int fd = lowestFree();
    if (fd == descriptors.length) {
      descriptors = Arrays.copyOf(descriptors, Math.min(2 * fd, MAX_DESCRIPTORS));
    }
    descriptors[fd] = descriptor;
    return fd;
  }

  private int lowestFree() {
    int fd = 0;
    while (fd < descriptors.length && descriptors[fd] != null) {
      fd++;
    }
    if (fd == MAX_DESCRIPTORS) {
      throw new FileFault(Errno.MFILE);
    }
    return fd;
  }

  /** Frees the number; the caller closes what is returned. */
  synchronized Descriptor remove(int fd) {
    Descriptor descriptor = at(fd);
    descriptors[fd] = null;
    return descriptor;
  }

  /** Moves {@code from} to the number {@code to}; the caller closes what was there, if any. */
  synchronized @Nullable Descriptor renumber(int from, int to) {
    Descriptor moved = at(from);
    Descriptor replaced = at(to);
    if (from == to) {
      return null;
    }
    descriptors[to] = moved;
    descriptors[from] = null;
    return replaced;
  }
}
