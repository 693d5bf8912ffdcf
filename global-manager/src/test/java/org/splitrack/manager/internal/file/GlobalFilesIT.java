package org.splitrack.manager.internal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.FileCalls;
import org.splitrack.fabric.control.FileCalls.Entry;
import org.splitrack.fabric.control.FileCalls.ExtentGrant;
import org.splitrack.fabric.control.FileCalls.FileError;
import org.splitrack.fabric.control.FileCalls.NodeInfo;
import org.splitrack.manager.internal.file.FileNames.OpenHow;

class GlobalFilesIT {
  private static final OpenHow CREATE = new OpenHow(true, false, false, true);
  private static final OpenHow CREATE_NEW = new OpenHow(true, true, false, true);
  private static final OpenHow DIRECTORY = new OpenHow(false, false, true, false);
  private static final Holder ONE = new Holder(1, 1);
  private static final Holder TWO = new Holder(2, 1);

  private final FileTables tables = new FileTables();
  private final PretendedStores stores = new PretendedStores(20, 20);
  private GlobalFiles files;
  private FileNames names;
  private FileContents contents;

  @BeforeEach
  void begin() {
    files = new GlobalFiles(tables.dataSource(), stores, (process, incarnation) -> true, stores);
    names = files.names();
    contents = files.contents();
  }

  @AfterEach
  void end() {
    files.close();
    tables.close();
  }

  @Test
  void shouldFindWhatWasMadeAndNothingElse() {
    NodeInfo directory = names.makeDirectory(path("/a"));
    NodeInfo file = names.open(path("/a/f"), CREATE, ONE);

    assertThat(names.lookUp(path("/a/f")).inode()).isEqualTo(file.inode());
    assertThat(names.lookUp(below(directory.inode(), "f")).inode()).isEqualTo(file.inode());
    assertThat(names.lookUp(path("/")).kind()).isEqualTo(FileCalls.NodeKind.DIRECTORY);
    assertRefused(FileError.NOT_FOUND, () -> names.lookUp(path("/a/g")));
    assertRefused(FileError.NOT_FOUND, () -> names.lookUp(path("/b/f")));
    assertRefused(FileError.NOT_A_DIRECTORY, () -> names.lookUp(path("/a/f/x")));
    assertRefused(FileError.NOT_FOUND, () -> names.lookUp(below(999_999, "f")));
  }

  @Test
  void shouldKeepTenantsApart() {
    names.open(path("/f"), CREATE, ONE);
    NodeInfo directory = names.makeDirectory(path("/a"));

    FilePath elsewhere = FilePath.parse("other", "/f");
    assertRefused(FileError.NOT_FOUND, () -> names.lookUp(elsewhere));
    assertRefused(
        FileError.NOT_FOUND,
        () -> names.open(new FilePath("other", directory.inode(), List.of("x")), CREATE, ONE));
    assertRefused(FileError.NOT_FOUND, () -> contents.setSize("other", directory.inode(), 0));
  }

  @Test
  void shouldOpenAsTheOptionsSay() {
    assertRefused(FileError.NOT_FOUND, () -> names.open(path("/f"), OpenHow.TO_READ, ONE));
    names.open(path("/f"), CREATE_NEW, ONE);
    names.makeDirectory(path("/d"));

    assertRefused(FileError.EXISTS, () -> names.open(path("/f"), CREATE_NEW, ONE));
    assertRefused(FileError.NOT_A_DIRECTORY, () -> names.open(path("/f"), DIRECTORY, ONE));
    assertRefused(FileError.IS_A_DIRECTORY, () -> names.open(path("/d"), CREATE, ONE));
    assertRefused(FileError.EXISTS, () -> names.makeDirectory(path("/f")));
    assertRefused(FileError.EXISTS, () -> names.makeDirectory(path("/")));
    assertThat(names.open(path("/d"), DIRECTORY, ONE).kind())
        .isEqualTo(FileCalls.NodeKind.DIRECTORY);
  }

