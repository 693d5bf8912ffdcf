package org.splitrack.e2e.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.splitrack.fabric.control.FileCalls;
import org.splitrack.fabric.control.ProcessSpec;
import org.splitrack.pcomponent.internal.file.Errno;
import org.splitrack.pcomponent.internal.file.FileClientLimits;
import org.splitrack.pcomponent.internal.file.FileFault;
import org.splitrack.pcomponent.internal.file.FileService;
import org.splitrack.pcomponent.internal.file.FileSystem;
import org.splitrack.pcomponent.internal.file.OpenDirectory;
import org.splitrack.pcomponent.internal.file.OpenFile;
import org.splitrack.pcomponent.internal.file.OpenOptions;
import org.splitrack.pcomponent.internal.file.RelativePath;

class FileClientIT {
  private static final FileClientLimits SMALL =
      new FileClientLimits(2 << 20, Duration.ofSeconds(3));
  private static final OpenOptions CREATE = new OpenOptions(true, false, false, false, true);
  private static final OpenOptions CREATE_NEW = new OpenOptions(true, true, false, false, true);
  private static final OpenOptions TRUNCATE = new OpenOptions(true, false, true, false, true);
  private static final OpenOptions READ = new OpenOptions(false, false, false, false, false);
  private static final long DISK_LIMIT_BYTES = 24L * FileCalls.EXTENT_BYTES;

  @TempDir private Path folder;
  private FileRack rack;
  private FileService service;
  private OpenDirectory root;

  @BeforeEach
  void begin() throws IOException {
    rack = new FileRack(folder, 2, DISK_LIMIT_BYTES);
    service = rack.client("pcomponent-0", SMALL);
    root = FileRack.root(service, 1);
  }

  @AfterEach
  void end() throws Exception {
    rack.close();
  }

  @Test
  void shouldReadItsOwnWritesAtOnce() {
    OpenFile file = open("f", CREATE);

    write(file, 0, "hello");
    write(file, 10, "there");

    assertThat(text(file)).isEqualTo("hello\0\0\0\0\0there");
    assertThat(file.stat().sizeBytes()).isEqualTo(15);
    assertThat(root.stat(path("f")).sizeBytes()).isEqualTo(15);
    assertThat(read(file, 15, 10)).isEmpty();
    assertThat(read(file, 1 << 30, 10)).isEmpty();
  }

  @Test
  void shouldShowOneProcessWhatAnotherOfTheSamePComponentWrites() {
    OpenFile writer = open("f", CREATE);
    OpenFile reader = (OpenFile) FileRack.root(service, 2).open(path("f"), READ);

    write(writer, 0, "now");

    assertThat(text(reader)).isEqualTo("now");
  }

  @Test
  void shouldBeConsistentFromCloseToOpenBetweenPComponents() {
    OpenDirectory elsewhere = FileRack.root(rack.client("pcomponent-1", SMALL), 2);
    OpenFile file = open("f", CREATE);
    write(file, 0, "first");
    file.close();

    OpenFile there = (OpenFile) elsewhere.open(path("f"), CREATE);
    assertThat(text(there)).isEqualTo("first");
    write(there, 0, "SECOND");
    there.close();

    assertThat(text(open("f", READ))).isEqualTo("SECOND");
  }

  @Test
  void shouldKeepBytesThatAnotherPComponentWroteBetweenItsOwn() {
    OpenDirectory elsewhere = FileRack.root(rack.client("pcomponent-1", SMALL), 2);
    OpenFile here = open("f", CREATE);
    write(here, 0, "..........");
    here.sync();
    OpenFile there = (OpenFile) elsewhere.open(path("f"), CREATE);
    assertThat(text(there)).isEqualTo("..........");

    write(here, 0, "a");
    write(here, 8, "b");
    write(there, 3, "CD");
    here.close();
    there.close();

    assertThat(text(open("f", READ))).isEqualTo("a..CD...b.");
  }

