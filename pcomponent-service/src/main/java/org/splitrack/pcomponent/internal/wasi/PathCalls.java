package org.splitrack.pcomponent.internal.wasi;

import org.splitrack.pcomponent.internal.file.Errno;
import org.splitrack.pcomponent.internal.file.FileFault;
import org.splitrack.pcomponent.internal.file.FileStat;
import org.splitrack.pcomponent.internal.file.OpenDirectory;
import org.splitrack.pcomponent.internal.file.OpenFile;
import org.splitrack.pcomponent.internal.file.OpenNode;
import org.splitrack.pcomponent.internal.file.OpenOptions;
import org.splitrack.pcomponent.internal.file.RelativePath;

/** What is done by name below a directory. */
final class PathCalls {
  private static final int OPEN_CREATE = 1;
  private static final int OPEN_DIRECTORY = 2;
  private static final int OPEN_EXCLUSIVE = 4;
  private static final int OPEN_TRUNCATE = 8;
  private static final int ALL_OPEN_FLAGS = 15;

  private final Caller caller;
  private final DescriptorCalls descriptorCalls;

  PathCalls(Caller caller, DescriptorCalls descriptorCalls) {
    this.caller = caller;
    this.descriptorCalls = descriptorCalls;
  }

  private Descriptor.Directory directory(int fd, long right) {
    Descriptor.Directory directory = caller.program().descriptors().directory(fd);
    directory.require(right);
    return directory;
  }

  void open(
      int fd,
      int path,
      int pathLength,
      int openFlags,
      long rights,
      long inheriting,
      int flags,
      int result) {
    Descriptor.Directory directory = directory(fd, Rights.PATH_OPEN);
    RelativePath name = GuestPath.read(caller, path, pathLength);
    caller.memory().check(result, Integer.BYTES);
    OpenOptions options = optionsOf(directory, openFlags, rights, flags);
    caller.program().descriptors().requireRoom();
    if (options.create() || options.truncate()) {
      caller.thread().beforeEffect("path_open");
    }
    Descriptor opened =
        caller.away(
            () -> {
              OpenNode node = openWhereAllowed(directory, name, options);
              return switch (node) {
                case OpenFile file ->
                    new Descriptor.RegularFile(
                        file,
                        directory.readOnly(),
                        rights & directory.inheritingRights() & Rights.FILE,
                        inheriting & directory.inheritingRights(),
                        flags);
                case OpenDirectory below ->
                    new Descriptor.Directory(
                        below,
                        directory.readOnly(),
                        null,
                        rights & directory.inheritingRights() & Rights.DIRECTORY,
                        inheriting & directory.inheritingRights(),
                        flags);
              };
            });
    caller.memory().writeInt(result, addOrClose(opened));
  }

  private int addOrClose(Descriptor opened) {
    try {
      return caller.program().descriptors().add(opened);
    } catch (FileFault full) {
      caller.awayRun(opened::close);
      throw full;
    }
  }

  private static OpenOptions optionsOf(
      Descriptor.Directory directory, int openFlags, long rights, int flags) {
    if ((openFlags & ~ALL_OPEN_FLAGS) != 0 || (flags & ~Descriptor.ALL_FLAGS) != 0) {
      throw new FileFault(Errno.INVAL);
    }
    boolean create = (openFlags & OPEN_CREATE) != 0;
    boolean truncate = (openFlags & OPEN_TRUNCATE) != 0;
    boolean onlyDirectory = (openFlags & OPEN_DIRECTORY) != 0;
    if (onlyDirectory && (create || truncate)) {
      throw new FileFault(Errno.INVAL);
    }
    if (create) {
      directory.require(Rights.PATH_CREATE_FILE);
    }
    if (truncate) {
      directory.require(Rights.PATH_FILESTAT_SET_SIZE);
    }
    boolean write =
        !onlyDirectory && (rights & directory.inheritingRights() & Rights.FD_WRITE) != 0;
    return new OpenOptions(
        create, (openFlags & OPEN_EXCLUSIVE) != 0, truncate, onlyDirectory, write);
  }

  /** Below a read-only directory, what exists may be opened for reading and nothing else. */
  private static OpenNode openWhereAllowed(
      Descriptor.Directory directory, RelativePath path, OpenOptions options) {
    if (!directory.readOnly()) {
      return directory.directory().open(path, options);
    }
    if (options.truncate() || options.write()) {
      directory.requireWritable();
    }
    try {
      return directory
          .directory()
          .open(path, new OpenOptions(false, false, false, options.directory(), false));
    } catch (FileFault fault) {
      if (options.create() && fault.errno() == Errno.NOENT) {
        directory.requireWritable();
      }
      throw fault;
    }
  }

  void createDirectory(int fd, int path, int pathLength) {
    Descriptor.Directory directory = directory(fd, Rights.PATH_CREATE_DIRECTORY);
    RelativePath name = GuestPath.read(caller, path, pathLength);
    directory.requireWritable();
    caller.awayRun(() -> directory.directory().makeDirectory(name));
  }

  void removeDirectory(int fd, int path, int pathLength) {
    Descriptor.Directory directory = directory(fd, Rights.PATH_REMOVE_DIRECTORY);
    RelativePath name = GuestPath.read(caller, path, pathLength);
    directory.requireWritable();
    caller.awayRun(() -> directory.directory().removeDirectory(name));
  }

  void unlinkFile(int fd, int path, int pathLength) {
    Descriptor.Directory directory = directory(fd, Rights.PATH_UNLINK_FILE);
    RelativePath name = GuestPath.read(caller, path, pathLength);
    directory.requireWritable();
    caller.awayRun(() -> directory.directory().unlink(name));
  }

  void rename(int fromFd, int from, int fromLength, int toFd, int to, int toLength) {
    Descriptor.Directory source = directory(fromFd, Rights.PATH_RENAME_SOURCE);
    Descriptor.Directory target = directory(toFd, Rights.PATH_RENAME_TARGET);
    RelativePath fromName = GuestPath.read(caller, from, fromLength);
    RelativePath toName = GuestPath.read(caller, to, toLength);
    source.requireWritable();
    target.requireWritable();
    caller.awayRun(() -> source.directory().rename(fromName, target.directory(), toName));
  }

  void filestatGet(int fd, int path, int pathLength, int result) {
    Descriptor.Directory directory = directory(fd, Rights.PATH_FILESTAT_GET);
    RelativePath name = GuestPath.read(caller, path, pathLength);
    caller.memory().check(result, DescriptorCalls.FILESTAT_BYTES);
    FileStat stat = caller.away(() -> directory.directory().stat(name));
    descriptorCalls.store(result, stat);
  }

  void filestatSetTimes(
      int fd, int path, int pathLength, long accessedNs, long modifiedNs, int flags) {
    Descriptor.Directory directory = directory(fd, Rights.PATH_FILESTAT_SET_TIMES);
    RelativePath name = GuestPath.read(caller, path, pathLength);
    long accessed = descriptorCalls.chosenAccessed(flags, accessedNs);
    long modified = descriptorCalls.chosenModified(flags, modifiedNs);
    directory.requireWritable();
    caller.awayRun(() -> directory.directory().setTimes(name, accessed, modified));
  }

  /** There are no links, so whatever is there is none. */
  void readlink(int fd, int path, int pathLength) {
    Descriptor.Directory directory = directory(fd, Rights.PATH_READLINK);
    RelativePath name = GuestPath.read(caller, path, pathLength);
    caller.away(() -> directory.directory().stat(name));
    throw new FileFault(Errno.INVAL);
  }
}
