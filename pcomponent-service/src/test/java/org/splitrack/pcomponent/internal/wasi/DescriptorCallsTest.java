package org.splitrack.pcomponent.internal.wasi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.splitrack.pcomponent.internal.wasi.WasiFixture.ALL_RIGHTS;
import static org.splitrack.pcomponent.internal.wasi.WasiFixture.HEAP;
import static org.splitrack.pcomponent.internal.wasi.WasiFixture.MEMORY_BYTES;
import static org.splitrack.pcomponent.internal.wasi.WasiFixture.READ_ONLY_FD;
import static org.splitrack.pcomponent.internal.wasi.WasiFixture.RESULT;
import static org.splitrack.pcomponent.internal.wasi.WasiFixture.ROOT_FD;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.splitrack.pcomponent.internal.file.Errno;

class DescriptorCallsTest {
  private static final int NO_FD = 77;

  private final WasiFixture wasi = new WasiFixture();

  @Test
  void shouldNameThePreopenedDirectoriesAndNothingElse() {
    assertThat(wasi.call(HostCall.FD_PRESTAT_GET, READ_ONLY_FD, RESULT)).isEqualTo(Errno.SUCCESS);
    assertThat(wasi.memory.readInt(RESULT)).isZero();
    assertThat(wasi.memory.readInt(RESULT + 4)).isEqualTo(3);
    assertThat(wasi.call(HostCall.FD_PRESTAT_DIR_NAME, READ_ONLY_FD, HEAP, 3))
        .isEqualTo(Errno.SUCCESS);
    assertThat(wasi.text(HEAP, 4)).isEqualTo("/ro\0");

    assertThat(wasi.call(HostCall.FD_PRESTAT_DIR_NAME, READ_ONLY_FD, HEAP, 2))
        .isEqualTo(Errno.NAMETOOLONG);
    assertThat(wasi.call(HostCall.FD_PRESTAT_DIR_NAME, READ_ONLY_FD, MEMORY_BYTES - 2, 3))
        .isEqualTo(Errno.FAULT);
    assertThat(wasi.call(HostCall.FD_PRESTAT_GET, 5, RESULT)).isEqualTo(Errno.BADF);
    assertThat(wasi.call(HostCall.FD_PRESTAT_GET, 1, RESULT)).isEqualTo(Errno.BADF);
  }

  @Test
  void shouldGiveTheLowestFreeNumber() {
    int first = wasi.create("a");
    int second = wasi.create("b");
    int third = wasi.create("c");
    assertThat(List.of(first, second, third)).containsExactly(5, 6, 7);

    assertThat(wasi.call(HostCall.FD_CLOSE, second)).isEqualTo(Errno.SUCCESS);
    assertThat(wasi.call(HostCall.FD_CLOSE, second)).isEqualTo(Errno.BADF);

    assertThat(wasi.create("d")).isEqualTo(second);
    assertThat(wasi.create("e")).isEqualTo(8);
  }

  @Test
  void shouldLimitTheDescriptors() {
    for (int fd = 5; fd < DescriptorTable.MAX_DESCRIPTORS; fd++) {
      assertThat(wasi.create("f")).isEqualTo(fd);
    }
    assertThat(wasi.open(ROOT_FD, "new", 1, ALL_RIGHTS, 0)).isEqualTo(Errno.MFILE);
    assertThat(wasi.files.get("new")).isNull();

    wasi.call(HostCall.FD_CLOSE, 1000);
    assertThat(wasi.create("new")).isEqualTo(1000);
  }

  @Test
  void shouldRenumberOntoAnOpenDescriptor() {
    int from = wasi.create("from");
    int to = wasi.create("to");

    assertThat(wasi.call(HostCall.FD_RENUMBER, from, to)).isEqualTo(Errno.SUCCESS);
    wasi.write(to, "x");

    assertThat(wasi.files.get("from")).asString(UTF_8).isEqualTo("x");
    assertThat(wasi.call(HostCall.FD_CLOSE, from)).isEqualTo(Errno.BADF);
    assertThat(wasi.call(HostCall.FD_RENUMBER, to, NO_FD)).isEqualTo(Errno.BADF);
    assertThat(wasi.call(HostCall.FD_RENUMBER, to, to)).isEqualTo(Errno.SUCCESS);
    assertThat(wasi.write(to, "y")).isEqualTo(Errno.SUCCESS);
  }