  @Test
  void shouldCutAFileToNothing() {
    long inode = names.open(path("/f"), CREATE, ONE).inode();
    contents.allocate("default", inode, 0, 2);
    NodeInfo before = contents.commitWrites("default", inode, 5_000_000, 0);

    NodeInfo after = contents.setSize("default", inode, 0);

    assertThat(after.bytes()).isZero();
    assertThat(after.version()).isGreaterThan(before.version());
    assertThat(contents.extents("default", inode, 0, 10)).isEmpty();
    assertThat(tables.count("os_fs.dead_extent")).isEqualTo(2);
  }

  @Test
  void shouldRemoveOnlyEmptyDirectories() {
    names.makeDirectory(path("/d"));
    names.open(path("/d/f"), CREATE, ONE);

    assertRefused(FileError.NOT_EMPTY, () -> names.removeDirectory(path("/d")));
    assertRefused(FileError.IS_A_DIRECTORY, () -> names.unlink(path("/d")));
    assertRefused(FileError.NOT_A_DIRECTORY, () -> names.removeDirectory(path("/d/f")));
    assertRefused(FileError.INVALID, () -> names.removeDirectory(path("/")));

    names.unlink(path("/d/f"));
    names.removeDirectory(path("/d"));
    assertRefused(FileError.NOT_FOUND, () -> names.lookUp(path("/d")));
    assertRefused(FileError.NOT_FOUND, () -> names.open(path("/d/f"), CREATE, ONE));
  }

  @Test
  void shouldKeepAnUnlinkedFileUntilItsLastClose() {
    long inode = names.open(path("/f"), CREATE, ONE).inode();
    names.open(path("/f"), OpenHow.TO_READ, ONE);
    names.open(path("/f"), OpenHow.TO_READ, TWO);
    contents.allocate("default", inode, 0, 1);

    names.unlink(path("/f"));
    assertThat(names.lookUp("default", inode).links()).isZero();
    files.holders().close(inode, ONE, 1);
    files.holders().close(inode, TWO, 1);
    assertThat(contents.extents("default", inode, 0, 1)).hasSize(1);

    files.holders().close(inode, ONE, 1);
    assertRefused(FileError.NOT_FOUND, () -> names.lookUp("default", inode));
    assertThat(tables.count("os_fs.dead_extent")).isEqualTo(1);
    assertThat(tables.count("os_fs.holder")).isZero();
  }

  @Test
  void shouldGiveUpWhatEndedProcessesHadOpen() {
    long inode = names.open(path("/f"), CREATE, ONE).inode();
    names.open(path("/g"), CREATE, TWO);
    names.unlink(path("/f"));

    files.holders().release(new ProcessId(1));
    assertRefused(FileError.NOT_FOUND, () -> names.lookUp("default", inode));
    assertThat(tables.count("os_fs.holder")).isEqualTo(1);

    files.holders().retainOnly(Set.of());
    assertThat(tables.count("os_fs.holder")).isZero();
    assertThat(names.lookUp(path("/g")).links()).isEqualTo(1);
  }

  @Test
  void shouldRenameOverAFileInOneStep() {
    long moved = names.open(path("/new"), CREATE, ONE).inode();
    long replaced = names.open(path("/old"), CREATE, TWO).inode();

    names.rename(path("/new"), path("/old"));

    assertThat(names.lookUp(path("/old")).inode()).isEqualTo(moved);
    assertRefused(FileError.NOT_FOUND, () -> names.lookUp(path("/new")));
    assertThat(names.lookUp("default", replaced).links()).isZero();
  }

  @Test
  void shouldRenameByTheRulesForDirectories() {
    names.makeDirectory(path("/d"));
    names.makeDirectory(path("/d/e"));
    names.makeDirectory(path("/empty"));
    names.open(path("/f"), CREATE, ONE);

    assertRefused(FileError.INVALID, () -> names.rename(path("/d"), path("/d/e/d")));
    assertRefused(FileError.INVALID, () -> names.rename(path("/d"), path("/d/x")));
    assertRefused(FileError.NOT_EMPTY, () -> names.rename(path("/empty"), path("/d")));
    assertRefused(FileError.NOT_A_DIRECTORY, () -> names.rename(path("/d"), path("/f")));
    assertRefused(FileError.IS_A_DIRECTORY, () -> names.rename(path("/f"), path("/empty")));
    assertRefused(FileError.NOT_FOUND, () -> names.rename(path("/x"), path("/y")));
    names.rename(path("/f"), path("/f"));

    names.rename(path("/d"), path("/empty"));
    assertThat(names.lookUp(path("/empty/e")).kind()).isEqualTo(FileCalls.NodeKind.DIRECTORY);
    names.rename(path("/empty/e"), path("/top"));
    names.removeDirectory(path("/empty"));
    assertThat(listed("/")).containsExactlyInAnyOrder("f", "top");
  }

