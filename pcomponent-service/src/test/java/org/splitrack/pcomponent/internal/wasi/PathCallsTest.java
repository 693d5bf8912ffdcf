package org.splitrack.pcomponent.internal.wasi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.splitrack.pcomponent.internal.wasi.WasiFixture.ALL_RIGHTS;
import static org.splitrack.pcomponent.internal.wasi.WasiFixture.HEAP;
import static org.splitrack.pcomponent.internal.wasi.WasiFixture.MEMORY_BYTES;
import static org.splitrack.pcomponent.internal.wasi.WasiFixture.PATH;
import static org.splitrack.pcomponent.internal.wasi.WasiFixture.READ_ONLY_FD;
import static org.splitrack.pcomponent.internal.wasi.WasiFixture.RESULT;
import static org.splitrack.pcomponent.internal.wasi.WasiFixture.ROOT_FD;
import static org.splitrack.pcomponent.internal.wasi.WasiFixture.SECOND_PATH;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.splitrack.pcomponent.internal.file.Errno;

class PathCallsTest {
  private static final int CREATE = 1;
  private static final int DIRECTORY = 2;
  private static final int EXCLUSIVE = 4;
  private static final int TRUNCATE = 8;

  private final WasiFixture wasi = new WasiFixture();

  @BeforeEach
  void givenAFileAndADirectory() {
    wasi.files.put("f", "12345".getBytes(UTF_8));
    assertThat(onPath(HostCall.PATH_CREATE_DIRECTORY, ROOT_FD, "d")).isEqualTo(Errno.SUCCESS);
    wasi.write(wasi.create("d/inner"), "inner");
  }

  private Errno onPath(HostCall call, int fd, String path) {
    return wasi.call(call, fd, PATH, wasi.path(path));
  }

  private Errno stat(int fd, String path) {
    return wasi.call(HostCall.PATH_FILESTAT_GET, fd, 1, PATH, wasi.path(path), RESULT);
  }

  @ParameterizedTest
  @CsvSource({
    "f,0,SUCCESS",
    "./d/../f,0,SUCCESS",
    "d/inner,0,SUCCESS",
    "d//inner,0,SUCCESS",
    "missing,0,NOENT",
    "missing/f,0,NOENT",
    "f/below,0,NOTDIR",
    "f/,0,NOTDIR",
    "f,2,NOTDIR",
    "d,2,SUCCESS",
    "d/,2,SUCCESS",
    ".,2,SUCCESS",
    "d,0,ISDIR",
    "f,5,EXIST",
    "new,5,SUCCESS",
    "new,3,INVAL",
    "f,16,INVAL",
    "..,0,NOTCAPABLE",
    "../f,0,NOTCAPABLE",
    "d/../../d/inner,0,NOTCAPABLE",
    "/f,0,NOTCAPABLE",
  })
  void shouldOpenWhatLiesBelowTheDirectoryOnly(String path, int openFlags, Errno expected) {
    assertThat(wasi.open(ROOT_FD, path, openFlags, ALL_RIGHTS, 0)).isEqualTo(expected);
  }

  @Test
  void shouldResolveFromTheDirectoryThatIsGiven() {
    wasi.open(ROOT_FD, "d", DIRECTORY, ALL_RIGHTS, 0);
    int directory = wasi.result();

    assertThat(wasi.open(directory, "inner", 0, ALL_RIGHTS, 0)).isEqualTo(Errno.SUCCESS);
    assertThat(wasi.open(directory, "../f", 0, ALL_RIGHTS, 0)).isEqualTo(Errno.NOTCAPABLE);
    assertThat(wasi.open(1, "f", 0, ALL_RIGHTS, 0)).isEqualTo(Errno.NOTDIR);
    assertThat(wasi.open(50, "f", 0, ALL_RIGHTS, 0)).isEqualTo(Errno.BADF);
  }

  @Test
  void shouldRefusePathsThatAreNone() {
    assertThat(wasi.open(ROOT_FD, "", 0, ALL_RIGHTS, 0)).isEqualTo(Errno.NOENT);
    assertThat(wasi.open(ROOT_FD, "f\0", 0, ALL_RIGHTS, 0)).isEqualTo(Errno.ILSEQ);
    assertThat(wasi.open(ROOT_FD, "x".repeat(256), CREATE, ALL_RIGHTS, 0))
        .isEqualTo(Errno.NAMETOOLONG);
    assertThat(wasi.open(ROOT_FD, "x/".repeat(2049), CREATE, ALL_RIGHTS, 0))
        .isEqualTo(Errno.NAMETOOLONG);
    wasi.memory.writeShort(PATH, (short) 0x28c3);
    assertThat(wasi.call(HostCall.PATH_UNLINK_FILE, ROOT_FD, PATH, 2)).isEqualTo(Errno.ILSEQ);
  }

