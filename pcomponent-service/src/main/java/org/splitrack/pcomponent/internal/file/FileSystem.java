package org.splitrack.pcomponent.internal.file;

import java.util.List;

/**
 * The files of one process: the directories that it was given, and nothing outside them. Methods
 * here and on what is opened may be called by all threads of the process at once; they block, throw
 * {@link FileFault} with the error for the program, and with {@link Errno#INTR} soon after their
 * thread was interrupted.
 */
public interface FileSystem extends AutoCloseable {
  /** The preopened directories, in the order of their descriptors. */
  List<Preopened> preopened();

  /** Closes everything that is still open. No fault: an effect that counts was synced before. */
  @Override
  void close();

  /**
   * A directory that the program finds open at its start.
   *
   * @param path the name under which the program knows it: {@code /}
   * @param readOnly writing below it is refused with {@link Errno#ROFS}; the WASI functions see to
   *     that, and the implementation refuses as well
   */
  record Preopened(String path, OpenDirectory directory, boolean readOnly) {}
}