  @Test
  void shouldListInPagesThatRenamesDoNotDisturb() {
    for (int i = 0; i < 10; i++) {
      names.open(path("/f" + i), CREATE, ONE);
    }
    long root = names.lookUp(path("/")).inode();
    List<Entry> first = names.list("default", root, 0, 4);
    names.rename(path("/f2"), path("/z"));
    names.rename(path("/f8"), path("/a"));

    List<Entry> rest = names.list("default", root, first.getLast().inode(), 100);

    assertThat(first).extracting(Entry::name).containsExactly("f0", "f1", "f2", "f3");
    assertThat(rest).extracting(Entry::name).containsExactly("f4", "f5", "f6", "f7", "a", "f9");
  }

  @Test
  void shouldRefuseNamesThatAreNone() {
    String surrogate = "\ud800";
    assertRefused(FileError.BAD_NAME, () -> below(FileCalls.ROOT, ".."));
    assertRefused(FileError.BAD_NAME, () -> below(FileCalls.ROOT, "."));
    assertRefused(FileError.BAD_NAME, () -> below(FileCalls.ROOT, ""));
    assertRefused(FileError.BAD_NAME, () -> below(FileCalls.ROOT, "a/b"));
    assertRefused(FileError.BAD_NAME, () -> below(FileCalls.ROOT, "a\0b"));
    assertRefused(FileError.BAD_NAME, () -> below(FileCalls.ROOT, surrogate));
    assertRefused(FileError.BAD_NAME, () -> FilePath.parse("no tenant", "/a"));
    assertRefused(FileError.BAD_NAME, () -> path("a"));
    assertRefused(FileError.NAME_TOO_LONG, () -> below(FileCalls.ROOT, "x".repeat(256)));
    assertRefused(FileError.NAME_TOO_LONG, () -> below(FileCalls.ROOT, "ä".repeat(128)));
    assertRefused(FileError.NAME_TOO_LONG, () -> path("/" + "d/".repeat(2049)));

    assertThat(path("/../../a/./b/../c").names()).containsExactly("a", "c");
    names.open(below(FileCalls.ROOT, "ä".repeat(127)), CREATE, ONE);
    names.open(path("/ '\"%_\\ü\t"), CREATE, ONE);
    assertThat(listed("/")).containsExactlyInAnyOrder("ä".repeat(127), " '\"%_\\ü\t");
  }

  @Test
  void shouldFollowAPathOfTwoThousandNames() {
    List<String> deep = IntStream.range(0, 2047).mapToObj(i -> "d").toList();

    assertRefused(
        FileError.NOT_FOUND, () -> names.lookUp(new FilePath("default", FileCalls.ROOT, deep)));
    for (int depth = 1; depth <= 50; depth++) {
      names.makeDirectory(new FilePath("default", FileCalls.ROOT, deep.subList(0, depth)));
    }
    assertThat(names.lookUp(new FilePath("default", FileCalls.ROOT, deep.subList(0, 50))).kind())
        .isEqualTo(FileCalls.NodeKind.DIRECTORY);
  }

  @Test
  void shouldAllocateEachExtentOnce() {
    long inode = names.open(path("/f"), CREATE, ONE).inode();

    List<ExtentGrant> first = contents.allocate("default", inode, 2, 2);
    List<ExtentGrant> all = contents.allocate("default", inode, 0, 5);

    assertThat(all).extracting(ExtentGrant::index).containsExactly(0L, 1L, 2L, 3L, 4L);
    assertThat(all).containsAll(first);
    assertThat(contents.extents("default", inode, 3, 9)).hasSize(2);
    assertThat(stores.allExtents()).hasSize(5);
  }