  @ParameterizedTest
  @ValueSource(ints = {MEMORY_BYTES - 2, -1})
  void shouldRefuseAPathOutsideTheMemory(int address) {
    assertThat(wasi.call(HostCall.PATH_UNLINK_FILE, ROOT_FD, address, 3)).isEqualTo(Errno.FAULT);
    assertThat(wasi.call(HostCall.PATH_UNLINK_FILE, ROOT_FD, PATH, -1)).isEqualTo(Errno.FAULT);
    assertThat(wasi.files.get("f")).isNotNull();
  }

  @Test
  void shouldNotCreateWhereTheNumberCannotBeStored() {
    int length = wasi.path("new");
    assertThat(
            wasi.call(
                HostCall.PATH_OPEN,
                ROOT_FD,
                0,
                PATH,
                length,
                CREATE,
                ALL_RIGHTS,
                ALL_RIGHTS,
                0,
                MEMORY_BYTES - 3))
        .isEqualTo(Errno.FAULT);
    assertThat(wasi.files.get("new")).isNull();
  }

  @Test
  void shouldTruncateAtOpen() {
    assertThat(wasi.open(ROOT_FD, "f", TRUNCATE, ALL_RIGHTS, 0)).isEqualTo(Errno.SUCCESS);
    assertThat(wasi.files.get("f")).isEmpty();
  }

  @Test
  void shouldAskBeforeItMakesOrEmptiesAFileAndNotBeforeItReadsOne() {
    wasi.thread.effects.clear();
    wasi.open(ROOT_FD, "f", 0, ALL_RIGHTS, 0);
    assertThat(wasi.thread.effects).isEmpty();

    wasi.open(ROOT_FD, "f", TRUNCATE, ALL_RIGHTS, 0);
    wasi.open(ROOT_FD, "new", CREATE, ALL_RIGHTS, 0);
    assertThat(wasi.thread.effects).containsExactly("path_open", "path_open");
  }

  @Test
  void shouldNotPassOnMoreRightsThanADirectoryHas() {
    wasi.open(ROOT_FD, "d", DIRECTORY, ALL_RIGHTS, 0);
    int directory = wasi.result();
    wasi.call(
        HostCall.FD_FDSTAT_SET_RIGHTS,
        directory,
        Rights.PATH_OPEN,
        Rights.FD_READ | Rights.FD_SEEK);

    assertThat(wasi.open(directory, "inner", 0, ALL_RIGHTS, 0)).isEqualTo(Errno.SUCCESS);
    int file = wasi.result();

    assertThat(wasi.read(file, 10)).isEqualTo("inner");
    assertThat(wasi.write(file, "x")).isEqualTo(Errno.NOTCAPABLE);
    assertThat(wasi.open(directory, "new", CREATE, ALL_RIGHTS, 0)).isEqualTo(Errno.NOTCAPABLE);
    assertThat(onPath(HostCall.PATH_UNLINK_FILE, directory, "inner")).isEqualTo(Errno.NOTCAPABLE);
  }

  @Test
  void shouldChangeNothingBelowAReadOnlyDirectory() {
    long readRights = ALL_RIGHTS & ~Rights.FD_WRITE;
    assertThat(wasi.open(READ_ONLY_FD, "f", 0, readRights, 0)).isEqualTo(Errno.SUCCESS);
    int file = wasi.result();
    assertThat(wasi.read(file, 10)).isEqualTo("12345");
    assertThat(wasi.open(READ_ONLY_FD, "f", CREATE, readRights, 0)).isEqualTo(Errno.SUCCESS);

    assertThat(wasi.open(READ_ONLY_FD, "f", 0, ALL_RIGHTS, 0)).isEqualTo(Errno.ROFS);
    assertThat(wasi.open(READ_ONLY_FD, "new", CREATE, readRights, 0)).isEqualTo(Errno.ROFS);
    assertThat(wasi.open(READ_ONLY_FD, "f", TRUNCATE, readRights, 0)).isEqualTo(Errno.ROFS);
    assertThat(wasi.write(file, "x")).isEqualTo(Errno.NOTCAPABLE);
    assertThat(wasi.call(HostCall.FD_FILESTAT_SET_SIZE, file, 0)).isEqualTo(Errno.ROFS);
    assertThat(wasi.call(HostCall.FD_FILESTAT_SET_TIMES, file, 0, 0, 1)).isEqualTo(Errno.ROFS);
    assertThat(onPath(HostCall.PATH_UNLINK_FILE, READ_ONLY_FD, "f")).isEqualTo(Errno.ROFS);
    assertThat(onPath(HostCall.PATH_CREATE_DIRECTORY, READ_ONLY_FD, "e")).isEqualTo(Errno.ROFS);
    assertThat(onPath(HostCall.PATH_REMOVE_DIRECTORY, READ_ONLY_FD, "d")).isEqualTo(Errno.ROFS);
    assertThat(rename(READ_ONLY_FD, "f", ROOT_FD, "g")).isEqualTo(Errno.ROFS);
    assertThat(rename(ROOT_FD, "f", READ_ONLY_FD, "g")).isEqualTo(Errno.ROFS);
    assertThat(wasi.files.get("f")).asString(UTF_8).isEqualTo("12345");
  }

