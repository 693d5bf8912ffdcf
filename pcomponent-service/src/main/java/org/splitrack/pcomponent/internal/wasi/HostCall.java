package org.splitrack.pcomponent.internal.wasi;

import java.util.Locale;

/**
 * Everything that a program can ask of the world outside its memory. The name, in lower case, is
 * the import's; the signature has {@code i} for an i32 and {@code I} for an i64 parameter.
 */
public enum HostCall {
  ARGS_GET("ii"),
  ARGS_SIZES_GET("ii"),
  ENVIRON_GET("ii"),
  ENVIRON_SIZES_GET("ii"),
  CLOCK_RES_GET("ii"),
  CLOCK_TIME_GET("iIi"),
  FD_ADVISE("iIIi"),
  FD_ALLOCATE("iII"),
  FD_CLOSE("i"),
  FD_DATASYNC("i"),
  FD_FDSTAT_GET("ii"),
  FD_FDSTAT_SET_FLAGS("ii"),
  FD_FDSTAT_SET_RIGHTS("iII"),
  FD_FILESTAT_GET("ii"),
  FD_FILESTAT_SET_SIZE("iI"),
  FD_FILESTAT_SET_TIMES("iIIi"),
  FD_PREAD("iiiIi"),
  FD_PRESTAT_GET("ii"),
  FD_PRESTAT_DIR_NAME("iii"),
  FD_PWRITE("iiiIi"),
  FD_READ("iiii"),
  FD_READDIR("iiiIi"),
  FD_RENUMBER("ii"),
  FD_SEEK("iIii"),
  FD_SYNC("i"),
  FD_TELL("ii"),
  FD_WRITE("iiii"),
  PATH_CREATE_DIRECTORY("iii"),
  PATH_FILESTAT_GET("iiiii"),
  PATH_FILESTAT_SET_TIMES("iiiiIIi"),
  PATH_LINK("iiiiiii"),
  PATH_OPEN("iiiiiIIii"),
  PATH_READLINK("iiiiii"),
  PATH_REMOVE_DIRECTORY("iii"),
  PATH_RENAME("iiiiii"),
  PATH_SYMLINK("iiiii"),
  PATH_UNLINK_FILE("iii"),
  POLL_ONEOFF("iiii"),
  PROC_EXIT("i"),
  PROC_RAISE("i"),
  SCHED_YIELD(""),
  RANDOM_GET("ii"),
  SOCK_ACCEPT("iii"),
  SOCK_RECV("iiiiii"),
  SOCK_SEND("iiiii"),
  SOCK_SHUTDOWN("ii"),
  /** {@code wasi.thread-spawn} of the wasi-threads proposal. */
  THREAD_SPAWN("i"),
  /** The instruction {@code memory.grow}, which reserves memory in the rack. */
  MEMORY_GROW("ii");

  private final String parameters;

  HostCall(String parameters) {
    this.parameters = parameters;
  }

  /** One letter per parameter: {@code i} or {@code I}. */
  public String parameters() {
    return parameters;
  }

  /** Whether the module imports it from {@code wasi_snapshot_preview1}. */
  public boolean ofPreview1() {
    return this != THREAD_SPAWN && this != MEMORY_GROW;
  }

  /** Whether it touches nothing but the program's own memory and descriptors, and never waits. */
  boolean staysInProgram() {
    return switch (this) {
      case ARGS_GET,
          ARGS_SIZES_GET,
          ENVIRON_GET,
          ENVIRON_SIZES_GET,
          CLOCK_RES_GET,
          CLOCK_TIME_GET,
          FD_FDSTAT_GET,
          FD_PRESTAT_GET,
          FD_PRESTAT_DIR_NAME,
          PROC_EXIT,
          PROC_RAISE,
          RANDOM_GET,
          SCHED_YIELD ->
          true;
      default -> false;
    };
  }

  /** Whether others can see what it does: output, or a change of files. */
  boolean leavesProgram() {
    return switch (this) {
      case FD_WRITE,
          FD_PWRITE,
          FD_ALLOCATE,
          FD_FILESTAT_SET_SIZE,
          FD_FILESTAT_SET_TIMES,
          PATH_CREATE_DIRECTORY,
          PATH_FILESTAT_SET_TIMES,
          PATH_REMOVE_DIRECTORY,
          PATH_RENAME,
          PATH_UNLINK_FILE ->
          true;
      // Opening does where it makes or empties a file: see PathCalls.
      default -> false;
    };
  }

  /** The import's name. */
  public String importName() {
    return this == THREAD_SPAWN ? "thread-spawn" : name().toLowerCase(Locale.ROOT);
  }
}