  @Test
  void shouldTellStateAndRights() {
    wasi.open(ROOT_FD, "f", 1, Rights.FD_READ | Rights.FD_WRITE, Descriptor.FLAG_APPEND);
    int fd = wasi.result();

    assertThat(wasi.call(HostCall.FD_FDSTAT_GET, fd, RESULT)).isEqualTo(Errno.SUCCESS);

    assertThat(wasi.memory.readByte(RESULT)).isEqualTo((byte) 4);
    assertThat(wasi.memory.readShort(RESULT + 2)).isEqualTo((short) Descriptor.FLAG_APPEND);
    assertThat(wasi.memory.readLong(RESULT + 8)).isEqualTo(Rights.FD_READ | Rights.FD_WRITE);
    assertThat(wasi.call(HostCall.FD_FDSTAT_GET, ROOT_FD, RESULT)).isEqualTo(Errno.SUCCESS);
    assertThat(wasi.memory.readByte(RESULT)).isEqualTo((byte) 3);
    assertThat(wasi.call(HostCall.FD_FDSTAT_GET, 1, RESULT)).isEqualTo(Errno.SUCCESS);
    assertThat(wasi.memory.readByte(RESULT)).as("no terminal").isZero();
    assertThat(wasi.call(HostCall.FD_FDSTAT_GET, fd, MEMORY_BYTES - 23)).isEqualTo(Errno.FAULT);
    assertThat(wasi.call(HostCall.FD_FDSTAT_SET_FLAGS, ROOT_FD, 32)).isEqualTo(Errno.INVAL);
  }

  @Test
  void shouldLetRightsOnlyShrink() {
    wasi.open(ROOT_FD, "f", 1, Rights.FD_READ | Rights.FD_WRITE, 0);
    int fd = wasi.result();

    assertThat(wasi.call(HostCall.FD_FDSTAT_SET_RIGHTS, fd, Rights.FD_READ, 0))
        .isEqualTo(Errno.SUCCESS);
    assertThat(wasi.write(fd, "x")).isEqualTo(Errno.NOTCAPABLE);
    assertThat(wasi.call(HostCall.FD_FDSTAT_SET_RIGHTS, fd, Rights.FD_READ | Rights.FD_WRITE, 0))
        .isEqualTo(Errno.NOTCAPABLE);
  }

  @Test
  void shouldTellSizeAndTimes() {
    int fd = wasi.create("f");
    wasi.write(fd, "12345");

    assertThat(wasi.call(HostCall.FD_FILESTAT_SET_TIMES, fd, 11, 22, 1 | 4))
        .isEqualTo(Errno.SUCCESS);
    assertThat(wasi.call(HostCall.FD_FILESTAT_GET, fd, RESULT)).isEqualTo(Errno.SUCCESS);

    assertThat(wasi.memory.readByte(RESULT + 16)).isEqualTo((byte) 4);
    assertThat(wasi.memory.readLong(RESULT + 24)).isEqualTo(1);
    assertThat(wasi.memory.readLong(RESULT + 32)).isEqualTo(5);
    assertThat(wasi.memory.readLong(RESULT + 40)).isEqualTo(11);
    assertThat(wasi.memory.readLong(RESULT + 48)).isEqualTo(22);
    wasi.call(HostCall.FD_FILESTAT_SET_TIMES, fd, 0, 0, 2);
    wasi.call(HostCall.FD_FILESTAT_GET, fd, RESULT);
    assertThat(wasi.memory.readLong(RESULT + 40)).isEqualTo(wasi.clocks.realtimeNs);
    assertThat(wasi.memory.readLong(RESULT + 48)).isEqualTo(22);
    assertThat(wasi.call(HostCall.FD_FILESTAT_SET_TIMES, fd, 0, 0, 3)).isEqualTo(Errno.INVAL);
    assertThat(wasi.call(HostCall.FD_FILESTAT_GET, 0, RESULT)).isEqualTo(Errno.SUCCESS);
  }

  @Test
  void shouldCutLengthenAndAllocate() {
    int fd = wasi.create("f");
    wasi.write(fd, "12345");

    assertThat(wasi.call(HostCall.FD_FILESTAT_SET_SIZE, fd, 2)).isEqualTo(Errno.SUCCESS);
    assertThat(wasi.files.get("f")).asString(UTF_8).isEqualTo("12");
    assertThat(wasi.call(HostCall.FD_ALLOCATE, fd, 1, 3)).isEqualTo(Errno.SUCCESS);
    assertThat(wasi.files.get("f")).asString(UTF_8).isEqualTo("12\0\0");
    assertThat(wasi.call(HostCall.FD_FILESTAT_SET_SIZE, fd, -1)).isEqualTo(Errno.INVAL);
    assertThat(wasi.call(HostCall.FD_ALLOCATE, fd, 0, 0)).isEqualTo(Errno.INVAL);
    assertThat(wasi.call(HostCall.FD_ALLOCATE, fd, Long.MAX_VALUE, 1)).isEqualTo(Errno.FBIG);
    assertThat(wasi.call(HostCall.FD_FILESTAT_SET_SIZE, fd, 1L << 60)).isEqualTo(Errno.FBIG);
  }

