package org.splitrack.pcomponent.internal.wasi;

import org.splitrack.pcomponent.internal.file.Errno;
import org.splitrack.pcomponent.internal.file.FileFault;

/**
 * Every function of {@code wasi_snapshot_preview1} for one program thread. Those without meaning
 * here, sockets and links, are refused with {@link Errno#NOTSUP}. Used by that thread only.
 */
public final class WasiFunctions {
  private final ProgramCalls program;
  private final DescriptorCalls descriptors;
  private final TransferCalls transfers;
  private final PathCalls paths;
  private final PollCall poll;

  public WasiFunctions(HostThread thread, GuestMemory memory, ProgramContext context) {
    Caller caller = new Caller(thread, memory, context);
    this.program = new ProgramCalls(caller);
    this.descriptors = new DescriptorCalls(caller);
    this.transfers = new TransferCalls(caller);
    this.paths = new PathCalls(caller, descriptors);
    this.poll = new PollCall(caller, program);
  }

  /**
   * Does the call.
   *
   * @param a the parameters as Endive passes them: an i32 in the lower half of its long
   * @return the error number for the program
   * @throws ProgramExit for {@code proc_exit}
   * @throws ProgramSignal when the program raised a signal that ends it
   */
  public Errno call(HostCall call, long[] a) {
    try {
      run(call, a);
      return Errno.SUCCESS;
    } catch (FileFault fault) {
      return fault.errno();
    }
  }

  private void run(HostCall call, long[] a) {
    switch (call) {
      case ARGS_GET -> program.argsGet((int) a[0], (int) a[1]);
      case ARGS_SIZES_GET -> program.argsSizesGet((int) a[0], (int) a[1]);
      case ENVIRON_GET -> program.environGet((int) a[0], (int) a[1]);
      case ENVIRON_SIZES_GET -> program.environSizesGet((int) a[0], (int) a[1]);
      case CLOCK_RES_GET -> program.clockResGet((int) a[0], (int) a[1]);
      case CLOCK_TIME_GET -> program.clockTimeGet((int) a[0], (int) a[2]);
      case FD_ADVISE -> descriptors.advise((int) a[0], a[1], a[2], (int) a[3]);
      case FD_ALLOCATE -> descriptors.allocate((int) a[0], a[1], a[2]);
      case FD_CLOSE -> descriptors.close((int) a[0]);
      case FD_DATASYNC -> descriptors.datasync((int) a[0]);
      case FD_FDSTAT_GET -> descriptors.fdstatGet((int) a[0], (int) a[1]);
      case FD_FDSTAT_SET_FLAGS -> descriptors.fdstatSetFlags((int) a[0], (int) a[1]);
      case FD_FDSTAT_SET_RIGHTS -> descriptors.fdstatSetRights((int) a[0], a[1], a[2]);
      case FD_FILESTAT_GET -> descriptors.filestatGet((int) a[0], (int) a[1]);
      case FD_FILESTAT_SET_SIZE -> descriptors.filestatSetSize((int) a[0], a[1]);
      case FD_FILESTAT_SET_TIMES ->
          descriptors.filestatSetTimes((int) a[0], a[1], a[2], (int) a[3]);
      case FD_PREAD -> transfers.pread((int) a[0], (int) a[1], (int) a[2], a[3], (int) a[4]);
      case FD_PRESTAT_GET -> descriptors.prestatGet((int) a[0], (int) a[1]);
      case FD_PRESTAT_DIR_NAME -> descriptors.prestatDirName((int) a[0], (int) a[1], (int) a[2]);
      case FD_PWRITE -> transfers.pwrite((int) a[0], (int) a[1], (int) a[2], a[3], (int) a[4]);
      case FD_READ -> transfers.read((int) a[0], (int) a[1], (int) a[2], (int) a[3]);
      case FD_READDIR -> descriptors.readdir((int) a[0], (int) a[1], (int) a[2], a[3], (int) a[4]);
      case FD_RENUMBER -> descriptors.renumber((int) a[0], (int) a[1]);
      case FD_SEEK -> descriptors.seek((int) a[0], a[1], (int) a[2], (int) a[3]);
      case FD_SYNC -> descriptors.sync((int) a[0]);
      case FD_TELL -> descriptors.tell((int) a[0], (int) a[1]);
      case FD_WRITE -> transfers.write((int) a[0], (int) a[1], (int) a[2], (int) a[3]);
      case PATH_CREATE_DIRECTORY -> paths.createDirectory((int) a[0], (int) a[1], (int) a[2]);
      case PATH_FILESTAT_GET -> paths.filestatGet((int) a[0], (int) a[2], (int) a[3], (int) a[4]);
      case PATH_FILESTAT_SET_TIMES ->
          paths.filestatSetTimes((int) a[0], (int) a[2], (int) a[3], a[4], a[5], (int) a[6]);
      case PATH_OPEN ->
          paths.open(
              (int) a[0], (int) a[2], (int) a[3], (int) a[4], a[5], a[6], (int) a[7], (int) a[8]);
      case PATH_READLINK -> paths.readlink((int) a[0], (int) a[1], (int) a[2]);
      case PATH_REMOVE_DIRECTORY -> paths.removeDirectory((int) a[0], (int) a[1], (int) a[2]);
      case PATH_RENAME ->
          paths.rename((int) a[0], (int) a[1], (int) a[2], (int) a[3], (int) a[4], (int) a[5]);
      case PATH_UNLINK_FILE -> paths.unlinkFile((int) a[0], (int) a[1], (int) a[2]);
      case POLL_ONEOFF -> poll.poll((int) a[0], (int) a[1], (int) a[2], (int) a[3]);
      case PROC_EXIT -> throw new ProgramExit((int) a[0]);
      case PROC_RAISE -> program.procRaise((int) a[0]);
      case SCHED_YIELD -> program.schedYield();
      case RANDOM_GET -> program.randomGet((int) a[0], (int) a[1]);
      case PATH_LINK, PATH_SYMLINK, SOCK_ACCEPT, SOCK_RECV, SOCK_SEND, SOCK_SHUTDOWN ->
          throw new FileFault(Errno.NOTSUP);
      case THREAD_SPAWN, MEMORY_GROW ->
          throw new IllegalArgumentException(call + " is no function of WASI preview 1");
    }
  }
}
