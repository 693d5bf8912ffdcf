package org.splitrack.pcomponent.internal.file;

/** An open directory; names are looked up from it. There are no symbolic or hard links. */
public non-sealed interface OpenDirectory extends OpenNode {
  /** Opens, and creates or truncates when the options say so. */
  OpenNode open(RelativePath path, OpenOptions options);

  FileStat stat(RelativePath path);

  /** Sets times, in ns since 1970; {@code -1} leaves one as it is. */
  void setTimes(RelativePath path, long accessedNs, long modifiedNs);

  void makeDirectory(RelativePath path);

  /** {@link Errno#NOTEMPTY}, {@link Errno#NOTDIR} or {@link Errno#BUSY} where it cannot. */
  void removeDirectory(RelativePath path);

  /** Removes a file's name; {@link Errno#ISDIR} for a directory. What is open stays usable. */
  void unlink(RelativePath path);

  /** Renames, replacing a file or an empty directory of the new name in one step. */
  void rename(RelativePath from, OpenDirectory toDirectory, RelativePath to);

  /**
   * Hands the entries after {@code cookie} to the listener, without {@code .} and {@code ..}, until
   * it returns false or there are no more. An entry that stays in the directory meanwhile is listed
   * once.
   *
   * @param cookie 0 for the first, else one that an entry came with, also when that entry is gone
   */
  void list(long cookie, EntryListener listener);

  /** Takes directory entries, one by one. */
  @FunctionalInterface
  interface EntryListener {
    /**
     * Takes one.
     *
     * @param cookie continues after this entry; 1 to 2^62
     * @return false to stop
     */
    boolean entry(long cookie, long inode, FileType type, String name);
  }
}