  @Test
  void shouldSeekFromStartPositionAndEnd() {
    int fd = wasi.create("f");
    wasi.write(fd, "0123456789");

    assertThat(seek(fd, 4, 0)).isEqualTo(4);
    assertThat(seek(fd, 2, 1)).isEqualTo(6);
    assertThat(seek(fd, -1, 2)).isEqualTo(9);
    assertThat(seek(fd, 100, 0)).isEqualTo(100);
    assertThat(wasi.call(HostCall.FD_SEEK, fd, -1, 0, RESULT)).isEqualTo(Errno.INVAL);
    assertThat(wasi.call(HostCall.FD_SEEK, fd, 0, 3, RESULT)).isEqualTo(Errno.INVAL);
    assertThat(wasi.call(HostCall.FD_SEEK, 1, 0, 0, RESULT)).isEqualTo(Errno.SPIPE);
    assertThat(wasi.call(HostCall.FD_SEEK, ROOT_FD, 0, 0, RESULT)).isEqualTo(Errno.ISDIR);
    assertThat(wasi.call(HostCall.FD_TELL, fd, RESULT)).isEqualTo(Errno.SUCCESS);
    assertThat(wasi.memory.readLong(RESULT)).isEqualTo(100);
  }

  private long seek(int fd, long offset, int whence) {
    assertThat(wasi.call(HostCall.FD_SEEK, fd, offset, whence, RESULT)).isEqualTo(Errno.SUCCESS);
    return wasi.memory.readLong(RESULT);
  }

  @Test
  void shouldSyncFilesOnly() {
    int fd = wasi.create("f");
    assertThat(wasi.call(HostCall.FD_SYNC, fd)).isEqualTo(Errno.SUCCESS);
    assertThat(wasi.call(HostCall.FD_DATASYNC, fd)).isEqualTo(Errno.SUCCESS);
    assertThat(wasi.files.syncs()).isEqualTo(2);
    assertThat(wasi.call(HostCall.FD_SYNC, ROOT_FD)).isEqualTo(Errno.SUCCESS);
    assertThat(wasi.call(HostCall.FD_SYNC, 1)).isEqualTo(Errno.INVAL);
    assertThat(wasi.call(HostCall.FD_DATASYNC, 1)).isEqualTo(Errno.SPIPE);
    assertThat(wasi.call(HostCall.FD_ADVISE, fd, 0, 0, 5)).isEqualTo(Errno.SUCCESS);
    assertThat(wasi.call(HostCall.FD_ADVISE, fd, 0, 0, 6)).isEqualTo(Errno.INVAL);
    assertThat(wasi.call(HostCall.FD_ADVISE, 0, 0, 0, 0)).isEqualTo(Errno.SPIPE);
  }

  @Test
  void shouldListADirectoryInPiecesOfAnyLength() {
    List<String> expected = new ArrayList<>(List.of(".", ".."));
    for (int i = 0; i < 30; i++) {
      String name = "name-%02d-%s".formatted(i, "x".repeat(i));
      wasi.files.put(name, new byte[0]);
      expected.add(name);
    }

    for (int bufferBytes : new int[] {300, 1000, 4096}) {
      assertThat(listAll(ROOT_FD, bufferBytes)).isEqualTo(expected);
    }
    assertThat(wasi.call(HostCall.FD_READDIR, ROOT_FD, MEMORY_BYTES - 10, 11, 0, RESULT))
        .isEqualTo(Errno.FAULT);
    assertThat(wasi.call(HostCall.FD_READDIR, 1, HEAP, 11, 0, RESULT)).isEqualTo(Errno.NOTDIR);
    assertThat(wasi.call(HostCall.FD_READDIR, ROOT_FD, HEAP, 11, -1, RESULT))
        .isEqualTo(Errno.INVAL);
  }

  /** As a C library does: an entry that was cut is read again, from the last whole one on. */
  private List<String> listAll(int fd, int bufferBytes) {
    List<String> names = new ArrayList<>();
    long cookie = 0;
    while (true) {
      assertThat(wasi.call(HostCall.FD_READDIR, fd, HEAP, bufferBytes, cookie, RESULT))
          .isEqualTo(Errno.SUCCESS);
      int used = wasi.result();
      int at = 0;
      while (used - at >= 24) {
        int nameBytes = wasi.memory.readInt(HEAP + at + 16);
        if (used - at < 24 + nameBytes) {
          break;
        }
        cookie = wasi.memory.readLong(HEAP + at);
        names.add(wasi.text(HEAP + at + 24, nameBytes));
        at += 24 + nameBytes;
      }
      if (used < bufferBytes) {
        return names;
      }
    }
  }
}
