package org.splitrack.pcomponent.internal.file;

/**
 * A file operation that was refused or failed, with the error number that the program gets. Has no
 * stack trace: a program may ask for missing files in a loop.
 */
public final class FileFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Errno errno;

  public FileFault(Errno errno) {
    this(errno, errno.name());
  }

  public FileFault(Errno errno, String message) {
    super(message, null, false, false);
    this.errno = errno;
  }

  public Errno errno() {
    return errno;
  }
}
