package org.splitrack.pcomponent.internal.file;

import java.util.List;
import org.splitrack.fabric.control.FileCalls;
import org.splitrack.fabric.control.FileCalls.Entry;
import org.splitrack.fabric.control.FileCalls.NodeInfo;
import org.splitrack.fabric.control.FileCalls.NodeKind;
import org.splitrack.fabric.control.FileCalls.OpenNode;
import org.splitrack.fabric.control.FileCalls.Opened;

/** A directory that one process has open. It knows its number only; names are the manager's. */
final class RackDirectory implements OpenDirectory {
  private final RackFileSystem system;
  private final long inode;
  private final boolean readOnly;

  RackDirectory(RackFileSystem system, long inode, boolean readOnly) {
    this.system = system;
    this.inode = inode;
    this.readOnly = readOnly;
  }

  @Override
  public FileStat stat() {
    return RackFileSystem.stat(system.manager().lookUp(system.caller(), inode));
  }

  @Override
  public void setTimes(long accessedNs, long modifiedNs) {
    checkWritable();
    system.manager().setTimes(system.caller(), inode, accessedNs, modifiedNs);
  }

  @Override
  public void close() {}

  @Override
  public org.splitrack.pcomponent.internal.file.OpenNode open(
      RelativePath path, OpenOptions options) {
    boolean changes = options.create() || options.truncate() || options.write();
    if (changes) {
      checkWritable();
    }
    if (options.create() && path.mustBeDirectory()) {
      throw new FileFault(Errno.ISDIR);
    }
    Opened opened =
        system
            .manager()
            .open(
                new OpenNode(
                    system.caller(),
                    inode,
                    path.names(),
                    options.create(),
                    options.exclusive(),
                    options.directory() || path.mustBeDirectory(),
                    options.write() || options.truncate()));
    NodeInfo info = ManagerFiles.required(opened.info());
    if (info.kind() == NodeKind.DIRECTORY) {
      return new RackDirectory(system, info.inode(), readOnly);
    }
    return system.opened(info, opened.extents(), options.truncate(), readOnly);
  }

  @Override
  public FileStat stat(RelativePath path) {
    return RackFileSystem.stat(system.cache().withLocalChanges(find(path)));
  }

  @Override
  public void setTimes(RelativePath path, long accessedNs, long modifiedNs) {
    checkWritable();
    org.splitrack.pcomponent.internal.file.OpenNode node =
        open(path, new OpenOptions(false, false, false, false, false));
    try {
      node.setTimes(accessedNs, modifiedNs);
    } finally {
      node.close();
    }
  }

  @Override
  public void makeDirectory(RelativePath path) {
    checkWritable();
    if (path.names().isEmpty()) {
      throw new FileFault(Errno.EXIST);
    }
    system.manager().makeDirectory(system.caller(), inode, path.names());
  }

  @Override
  public void removeDirectory(RelativePath path) {
    checkWritable();
    if (path.names().isEmpty()) {
      throw new FileFault(Errno.BUSY);
    }
    system.manager().removeDirectory(system.caller(), inode, path.names());
  }

  @Override
  public void unlink(RelativePath path) {
    checkWritable();
    if (path.names().isEmpty()) {
      throw new FileFault(Errno.ISDIR);
    }
    requireDirectoryIfItMustBe(path);
    system.manager().unlink(system.caller(), inode, path.names());
  }

  @Override
  public void rename(RelativePath from, OpenDirectory toDirectory, RelativePath to) {
    if (!(toDirectory instanceof RackDirectory target) || target.system != system) {
      throw new FileFault(Errno.XDEV);
    }
    checkWritable();
    target.checkWritable();
    if (from.names().isEmpty() || to.names().isEmpty()) {
      throw new FileFault(Errno.BUSY);
    }
    requireDirectoryIfItMustBe(from);
    if (to.mustBeDirectory() && find(from).kind() != NodeKind.DIRECTORY) {
      throw new FileFault(Errno.NOTDIR);
    }
    system.manager().rename(system.caller(), inode, from.names(), target.inode, to.names());
  }

  @Override
  public void list(long cookie, EntryListener listener) {
    long after = cookie;
    List<Entry> page;
    do {
      page = system.manager().list(system.caller(), inode, after);
      for (Entry entry : page) {
        FileType type =
            entry.kind() == NodeKind.DIRECTORY ? FileType.DIRECTORY : FileType.REGULAR_FILE;
        if (!listener.entry(entry.inode(), entry.inode(), type, entry.name())) {
          return;
        }
        after = entry.inode();
      }
    } while (page.size() == FileCalls.MAX_ENTRIES);
  }

  private NodeInfo find(RelativePath path) {
    NodeInfo info = system.manager().lookUp(system.caller(), inode, path.names());
    if (path.mustBeDirectory() && info.kind() != NodeKind.DIRECTORY) {
      throw new FileFault(Errno.NOTDIR);
    }
    return info;
  }

  private void requireDirectoryIfItMustBe(RelativePath path) {
    if (path.mustBeDirectory()) {
      find(path);
    }
  }

  private void checkWritable() {
    if (readOnly) {
      throw new FileFault(Errno.ROFS);
    }
  }
}
