package org.splitrack.fabric.control;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;

/**
 * Calls of a pComponent's file client to the global manager: names, sizes and extent maps. A path
 * is a list of names below a directory; what a file operation is refused for stands in the reply,
 * so that a {@link ControlFault} always means that the manager could not answer.
 *
 * <p>Times are ns since 1970; they are kept to the microsecond.
 */
public final class FileCalls {
  /** The tenant's root, wherever a directory's inode number is asked for. */
  public static final long ROOT = 0;

  public static final int MAX_NAME_BYTES = 255;
  public static final int MAX_PATH_BYTES = 4096;

  /** Bytes of a file that one extent holds. */
  public static final int EXTENT_BYTES = 4 << 20;

  /** Bytes of a file, at most: 16 TiB. */
  public static final long MAX_FILE_BYTES = 16L << 40;

  /** Extents that one call asks for at most. */
  public static final int MAX_EXTENTS = 256;

  /** Directory entries of one reply at most. */
  public static final int MAX_ENTRIES = 512;

  private FileCalls() {}

  /** On whose behalf. An expelled incarnation is refused with {@link FileError#EXPELLED}. */
  public record Caller(String tenant, ProcessId process, int incarnation) {}

  /** What a name or inode stands for. */
  public enum NodeKind {
    FILE,
    DIRECTORY
  }

  /** Why a file operation was refused. */
  public enum FileError {
    NOT_FOUND,
    EXISTS,
    NOT_A_DIRECTORY,
    IS_A_DIRECTORY,
    NOT_EMPTY,
    /** The directory is a root, or is an ancestor of where it should go. */
    INVALID,
    NAME_TOO_LONG,
    /** Not UTF-8, or with a NUL or a slash in it. */
    BAD_NAME,
    FILE_TOO_LARGE,
    NO_SPACE,
    EXPELLED
  }

  /**
   * A file or directory.
   *
   * @param version grows with each change of the content or size; a cached copy of another version
   *     is out of date
   * @param links 0 when its name was removed while it was open
   */
  public record NodeInfo(
      long inode,
      NodeKind kind,
      long bytes,
      int mode,
      long version,
      int links,
      long accessedNs,
      long modifiedNs,
      long changedNs) {}

  /**
   * Bytes {@code [index × EXTENT_BYTES, …)} of a file are in this extent of that sComponent.
   *
   * @param endpoint where it listens; null while it is not up
   */
  public record ExtentGrant(
      long index, long extent, ComponentId component, @Nullable Endpoint endpoint) {}

  /** Who is where, without opening it. */
  public record LookUp(Caller caller, long directory, List<String> names)
      implements ControlRequest<Node> {}

  /** As {@link LookUp}, by number. */
  public record LookUpInode(Caller caller, long inode) implements ControlRequest<Node> {}

  /** Exactly one of the two is null. */
  public record Node(@Nullable FileError error, @Nullable NodeInfo info) implements ControlReply {}

  /**
   * Opens a file or directory. A file stays, also without a name, until the same process has closed
   * it as often as it has opened it, or has ended.
   *
   * @param create make a file where there is none
   * @param exclusive with {@code create}: EXISTS where there is one
   * @param directoryOnly NOT_A_DIRECTORY for a file
   * @param write IS_A_DIRECTORY for a directory
   */
  public record OpenNode(
      Caller caller,
      long directory,
      List<String> names,
      boolean create,
      boolean exclusive,
      boolean directoryOnly,
      boolean write)
      implements ControlRequest<Opened> {}

  /** The node, and the first extents of a file by index, at most {@link #MAX_EXTENTS}. */
  public record Opened(
      @Nullable FileError error, @Nullable NodeInfo info, List<ExtentGrant> extents)
      implements ControlReply {}

  /** Gives back opens of a file; {@code count} of them. */
  public record CloseFile(Caller caller, long inode, int count)
      implements ControlRequest<ControlReply.Done> {}

  public record MakeDirectory(Caller caller, long directory, List<String> names)
      implements ControlRequest<Node> {}

  /** Removes an empty directory's name. */
  public record RemoveDirectory(Caller caller, long directory, List<String> names)
      implements ControlRequest<FileDone> {}

  /** Removes a file's name; its data goes when nobody has it open. */
  public record Unlink(Caller caller, long directory, List<String> names)
      implements ControlRequest<FileDone> {}

  /** Renames, replacing a file or an empty directory in the same step. */
  public record Rename(
      Caller caller, long fromDirectory, List<String> from, long toDirectory, List<String> to)
      implements ControlRequest<FileDone> {}

  /** Done when {@code error} is null. */
  public record FileDone(@Nullable FileError error) implements ControlReply {}

  /**
   * Entries of a directory in order of their inode numbers, which stay theirs when they are
   * renamed.
   *
   * @param afterInode 0 for the first
   * @param max at most {@link #MAX_ENTRIES}
   */
  public record ListDirectory(Caller caller, long directory, long afterInode, int max)
      implements ControlRequest<Entries> {}

  /** Fewer entries than asked for: there are no more. */
  public record Entries(@Nullable FileError error, List<Entry> entries) implements ControlReply {}

  public record Entry(String name, long inode, NodeKind kind) {}

  /** Sets a file's size; bytes beyond it are gone, and read as zeros if it grows again. */
  public record SetSize(Caller caller, long inode, long bytes) implements ControlRequest<Node> {}

  /**
   * Bytes were written and are on the sComponents: the file has at least this size, and a new
   * version.
   */
  public record CommitWrites(Caller caller, long inode, long atLeastBytes, long modifiedNs)
      implements ControlRequest<Node> {}

  /** Sets times; {@code -1} leaves one as it is. */
  public record SetTimes(Caller caller, long inode, long accessedNs, long modifiedNs)
      implements ControlRequest<Node> {}

  /**
   * Gives the extents {@code [fromIndex, fromIndex + count)} of a file, and makes those that are
   * missing. Refused with NO_SPACE. Repeating it changes nothing.
   */
  public record AllocateExtents(Caller caller, long inode, long fromIndex, int count)
      implements ControlRequest<Extents> {}

  /** Gives those of the extents {@code [fromIndex, fromIndex + count)} that there are. */
  public record ListExtents(Caller caller, long inode, long fromIndex, int count)
      implements ControlRequest<Extents> {}

  /** Extents in order of their index. One that is not there is a hole and reads as zeros. */
  public record Extents(@Nullable FileError error, List<ExtentGrant> extents)
      implements ControlReply {}

  /** Where an sComponent listens now. Refused with NOT_FOUND while none of that name is up. */
  public record LocateStorage(ComponentId component) implements ControlRequest<Located> {}

  public record Located(Endpoint endpoint) implements ControlReply {}
}
