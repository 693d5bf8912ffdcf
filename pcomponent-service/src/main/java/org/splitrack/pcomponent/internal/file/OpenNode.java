package org.splitrack.pcomponent.internal.file;

/** An open file or directory. It stays what it is when its name is renamed or removed. */
public sealed interface OpenNode permits OpenFile, OpenDirectory {
  FileStat stat();

  /** Sets times, in ns since 1970; {@code -1} leaves one as it is. */
  void setTimes(long accessedNs, long modifiedNs);

  /** Never fails; a second close does nothing. */
  void close();
}