  private Errno rename(int fromFd, String from, int toFd, String to) {
    int fromLength = wasi.path(PATH, from);
    int toLength = wasi.path(SECOND_PATH, to);
    return wasi.call(HostCall.PATH_RENAME, fromFd, PATH, fromLength, toFd, SECOND_PATH, toLength);
  }

  @Test
  void shouldRenameAndReplace() {
    assertThat(rename(ROOT_FD, "f", ROOT_FD, "d/inner")).isEqualTo(Errno.SUCCESS);
    assertThat(wasi.files.get("f")).isNull();
    assertThat(wasi.files.get("d", "inner")).asString(UTF_8).isEqualTo("12345");
    assertThat(rename(ROOT_FD, "f", ROOT_FD, "g")).isEqualTo(Errno.NOENT);
    assertThat(rename(ROOT_FD, "../f", ROOT_FD, "g")).isEqualTo(Errno.NOTCAPABLE);
  }

  @Test
  void shouldRemoveWhatMayBeRemoved() {
    assertThat(onPath(HostCall.PATH_REMOVE_DIRECTORY, ROOT_FD, "d")).isEqualTo(Errno.NOTEMPTY);
    assertThat(onPath(HostCall.PATH_UNLINK_FILE, ROOT_FD, "d")).isEqualTo(Errno.ISDIR);
    assertThat(onPath(HostCall.PATH_REMOVE_DIRECTORY, ROOT_FD, "f")).isEqualTo(Errno.NOTDIR);
    assertThat(onPath(HostCall.PATH_UNLINK_FILE, ROOT_FD, "d/inner")).isEqualTo(Errno.SUCCESS);
    assertThat(onPath(HostCall.PATH_REMOVE_DIRECTORY, ROOT_FD, "d")).isEqualTo(Errno.SUCCESS);
    assertThat(onPath(HostCall.PATH_CREATE_DIRECTORY, ROOT_FD, "f")).isEqualTo(Errno.EXIST);
    assertThat(stat(ROOT_FD, "d")).isEqualTo(Errno.NOENT);
  }

  @Test
  void shouldTellSizeAndTimesByName() {
    int length = wasi.path("f");
    assertThat(wasi.call(HostCall.PATH_FILESTAT_SET_TIMES, ROOT_FD, 0, PATH, length, 33, 44, 1 | 4))
        .isEqualTo(Errno.SUCCESS);
    assertThat(stat(ROOT_FD, "f")).isEqualTo(Errno.SUCCESS);
    assertThat(wasi.memory.readLong(RESULT + 32)).isEqualTo(5);
    assertThat(wasi.memory.readLong(RESULT + 48)).isEqualTo(44);
    assertThat(stat(ROOT_FD, "d")).isEqualTo(Errno.SUCCESS);
    assertThat(wasi.memory.readByte(RESULT + 16)).isEqualTo((byte) 3);
  }

  @Test
  void shouldKnowNoLinks() {
    int length = wasi.path("f");
    assertThat(wasi.call(HostCall.PATH_READLINK, ROOT_FD, PATH, length, HEAP, 10, RESULT))
        .isEqualTo(Errno.INVAL);
    assertThat(wasi.call(HostCall.PATH_LINK, ROOT_FD, 0, PATH, length, ROOT_FD, PATH, length))
        .isEqualTo(Errno.NOTSUP);
    assertThat(wasi.call(HostCall.PATH_SYMLINK, PATH, length, ROOT_FD, PATH, length))
        .isEqualTo(Errno.NOTSUP);
    length = wasi.path("missing");
    assertThat(wasi.call(HostCall.PATH_READLINK, ROOT_FD, PATH, length, HEAP, 10, RESULT))
        .isEqualTo(Errno.NOENT);
  }

  @Test
  void shouldCreateExclusivelyOnce() {
    assertThat(wasi.open(ROOT_FD, "g", CREATE | EXCLUSIVE, ALL_RIGHTS, 0)).isEqualTo(Errno.SUCCESS);
    assertThat(wasi.open(ROOT_FD, "g", CREATE | EXCLUSIVE, ALL_RIGHTS, 0)).isEqualTo(Errno.EXIST);
  }
}
