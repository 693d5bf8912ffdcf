package org.splitrack.pcomponent.internal.file;

/** File types of WASI preview 1 that occur here. */
public enum FileType {
  /** A standard stream: no terminal, so that C libraries buffer it fully. */
  UNKNOWN(0),
  DIRECTORY(3),
  REGULAR_FILE(4);

  private final int code;

  FileType(int code) {
    this.code = code;
  }

  /** The number that the program sees. */
  public int code() {
    return code;
  }
}
