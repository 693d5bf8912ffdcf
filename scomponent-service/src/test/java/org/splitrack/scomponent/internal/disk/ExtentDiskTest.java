package org.splitrack.scomponent.internal.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.splitrack.fabric.control.FileCalls;
import org.splitrack.fabric.wire.Status;

class ExtentDiskTest {
  private static final long LIMIT_BYTES = 16L * FileCalls.EXTENT_BYTES;

  @TempDir private Path folder;
  private ExtentDisk disk;

  @BeforeEach
  void begin() throws IOException {
    disk = ExtentDisk.open(folder, LIMIT_BYTES);
  }

  @AfterEach
  void end() throws IOException {
    disk.close();
  }

  @Test
  void shouldGiveBackWhatWasWrittenAlsoAfterARestart() throws Exception {
    disk.create(List.of(7L, 263L));
    write(7, 0, "hello");
    write(263, 100, "there");
    sync(7);
    disk.close();

    disk = ExtentDisk.open(folder, LIMIT_BYTES);

    assertThat(read(7, 0, 100)).isEqualTo("hello");
    assertThat(read(263, 99, 100)).isEqualTo("\0there");
    assertThat(disk.usedBytes()).isEqualTo(5 + 105);
    assertThat(disk.extentCount()).isEqualTo(2);
  }

  @Test
  void shouldReadNothingBehindTheEnd() throws Exception {
    disk.create(List.of(1L));
    write(1, 0, "abc");

    assertThat(read(1, 3, 10)).isEmpty();
    assertThat(read(1, FileCalls.EXTENT_BYTES - 1, 1)).isEmpty();
  }

  @Test
  void shouldNotBringADeletedExtentBack() throws Exception {
    disk.create(List.of(1L));
    write(1, 0, "abc");

    disk.delete(List.of(1L, 2L));

    assertRefused(Status.NOT_HOLDER, () -> write(1, 0, "late"));
    assertRefused(Status.NOT_HOLDER, () -> read(1, 0, 1));
    assertRefused(Status.NOT_HOLDER, () -> disk.sync(1, fault -> {}));
    assertThat(disk.usedBytes()).isZero();
    assertThat(extentFiles()).isEmpty();
  }

  @Test
  void shouldSayThatAnExtentIsGoneThatIsDeletedBeforeItsSyncRuns() throws Exception {
    // given: all threads that sync are busy
    List<Long> others = LongStream.rangeClosed(11, 10 + ExtentDisk.SYNC_THREADS).boxed().toList();
    CountDownLatch busy = new CountDownLatch(ExtentDisk.SYNC_THREADS);
    CountDownLatch goOn = new CountDownLatch(1);
    disk.create(others);
    for (long other : others) {
      disk.sync(
          other,
          fault -> {
            busy.countDown();
            await(goOn);
          });
    }
    busy.await();
    disk.create(List.of(1L));
    CompletableFuture<ExtentFault> answer = new CompletableFuture<>();
    disk.sync(1, answer::complete);

    // when
    disk.delete(List.of(1L));
    goOn.countDown();

    // then
    assertThat(answer.get(60, TimeUnit.SECONDS))
        .isNotNull()
        .extracting(ExtentFault::status)
        .isEqualTo(Status.NOT_HOLDER);
  }

  @Test
  void shouldForgetWhatIsBehindACut() throws Exception {
    disk.create(List.of(1L));
    write(1, 0, "abcdef");

    disk.trim(1, 2);
    write(1, 4, "x");

    assertThat(read(1, 0, 10)).isEqualTo("ab\0\0x");
    assertThat(disk.usedBytes()).isEqualTo(5);
  }

  @Test
  void shouldHoldItsLimitAndGoOnWhenThereIsRoomAgain() throws Exception {
    List<Long> all = LongStream.rangeClosed(1, 16).boxed().toList();
    disk.create(all);
    assertRefused(Status.FULL, () -> disk.create(LongStream.range(20, 37).boxed().toList()));
    for (long extent : all) {
      write(extent, FileCalls.EXTENT_BYTES - 1, "z");
    }

    assertRefused(Status.FULL, () -> disk.create(List.of(17L)));
    disk.trim(3, 100);
    assertRefused(Status.FULL, () -> disk.create(List.of(17L)));
    write(3, 100, "fits");
    assertRefused(
        Status.FULL,
        () -> {
          write(3, FileCalls.EXTENT_BYTES - 1, "z");
          write(4, FileCalls.EXTENT_BYTES, "z");
        });

    disk.delete(List.of(5L));
    disk.create(List.of(17L));
    write(17, 0, "again");
    assertThat(read(17, 0, 10)).isEqualTo("again");
  }

  @Test
  void shouldKeepOnlySoManyFilesOpen() throws Exception {
    OpenExtents open = new OpenExtents(3);
    DiskBudget budget = new DiskBudget(Files.getFileStore(folder), LIMIT_BYTES);
    for (int i = 0; i < 10; i++) {
      Path path = Files.createFile(folder.resolve("f" + i));
      open.use(new ExtentFile(path, budget, 0, true)).close();
    }

    assertThat(open.count()).isEqualTo(3);
  }

  @Test
  void shouldTellEveryoneWhoWaitsForASync() throws Exception {
    disk.create(List.of(1L));
    write(1, 0, "abc");
    CompletableFuture<?>[] synced = new CompletableFuture<?>[50];
    for (int i = 0; i < synced.length; i++) {
      CompletableFuture<Status> one = new CompletableFuture<>();
      synced[i] = one;
      disk.sync(1, fault -> one.complete(fault == null ? Status.OK : fault.status()));
    }

    CompletableFuture.allOf(synced).get(30, TimeUnit.SECONDS);

    assertThat(synced).allMatch(one -> one.join() == Status.OK);
  }

  @Test
  void shouldRefuseAFolderThatIsInUse() {
    assertThatThrownBy(() -> ExtentDisk.open(folder, LIMIT_BYTES).close())
        .isInstanceOfAny(IOException.class, java.nio.channels.OverlappingFileLockException.class);
  }

  @Test
  void shouldBeginANewGenerationWithTheKernelOnly() throws Exception {
    long first = DiskGeneration.read(folder, "kernel-a");
    assertThat(DiskGeneration.read(folder, "kernel-a")).isEqualTo(first);

    assertThat(DiskGeneration.read(folder, "kernel-b")).isNotEqualTo(first);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<Path> extentFiles() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("extents"))) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private void write(long extent, int offset, String text) throws Exception {
    disk.write(extent, offset, ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
  }

  private String read(long extent, int offset, int length) throws Exception {
    ByteBuffer into = ByteBuffer.allocate(length);
    disk.read(extent, offset, into);
    return StandardCharsets.ISO_8859_1.decode(into.flip()).toString();
  }

  private void sync(long extent) throws Exception {
    CompletableFuture<Status> done = new CompletableFuture<>();
    disk.sync(extent, fault -> done.complete(fault == null ? Status.OK : fault.status()));
    assertThat(done.get(30, TimeUnit.SECONDS)).isEqualTo(Status.OK);
  }

  private static void assertRefused(Status status, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ExtentFault.class, fault -> assertThat(fault.status()).isEqualTo(status));
  }
}
