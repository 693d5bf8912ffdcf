package org.splitrack.pcomponent.internal.file;

import java.util.ArrayList;
import java.util.List;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.FileCalls;
import org.splitrack.fabric.control.FileCalls.Caller;
import org.splitrack.fabric.control.FileCalls.NodeInfo;
import org.splitrack.fabric.control.FileCalls.NodeKind;
import org.splitrack.fabric.control.ProcessSpec;
import org.splitrack.fabric.storage.StorageClient;
import org.splitrack.fabric.transport.Dialer;

/**
 * A pComponent's file client. Names and sizes are the global manager's, bytes the sComponents';
 * what is cached here is shared by the processes of this pComponent, so that each sees at once what
 * another has written. Between pComponents a file is consistent from close to open.
 */
public final class RackFileService implements FileService, AutoCloseable {
  private final FileCache cache;

  /** Connects to nobody before it is used. */
  public RackFileService(
      ControlClient control, Dialer dialer, Endpoint manager, FileClientLimits limits) {
    ManagerFiles files = new ManagerFiles(control, manager, limits.patience());
    StorageClient storage = new StorageClient(dialer, files::locate, limits.patience());
    cache = new FileCache(files, storage, limits);
  }

  @Override
  public FileSystem open(ProcessId process, int incarnation, ProcessSpec spec) {
    Caller caller = new Caller(spec.tenant(), process, incarnation);
    RackFileSystem system = new RackFileSystem(cache, caller);
    for (ProcessSpec.Directory directory : spec.directories()) {
      system.addPreopened(directory.path(), find(caller, directory.path()), directory.readOnly());
    }
    return system;
  }

  @Override
  public void close() {
    cache.close();
  }

  private long find(Caller caller, String path) {
    NodeInfo info;
    try {
      info = cache.manager().lookUp(caller, FileCalls.ROOT, names(path));
    } catch (FileFault e) {
      throw new FileFault(
          e.errno(),
          e.errno() == Errno.NOENT
              ? "tenant " + caller.tenant() + " has no directory " + path
              : "directory " + path + " cannot be opened: " + e.getMessage());
    }
    if (info.kind() != NodeKind.DIRECTORY) {
      throw new FileFault(Errno.NOTDIR, path + " is a file, not a directory");
    }
    return info.inode();
  }

  private static List<String> names(String path) {
    List<String> names = new ArrayList<>();
    for (String name : path.split("/", -1)) {
      if (name.equals("..")) {
        throw new FileFault(Errno.INVAL, "directory " + path + " holds '..'");
      }
      if (!name.isEmpty() && !name.equals(".")) {
        names.add(name);
      }
    }
    return names;
  }
}