  @Test
  void shouldSpreadExtentsOverAllThatHaveRoom() {
    long inode = names.open(path("/f"), CREATE, ONE).inode();

    for (int index = 0; index < 30; index++) {
      contents.allocate("default", inode, index, 1);
    }

    assertThat(stores.store(0).extents).hasSize(15);
    assertThat(stores.store(1).extents).hasSize(15);
  }

  @Test
  void shouldSayWhenEverythingIsFull() {
    long inode = names.open(path("/f"), CREATE, ONE).inode();
    for (int index = 0; index < 40; index++) {
      contents.allocate("default", inode, index, 1);
    }

    assertRefused(FileError.NO_SPACE, () -> contents.allocate("default", inode, 40, 1));

    stores.store(1).reachable = false;
    assertThatThrownBy(() -> contents.allocate("default", inode, 40, 1))
        .isInstanceOfSatisfying(
            ControlFault.class, e -> assertThat(e.code()).isEqualTo(ControlFault.Code.UNAVAILABLE));
  }

  @Test
  void shouldGiveNewExtentsBackWhenTheFileHasGone() {
    long inode = names.open(path("/f"), CREATE, ONE).inode();
    contents.allocate("default", inode, 0, 1);
    PretendedStores reluctant = stores;
    names.unlink(path("/f"));
    files.holders().close(inode, ONE, 1);

    assertRefused(FileError.NOT_FOUND, () -> contents.allocate("default", inode, 1, 1));

    assertThat(reluctant.allExtents()).hasSize(1);
  }

  @Test
  void shouldForgetWhatIsBehindACut() {
    long inode = names.open(path("/f"), CREATE, ONE).inode();
    List<ExtentGrant> grants = contents.allocate("default", inode, 0, 3);
    contents.commitWrites("default", inode, 3L * FileCalls.EXTENT_BYTES, 0);

    NodeInfo cut = contents.setSize("default", inode, FileCalls.EXTENT_BYTES + 7);

    assertThat(cut.bytes()).isEqualTo(FileCalls.EXTENT_BYTES + 7);
    assertThat(contents.extents("default", inode, 0, 3)).hasSize(2);
    ExtentGrant boundary = grants.get(1);
    assertThat(stores.store(boundary.component().ordinal()).trims)
        .containsEntry(boundary.extent(), 7L);
    assertRefused(FileError.INVALID, () -> contents.setSize("default", inode, -1));
    assertRefused(
        FileError.FILE_TOO_LARGE,
        () -> contents.setSize("default", inode, FileCalls.MAX_FILE_BYTES + 1));
  }

  @Test
  void shouldNeverShrinkAFileByACommitOfWrites() {
    long inode = names.open(path("/f"), CREATE, ONE).inode();

    contents.commitWrites("default", inode, 100, 1_500_000_000_123_456_789L);
    NodeInfo after = contents.commitWrites("default", inode, 50, 1_500_000_000_123_456_789L);

    assertThat(after.bytes()).isEqualTo(100);
    assertThat(after.modifiedNs()).isEqualTo(1_500_000_000_123_456_000L);
    NodeInfo timed = contents.setTimes("default", inode, 7_000, -1);
    assertThat(timed.accessedNs()).isEqualTo(7_000);
    assertThat(timed.modifiedNs()).isEqualTo(after.modifiedNs());
  }

  @Test
  void shouldHaveDeadExtentsDeletedAlsoAfterAnSComponentWasAway() {
    long inode = names.open(path("/f"), CREATE, ONE).inode();
    contents.allocate("default", inode, 0, 4);
    DeadExtents deadExtents =
        new DeadExtents(new FileTransactions(tables.dataSource()), stores, stores);
    names.unlink(path("/f"));
    files.holders().release(new ProcessId(1));
    stores.store(0).reachable = false;
    stores.store(1).reachable = false;

    deadExtents.run();
    assertThat(stores.allExtents()).hasSize(4);

    stores.store(0).reachable = true;
    stores.store(1).reachable = true;
    deadExtents.run();
    assertThat(stores.allExtents()).isEmpty();
    assertThat(tables.count("os_fs.dead_extent")).isZero();
  }

