package org.splitrack.manager.internal.file;

import org.splitrack.fabric.control.FileCalls.FileError;

/**
 * A file operation that the tables do not allow. Rolls its transaction back; has no stack trace.
 */
public final class FileRefusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final FileError error;

  public FileRefusal(FileError error, String message) {
    super(message, null, false, false);
    this.error = error;
  }

  public FileError error() {
    return error;
  }
}
