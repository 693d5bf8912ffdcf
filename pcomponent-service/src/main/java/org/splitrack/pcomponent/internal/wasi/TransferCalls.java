package org.splitrack.pcomponent.internal.wasi;

import java.nio.ByteBuffer;
import org.splitrack.pcomponent.internal.file.Errno;
import org.splitrack.pcomponent.internal.file.FileFault;
import org.splitrack.pcomponent.internal.file.OpenFile;

/** Reading and writing. */
final class TransferCalls {
  private final Caller caller;

  TransferCalls(Caller caller) {
    this.caller = caller;
  }

  void read(int fd, int list, int count, int result) {
    Descriptor descriptor = caller.program().descriptors().at(fd);
    descriptor.require(Rights.FD_READ);
    caller.memory().check(result, Integer.BYTES);
    IoVectors into = caller.vectors(list, count);
    long bytes =
        switch (descriptor) {
          case Descriptor.Input input -> readStream(input, into);
          case Descriptor.RegularFile file -> readOn(file, into);
          case Descriptor.Output _, Descriptor.Directory _ -> throw new FileFault(Errno.BADF);
        };
    caller.memory().writeInt(result, (int) bytes);
  }

  private long readStream(Descriptor.Input input, IoVectors into) {
    if (into.length() == 0) {
      return 0;
    }
    StandardInput stream = input.stream();
    if (input.flag(Descriptor.FLAG_NONBLOCK) && stream.available() == 0) {
      throw new FileFault(Errno.AGAIN);
    }
    ByteBuffer scratch = caller.scratch();
    scratch.limit((int) Math.min(scratch.capacity(), into.length()));
    int bytes = caller.away(() -> readOrInterrupt(stream, scratch));
    if (bytes <= 0) {
      return 0;
    }
    into.fill(0, scratch.flip());
    return bytes;
  }

  private static int readOrInterrupt(StandardInput stream, ByteBuffer into) {
    try {
      return stream.read(into);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new FileFault(Errno.INTR);
    }
  }

  private long readOn(Descriptor.RegularFile file, IoVectors into) {
    return caller.away(
        () -> {
          file.positionLock().lock();
          try {
            long bytes = file.file().read(file.position(), into);
            file.position(file.position() + bytes);
            return bytes;
          } finally {
            file.positionLock().unlock();
          }
        });
  }

  void pread(int fd, int list, int count, long offset, int result) {
    Descriptor.RegularFile file = caller.program().descriptors().file(fd);
    file.require(Rights.FD_READ | Rights.FD_SEEK);
    requireOffset(offset);
    caller.memory().check(result, Integer.BYTES);
    IoVectors into = caller.vectors(list, count);
    long bytes = caller.away(() -> file.file().read(offset, into));
    caller.memory().writeInt(result, (int) bytes);
  }

  void write(int fd, int list, int count, int result) {
    Descriptor descriptor = caller.program().descriptors().at(fd);
    descriptor.require(Rights.FD_WRITE);
    caller.memory().check(result, Integer.BYTES);
    IoVectors from = caller.vectors(list, count);
    long bytes =
        switch (descriptor) {
          case Descriptor.Output output -> writeStream(output.stream(), from);
          case Descriptor.RegularFile file -> writeOn(file, from);
          case Descriptor.Input _, Descriptor.Directory _ -> throw new FileFault(Errno.BADF);
        };
    caller.memory().writeInt(result, (int) bytes);
  }

  private long writeStream(StandardOutput stream, IoVectors from) {
    long length = from.length();
    for (long done = 0; done < length; ) {
      ByteBuffer scratch = caller.scratch();
      scratch.limit((int) Math.min(scratch.capacity(), length - done));
      from.drain(done, scratch);
      done += scratch.flip().remaining();
      caller.awayRun(() -> writeOrInterrupt(stream, scratch));
      caller.thread().checkStop();
    }
    return length;
  }

  private static void writeOrInterrupt(StandardOutput stream, ByteBuffer bytes) {
    try {
      stream.write(bytes);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new FileFault(Errno.INTR);
    }
  }

  private long writeOn(Descriptor.RegularFile file, IoVectors from) {
    return caller.away(
        () -> {
          file.positionLock().lock();
          try {
            long bytes;
            if (file.flag(Descriptor.FLAG_APPEND)) {
              OpenFile.Appended appended = file.file().append(from);
              bytes = appended.bytes();
              file.position(appended.offset() + bytes);
            } else {
              bytes = file.file().write(file.position(), from);
              file.position(file.position() + bytes);
            }
            syncIfAsked(file);
            return bytes;
          } finally {
            file.positionLock().unlock();
          }
        });
  }

  void pwrite(int fd, int list, int count, long offset, int result) {
    Descriptor.RegularFile file = caller.program().descriptors().file(fd);
    file.require(Rights.FD_WRITE | Rights.FD_SEEK);
    requireOffset(offset);
    caller.memory().check(result, Integer.BYTES);
    IoVectors from = caller.vectors(list, count);
    long bytes =
        caller.away(
            () -> {
              long written = file.file().write(offset, from);
              syncIfAsked(file);
              return written;
            });
    caller.memory().writeInt(result, (int) bytes);
  }

  private static void syncIfAsked(Descriptor.RegularFile file) {
    if (file.flag(Descriptor.FLAG_SYNC)) {
      file.file().sync();
    } else if (file.flag(Descriptor.FLAG_DSYNC)) {
      file.file().syncData();
    }
  }

  private static void requireOffset(long offset) {
    if (offset < 0) {
      throw new FileFault(Errno.INVAL);
    }
  }
}