  @Test
  void shouldStreamAFileThatIsLargerThanItsBuffers() {
    byte[] bytes = random(11 * 1024 * 1024 + 123, 5);
    OpenFile file = open("big", CREATE);

    assertThat(file.write(0, ArrayBytes.of(bytes))).isEqualTo(bytes.length);
    file.close();

    OpenFile again = open("big", READ);
    byte[] got = new byte[bytes.length];
    int done = 0;
    while (done < got.length) {
      done +=
          (int) again.read(done, new ArrayBytes(got, done, Math.min(70_001, got.length - done)));
    }
    assertThat(Arrays.equals(got, bytes)).isTrue();
    assertThat(read(again, 7_654_321, 100))
        .isEqualTo(Arrays.copyOfRange(bytes, 7_654_321, 7_654_421));
  }

  @Test
  void shouldReadHolesAsZerosOnAnyPComponent() {
    OpenFile file = open("sparse", CREATE);
    long far = 5L * FileCalls.EXTENT_BYTES + 17;
    write(file, far, "end");
    file.close();

    OpenFile there =
        (OpenFile) FileRack.root(rack.client("pcomponent-1", SMALL), 2).open(path("sparse"), READ);

    assertThat(there.stat().sizeBytes()).isEqualTo(far + 3);
    assertThat(read(there, FileCalls.EXTENT_BYTES - 5, 10)).containsOnly(0).hasSize(10);
    assertThat(read(there, far - 2, 10)).isEqualTo("\0\0end".getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void shouldNotBringBackWhatWasCutOff() {
    OpenFile file = open("f", CREATE);
    file.write(0, ArrayBytes.of(random(FileCalls.EXTENT_BYTES + 100_000, 1)));
    file.sync();

    file.truncate(FileCalls.EXTENT_BYTES - 10);
    file.truncate(FileCalls.EXTENT_BYTES + 50);
    assertThat(read(file, FileCalls.EXTENT_BYTES - 10, 60)).containsOnly(0).hasSize(60);
    file.close();

    OpenFile there =
        (OpenFile) FileRack.root(rack.client("pcomponent-1", SMALL), 2).open(path("f"), CREATE);
    assertThat(read(there, FileCalls.EXTENT_BYTES - 10, 60)).containsOnly(0).hasSize(60);
    there.truncate(3);
    write(there, 6, "x");
    assertThat(read(there, 3, 10)).isEqualTo("\0\0\0x".getBytes(StandardCharsets.US_ASCII));
    assertThat(open("f", TRUNCATE).stat().sizeBytes()).isZero();
  }

  @Test
  void shouldAppendWithoutOverlapWhenManyDo() throws Exception {
    OpenFile file = open("log", CREATE);
    List<CompletableFuture<Void>> writers = new ArrayList<>();
    for (int worker = 0; worker < 4; worker++) {
      String line = Integer.toString(worker).repeat(999) + "\n";
      writers.add(
          CompletableFuture.runAsync(
              () ->
                  IntStream.range(0, 100)
                      .forEach(
                          i ->
                              file.append(ArrayBytes.of(line.getBytes(StandardCharsets.US_ASCII)))),
              Thread::startVirtualThread));
    }
    CompletableFuture.allOf(writers.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);

    String all = text(file);
    assertThat(all).hasSize(400_000);
    assertThat(all.lines()).hasSize(400).allMatch(line -> line.chars().distinct().count() == 1);
  }

  @Test
  void shouldKeepAnUnlinkedFileUntilItIsClosed() throws IOException {
    OpenFile file = open("f", CREATE);
    write(file, 0, "still here");
    file.sync();
    root.unlink(path("f"));

    assertThat(text(file)).isEqualTo("still here");
    assertErrno(Errno.NOENT, () -> open("f", READ));
    write(file, 0, "STILL");
    file.sync();
    assertThat(text(file)).isEqualTo("STILL here");
    file.close();

    await().atMost(FileRack.soon()).until(() -> rack.storedBytes() == 0);
  }

  @Test
  void shouldKeepToTheRulesForNames() {
    root.makeDirectory(path("d"));
    open("d/f", CREATE_NEW).close();

    assertErrno(Errno.EXIST, () -> open("d/f", CREATE_NEW));
    assertErrno(Errno.ISDIR, () -> open("d", CREATE));
    assertErrno(Errno.NOTDIR, () -> open("d/f/x", READ));
    assertErrno(Errno.NOENT, () -> open("e", READ));
    assertErrno(Errno.NOTDIR, () -> root.open(new RelativePath(List.of("d", "f"), true), READ));
    assertErrno(Errno.NOTEMPTY, () -> root.removeDirectory(path("d")));
    assertErrno(Errno.BUSY, () -> root.removeDirectory(path("")));
    assertErrno(Errno.ISDIR, () -> root.unlink(path("d")));
    assertErrno(Errno.NAMETOOLONG, () -> open("x".repeat(256), CREATE));
    assertErrno(Errno.ILSEQ, () -> open("a\0b", CREATE));
    assertErrno(
        Errno.NAMETOOLONG,
        () -> root.stat(new RelativePath(Collections.nCopies(21, "y".repeat(200)), false)));
  }

  @Test
  void shouldListEveryEntryOnceInPages() {
    IntStream.range(0, 600).forEach(i -> root.makeDirectory(path("d" + i)));
    open("f", CREATE).close();
    List<String> names = new ArrayList<>();
    long[] last = {0};

    for (int page = 0; page < 7; page++) {
      int until = names.size() + 100;
      root.list(
          last[0],
          (cookie, inode, type, name) -> {
            last[0] = cookie;
            names.add(name);
            return names.size() < until;
          });
      root.removeDirectory(path("d" + page));
    }

    assertThat(names).hasSize(601).doesNotHaveDuplicates().contains("f", "d599");
  }

  @Test
  void shouldRefuseChangesBelowAReadOnlyDirectory() {
    root.makeDirectory(path("d"));
    open("d/f", CREATE).close();
    FileSystem given = FileRack.process(service, 3, new ProcessSpec.Directory("/d", true));
    OpenDirectory fixed = given.preopened().getFirst().directory();

    assertErrno(Errno.ROFS, () -> fixed.open(path("f"), CREATE));
    assertErrno(Errno.ROFS, () -> fixed.unlink(path("f")));
    assertErrno(Errno.ROFS, () -> fixed.makeDirectory(path("e")));
    OpenFile file = (OpenFile) fixed.open(path("f"), READ);
    assertErrno(Errno.ROFS, () -> write(file, 0, "x"));
    assertErrno(Errno.ROFS, () -> file.truncate(0));
    given.close();
    assertThatThrownBy(
            () -> FileRack.process(service, 3, new ProcessSpec.Directory("/none", false)))
        .hasMessage("tenant default has no directory /none");
  }

  @Test
  void shouldTakeTimesAsTheyAreSet() {
    OpenFile file = open("f", CREATE);
    write(file, 0, "x");

    file.setTimes(1_000_000_000_000L, 2_000_000_000_000L);
    file.close();

    assertThat(root.stat(path("f")).modifiedNs()).isEqualTo(2_000_000_000_000L);
    assertThat(root.stat(path("f")).accessedNs()).isEqualTo(1_000_000_000_000L);
    root.setTimes(path("f"), -1, 3_000_000_000_000L);
    assertThat(root.stat(path("f")).modifiedNs()).isEqualTo(3_000_000_000_000L);
    assertThat(root.stat(path("f")).accessedNs()).isEqualTo(1_000_000_000_000L);
  }

  @Test
  void shouldKeepWhatWasSyncedWhenEverySComponentIsKilled() throws Exception {
    OpenFile file = open("f", CREATE);
    byte[] bytes = random(5_000_000, 3);
    file.write(0, ArrayBytes.of(bytes));
    file.sync();

    for (int ordinal = 0; ordinal < 2; ordinal++) {
      rack.killStorage(ordinal);
      rack.startStorage(ordinal);
    }

    OpenFile there =
        (OpenFile) FileRack.root(rack.client("pcomponent-1", SMALL), 2).open(path("f"), READ);
    assertThat(Arrays.equals(read(there, 0, bytes.length), bytes)).isTrue();
    write(file, 0, "more");
    file.sync();
  }

  @Test
  void shouldFailInTimeWhileAnSComponentIsGoneAndGoOnWhenItIsBack() throws Exception {
    OpenFile file = open("f", CREATE);
    file.write(0, ArrayBytes.of(random(5_000_000, 3)));
    file.sync();
    rack.killStorage(0);
    rack.killStorage(1);

    assertErrno(
        Errno.IO,
        () -> {
          write(file, 0, "lost");
          file.sync();
        });
    OpenFile there =
        (OpenFile) FileRack.root(rack.client("pcomponent-1", SMALL), 2).open(path("f"), READ);
    assertErrno(Errno.IO, () -> read(there, 4_500_000, 10));
    assertErrno(Errno.IO, () -> open("g", CREATE).write(0, ArrayBytes.of(new byte[10])));

    rack.startStorage(0);
    rack.startStorage(1);
    write(file, 0, "kept");
    file.sync();
    assertThat(read(there, 0, 4)).isEqualTo("kept".getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void shouldSayThatTheDiskIsFullAndGoOnWhenThereIsRoom() {
    OpenFile file = open("f", CREATE);
    byte[] bytes = random(1 << 20, 3);
    long written = 0;
    FileFault fault = null;
    while (fault == null) {
      try {
        written += file.write(written, ArrayBytes.of(bytes));
      } catch (FileFault e) {
        fault = e;
      }
    }

    assertThat(fault.errno()).isEqualTo(Errno.NOSPC);
    assertThat(written).isBetween(DISK_LIMIT_BYTES, 2 * DISK_LIMIT_BYTES);
    // What was still on its way when the disk got full is reported as well.
    await()
        .atMost(FileRack.soon())
        .ignoreExceptionsInstanceOf(FileFault.class)
        .until(() -> synced(file));
    file.truncate(0);
    await()
        .atMost(FileRack.soon())
        .ignoreExceptionsInstanceOf(FileFault.class)
        .until(() -> file.write(0, ArrayBytes.of(bytes)) == bytes.length);
    file.sync();
    assertThat(read(file, 0, bytes.length)).isEqualTo(bytes);
  }

  @Test
  void shouldEndAWaitWhenItsThreadIsInterrupted() throws Exception {
    OpenFile file = open("f", CREATE);
    write(file, 0, "x");
    rack.killStorage(0);
    rack.killStorage(1);
    CompletableFuture<Errno> outcome = new CompletableFuture<>();
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    file.sync();
                    outcome.complete(Errno.SUCCESS);
                  } catch (FileFault e) {
                    outcome.complete(e.errno());
                  }
                });
    await().atMost(FileRack.soon()).until(() -> thread.getState() != Thread.State.RUNNABLE);

    thread.interrupt();

    assertThat(outcome.get(30, TimeUnit.SECONDS)).isEqualTo(Errno.INTR);
  }

  private static boolean synced(OpenFile file) {
    file.sync();
    return true;
  }

  private OpenFile open(String path, OpenOptions options) {
    return (OpenFile) root.open(path(path), options);
  }

  private static RelativePath path(String path) {
    return new RelativePath(path.isEmpty() ? List.of() : List.of(path.split("/", -1)), false);
  }

  private static void write(OpenFile file, long offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    assertThat(file.write(offset, ArrayBytes.of(bytes))).isEqualTo(bytes.length);
  }

  private static byte[] read(OpenFile file, long offset, int length) {
    byte[] bytes = new byte[length];
    return Arrays.copyOf(bytes, (int) file.read(offset, ArrayBytes.of(bytes)));
  }

  private static String text(OpenFile file) {
    return new String(
        read(file, 0, Math.toIntExact(file.stat().sizeBytes())), StandardCharsets.US_ASCII);
  }

  private static byte[] random(int length, long seed) {
    byte[] bytes = new byte[length];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }

  private static void assertErrno(Errno errno, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            FileFault.class, fault -> assertThat(fault.errno()).isEqualTo(errno));
  }
}