  @Test
  void shouldPutAWholeFileInPlaceOfAnother() {
    long old = names.open(path("/f"), CREATE, ONE).inode();
    long fresh = names.openNameless("default", Holder.MANAGER).inode();
    contents.commitWrites("default", fresh, 10, 0);
    assertThat(names.lookUp(path("/f")).inode()).isEqualTo(old);

    names.putInPlace(fresh, path("/f"));
    files.holders().close(fresh, Holder.MANAGER, 1);

    assertThat(names.lookUp(path("/f")).inode()).isEqualTo(fresh);
    assertThat(names.lookUp("default", old).links()).isZero();
  }

  @Test
  void shouldLoseAnUploadThatTheManagersEndCutShort() {
    long fresh = names.openNameless("default", Holder.MANAGER).inode();
    contents.allocate("default", fresh, 0, 1);

    files.holders().retainOnly(Set.of());

    assertRefused(FileError.NOT_FOUND, () -> names.lookUp("default", fresh));
    assertThat(tables.count("os_fs.dead_extent")).isEqualTo(1);
  }

  @Test
  void shouldStayOneTreeWhenManyMoveAndRemoveAtOnce() throws Exception {
    for (int i = 0; i < 4; i++) {
      names.makeDirectory(path("/d" + i));
    }
    List<Callable<Integer>> work = new ArrayList<>();
    for (int worker = 0; worker < 6; worker++) {
      int seed = worker;
      work.add(() -> moveAround(seed));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(6)) {
      for (Future<Integer> done : threads.invokeAll(work)) {
        assertThat(done.get()).isPositive();
      }
    }

    long reachable = tables.count("os_fs.path");
    assertThat(tables.count("os_fs.dirent")).isEqualTo(reachable);
    assertThat(tables.count("os_fs.inode WHERE links = 1")).isEqualTo(reachable);
  }

  @Test
  void shouldSayThatTheTablesAreAwayAndGoOnWhenTheyAreBack() {
    names.open(path("/f"), CREATE, ONE);

    FileTables.server().kill();
    assertThatThrownBy(() -> names.lookUp(path("/f")))
        .isInstanceOfSatisfying(
            ControlFault.class, e -> assertThat(e.code()).isEqualTo(ControlFault.Code.UNAVAILABLE));
    FileTables.server().restart();

    // A connection from before the kill is found out by its first use.
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptionsInstanceOf(ControlFault.class)
        .untilAsserted(() -> assertThat(names.lookUp(path("/f")).links()).isEqualTo(1));
  }

  /** Random moves between four directories; which of them are refused does not matter here. */
  private int moveAround(int seed) {
    java.util.random.RandomGenerator random = new java.util.SplittableRandom(seed);
    int done = 0;
    for (int step = 0; step < 60; step++) {
      String from = "/d" + random.nextInt(4) + (random.nextBoolean() ? "" : "/n" + seed);
      String to = "/d" + random.nextInt(4) + "/" + (random.nextBoolean() ? "n" + seed : "m");
      try {
        switch (random.nextInt(4)) {
          case 0 -> names.open(path(to), CREATE, ONE);
          case 1 -> names.unlink(path(to));
          case 2 -> names.makeDirectory(path(from));
          default -> names.rename(path(from), path(to));
        }
        done++;
      } catch (FileRefusal expected) {
        done += expected.error() == FileError.BAD_NAME ? -1000 : 0;
      }
    }
    return done;
  }

  private List<String> listed(String directory) {
    return names
        .list("default", names.lookUp(path(directory)).inode(), 0, FileCalls.MAX_ENTRIES)
        .stream()
        .map(Entry::name)
        .toList();
  }

  private static FilePath path(String path) {
    return FilePath.parse("default", path);
  }

  private static FilePath below(long directory, String name) {
    return new FilePath("default", directory, List.of(name));
  }

  private static void assertRefused(FileError error, ThrowingCallable operation) {
    assertThatThrownBy(operation)
        .isInstanceOfSatisfying(
            FileRefusal.class, refusal -> assertThat(refusal.error()).isEqualTo(error));
  }
}
