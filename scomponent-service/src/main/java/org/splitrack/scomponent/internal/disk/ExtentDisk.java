package org.splitrack.scomponent.internal.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.control.FileCalls;
import org.splitrack.fabric.wire.Status;

/**
 * All extents of this component: one file each, in 256 folders by the last two hex digits of the
 * number. At most {@code limitBytes} of them. Safe from any thread; calls block on the disk.
 */
public final class ExtentDisk implements AutoCloseable {
  private static final int MAX_OPEN_FILES = 512;
  static final int SYNC_THREADS = 4;

  private final Path folder;
  private final FileChannel lockFile;
  private final DiskBudget budget;
  private final long generation;
  private final Map<Long, ExtentFile> extents = new ConcurrentHashMap<>();
  private final OpenExtents open = new OpenExtents(MAX_OPEN_FILES);
  private final ExecutorService syncThreads =
      Executors.newFixedThreadPool(
          SYNC_THREADS, Thread.ofPlatform().daemon().name("sync-", 0).factory());

  private ExtentDisk(Path folder, FileChannel lockFile, DiskBudget budget, long generation) {
    this.folder = folder;
    this.lockFile = lockFile;
    this.budget = budget;
    this.generation = generation;
  }

  /**
   * Takes the folder and finds the extents in it.
   *
   * @throws IOException when another process has it, or it cannot be read
   */
  public static ExtentDisk open(Path dataDir, long limitBytes) throws IOException {
    Path folder = dataDir.resolve("extents");
    Files.createDirectories(folder);
    FileChannel lockFile =
        FileChannel.open(
            dataDir.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = lockFile.tryLock();
    if (lock == null) {
      lockFile.close();
      throw new IOException(dataDir + " belongs to another sComponent that is running");
    }
    ExtentDisk disk =
        new ExtentDisk(
            folder,
            lockFile,
            new DiskBudget(Files.getFileStore(folder), limitBytes),
            DiskGeneration.read(dataDir));
    disk.find();
    return disk;
  }

  /** See {@link DiskGeneration}. */
  public long generation() {
    return generation;
  }

  public long usedBytes() {
    return budget.usedBytes();
  }

  public long limitBytes() {
    return budget.limitBytes();
  }

  public int extentCount() {
    return extents.size();
  }

  /** What the limit and the disk itself leave. */
  public long freeBytes() throws IOException {
    return budget.freeBytes();
  }

  /**
   * Makes empty extents; those that are there stay as they are.
   *
   * @throws ExtentFault FULL, with nothing made, when there is not room for all of them
   */
  public void create(List<Long> numbers) throws ExtentFault, IOException {
    if ((long) numbers.size() * FileCalls.EXTENT_BYTES > budget.freeBytes()) {
      throw new ExtentFault(
          Status.FULL,
          numbers.size() + " extents do not fit into " + budget.freeBytes() + " bytes");
    }
    for (long number : numbers) {
      if (!extents.containsKey(number)) {
        Path path = path(number);
        Files.createDirectories(path.getParent());
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE).close();
        extents.putIfAbsent(number, new ExtentFile(path, budget, Files.size(path), false));
      }
    }
  }

  /** Removes extents and their files. */
  public void delete(List<Long> numbers) throws IOException {
    for (long number : numbers) {
      ExtentFile extent = extents.remove(number);
      if (extent != null) {
        extent.delete();
        open.forget(extent);
      }
    }
  }

  /** Cuts an extent; on disk when this returns. */
  public void trim(long number, long bytes) throws ExtentFault, IOException {
    ExtentFile extent = require(number);
    try (OpenExtents.Use use = open.use(extent)) {
      extent.trim(use.channel(), bytes);
    }
  }

  /** Reads what there is of {@code into.remaining()} bytes; the buffer's limit says how much. */
  public void read(long number, int offset, ByteBuffer into) throws ExtentFault, IOException {
    ExtentFile extent = require(number);
    try (OpenExtents.Use use = open.use(extent)) {
      extent.read(use.channel(), offset, into);
    }
  }

  /** Writes; not on disk before a {@link #sync}. */
  public void write(long number, int offset, ByteBuffer from) throws ExtentFault, IOException {
    ExtentFile extent = require(number);
    try (OpenExtents.Use use = open.use(extent)) {
      extent.write(use.channel(), offset, from);
    }
  }

  /** Calls {@code done} with null when the extent is on disk, on another thread. */
  public void sync(long number, Synced done) throws ExtentFault {
    require(number).sync(open, syncThreads, done::synced);
  }

  /** Told how a sync ended. */
  @FunctionalInterface
  public interface Synced {
    void synced(@Nullable ExtentFault fault);
  }

  @Override
  public void close() throws IOException {
    syncThreads.close();
    open.close();
    lockFile.close();
  }

  private ExtentFile require(long number) throws ExtentFault {
    ExtentFile extent = extents.get(number);
    if (extent == null) {
      throw new ExtentFault(Status.NOT_HOLDER, "there is no extent " + number);
    }
    return extent;
  }

  private Path path(long number) {
    String name = HexFormat.of().toHexDigits(number);
    return folder.resolve(name.substring(14)).resolve(name);
  }

  private void find() throws IOException {
    try (Stream<Path> files = Files.walk(folder, 2)) {
      for (Path path : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        long number = HexFormat.fromHexDigitsToLong(path.getFileName().toString());
        long bytes = Files.size(path);
        budget.found(bytes);
        extents.put(number, new ExtentFile(path, budget, bytes, false));
      }
    }
  }
}
