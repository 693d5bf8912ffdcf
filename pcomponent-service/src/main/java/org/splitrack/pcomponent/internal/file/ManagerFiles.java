package org.splitrack.pcomponent.internal.file;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlReply;
import org.splitrack.fabric.control.ControlRequest;
import org.splitrack.fabric.control.FileCalls;
import org.splitrack.fabric.control.FileCalls.AllocateExtents;
import org.splitrack.fabric.control.FileCalls.Caller;
import org.splitrack.fabric.control.FileCalls.CloseFile;
import org.splitrack.fabric.control.FileCalls.CommitWrites;
import org.splitrack.fabric.control.FileCalls.Entries;
import org.splitrack.fabric.control.FileCalls.Entry;
import org.splitrack.fabric.control.FileCalls.ExtentGrant;
import org.splitrack.fabric.control.FileCalls.Extents;
import org.splitrack.fabric.control.FileCalls.FileError;
import org.splitrack.fabric.control.FileCalls.ListDirectory;
import org.splitrack.fabric.control.FileCalls.ListExtents;
import org.splitrack.fabric.control.FileCalls.LocateStorage;
import org.splitrack.fabric.control.FileCalls.LookUp;
import org.splitrack.fabric.control.FileCalls.LookUpInode;
import org.splitrack.fabric.control.FileCalls.MakeDirectory;
import org.splitrack.fabric.control.FileCalls.Node;
import org.splitrack.fabric.control.FileCalls.NodeInfo;
import org.splitrack.fabric.control.FileCalls.OpenNode;
import org.splitrack.fabric.control.FileCalls.Opened;
import org.splitrack.fabric.control.FileCalls.RemoveDirectory;
import org.splitrack.fabric.control.FileCalls.Rename;
import org.splitrack.fabric.control.FileCalls.SetSize;
import org.splitrack.fabric.control.FileCalls.SetTimes;
import org.splitrack.fabric.control.FileCalls.Unlink;

/**
 * The global manager's file calls, with the faults that programs know. A manager that does not
 * answer, or that waits for its tables, is asked again until the patience is over. Safe from any
 * thread.
 *
 * <p>A change whose answer was lost may so be made twice; the second time it finds what the first
 * did, as on a network file system: EXIST, or NOENT.
 */
final class ManagerFiles {
  private static final long FIRST_PAUSE_MS = 20;
  private static final long LONGEST_PAUSE_MS = 500;
  private static final Duration LOCATE_TIMEOUT = Duration.ofSeconds(1);

  private final ControlClient control;
  private final Endpoint manager;
  private final long patienceNs;

  ManagerFiles(ControlClient control, Endpoint manager, Duration patience) {
    this.control = control;
    this.manager = manager;
    this.patienceNs = patience.toNanos();
  }

  NodeInfo lookUp(Caller caller, long directory, List<String> names) {
    return info(call(new LookUp(caller, directory, names)));
  }

  NodeInfo lookUp(Caller caller, long inode) {
    return info(call(new LookUpInode(caller, inode)));
  }

  Opened open(OpenNode request) {
    Opened opened = call(request);
    check(opened.error());
    return opened;
  }

  void close(Caller caller, long inode) {
    call(new CloseFile(caller, inode, 1));
  }

  void makeDirectory(Caller caller, long directory, List<String> names) {
    check(call(new MakeDirectory(caller, directory, names)).error());
  }

  void removeDirectory(Caller caller, long directory, List<String> names) {
    check(call(new RemoveDirectory(caller, directory, names)).error());
  }

  void unlink(Caller caller, long directory, List<String> names) {
    check(call(new Unlink(caller, directory, names)).error());
  }

  void rename(
      Caller caller, long fromDirectory, List<String> from, long toDirectory, List<String> to) {
    check(call(new Rename(caller, fromDirectory, from, toDirectory, to)).error());
  }

  /** Fewer than {@link FileCalls#MAX_ENTRIES}: there are no more. */
  List<Entry> list(Caller caller, long directory, long afterInode) {
    Entries entries = call(new ListDirectory(caller, directory, afterInode, FileCalls.MAX_ENTRIES));
    check(entries.error());
    return entries.entries();
  }

  NodeInfo setSize(Caller caller, long inode, long bytes) {
    return info(call(new SetSize(caller, inode, bytes)));
  }

  NodeInfo commitWrites(Caller caller, long inode, long atLeastBytes, long modifiedNs) {
    return info(call(new CommitWrites(caller, inode, atLeastBytes, modifiedNs)));
  }

  NodeInfo setTimes(Caller caller, long inode, long accessedNs, long modifiedNs) {
    return info(call(new SetTimes(caller, inode, accessedNs, modifiedNs)));
  }

  List<ExtentGrant> allocate(Caller caller, long inode, long fromIndex, int count) {
    return extents(call(new AllocateExtents(caller, inode, fromIndex, count)));
  }

  List<ExtentGrant> listExtents(Caller caller, long inode, long fromIndex, int count) {
    return extents(call(new ListExtents(caller, inode, fromIndex, count)));
  }

  /** Asks once, for whoever asks again himself. */
  Endpoint locate(ComponentId component) {
    return control.call(manager, new LocateStorage(component), LOCATE_TIMEOUT).endpoint();
  }

  private <R extends ControlReply> R call(ControlRequest<R> request) {
    long deadlineNs = System.nanoTime() + patienceNs;
    long pauseMs = FIRST_PAUSE_MS;
    while (true) {
      try {
        long leftNs = Math.max(1, deadlineNs - System.nanoTime());
        return control.call(manager, request, Duration.ofNanos(leftNs));
      } catch (ControlFault e) {
        boolean mayPass =
            e.code() == ControlFault.Code.UNREACHABLE || e.code() == ControlFault.Code.UNAVAILABLE;
        if (Thread.currentThread().isInterrupted()) {
          throw new FileFault(Errno.INTR);
        }
        if (!mayPass || System.nanoTime() + pauseMs * 1_000_000 > deadlineNs) {
          throw new FileFault(Errno.IO, String.valueOf(e.getMessage()));
        }
      }
      pause(pauseMs);
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
  }

  private static void pause(long pauseMs) {
    try {
      Thread.sleep(pauseMs);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FileFault(Errno.INTR);
    }
  }

  private static NodeInfo info(Node node) {
    check(node.error());
    return required(node.info());
  }

  /** The node of an answer without an error. */
  static NodeInfo required(@Nullable NodeInfo info) {
    if (info == null) {
      throw new FileFault(Errno.IO, "the manager's answer makes no sense");
    }
    return info;
  }

  private static List<ExtentGrant> extents(Extents extents) {
    check(extents.error());
    return extents.extents();
  }

  private static void check(@Nullable FileError error) {
    if (error != null) {
      throw new FileFault(errno(error));
    }
  }

  private static Errno errno(FileError error) {
    return switch (error) {
      case NOT_FOUND -> Errno.NOENT;
      case EXISTS -> Errno.EXIST;
      case NOT_A_DIRECTORY -> Errno.NOTDIR;
      case IS_A_DIRECTORY -> Errno.ISDIR;
      case NOT_EMPTY -> Errno.NOTEMPTY;
      case INVALID -> Errno.INVAL;
      case NAME_TOO_LONG -> Errno.NAMETOOLONG;
      case BAD_NAME -> Errno.ILSEQ;
      case FILE_TOO_LARGE -> Errno.FBIG;
      case NO_SPACE -> Errno.NOSPC;
      case EXPELLED -> Errno.IO;
    };
  }
}
