package org.splitrack.pcomponent.internal.wasi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.splitrack.pcomponent.internal.wasi.WasiFixture.ALL_RIGHTS;
import static org.splitrack.pcomponent.internal.wasi.WasiFixture.HEAP;
import static org.splitrack.pcomponent.internal.wasi.WasiFixture.MEMORY_BYTES;
import static org.splitrack.pcomponent.internal.wasi.WasiFixture.RESULT;
import static org.splitrack.pcomponent.internal.wasi.WasiFixture.ROOT_FD;
import static org.splitrack.pcomponent.internal.wasi.WasiFixture.VECTORS;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.splitrack.pcomponent.internal.file.Errno;

class TransferCallsTest {
  private final WasiFixture wasi = new WasiFixture();

  @Test
  void shouldWriteAllPiecesInOrderToStandardOutput() {
    wasi.text(HEAP, "first");
    wasi.text(HEAP + 100, "second");
    int count = wasi.vectors(HEAP, 5, HEAP, 0, HEAP + 100, 6);

    assertThat(wasi.call(HostCall.FD_WRITE, 1, VECTORS, count, RESULT)).isEqualTo(Errno.SUCCESS);

    assertThat(wasi.result()).isEqualTo(11);
    assertThat(wasi.output.toString(UTF_8)).isEqualTo("firstsecond");
    assertThat(wasi.error.size()).isZero();
  }

  @Test
  void shouldKeepStandardErrorApart() {
    assertThat(wasi.write(2, "trouble")).isEqualTo(Errno.SUCCESS);
    assertThat(wasi.error.toString(UTF_8)).isEqualTo("trouble");
    assertThat(wasi.output.size()).isZero();
  }

  @Test
  void shouldWriteWhatIsLongerThanOneCopy() {
    byte[] content = new byte[Caller.SCRATCH_BYTES * 3 + 17];
    new Random(1).nextBytes(content);
    wasi.memory.write(HEAP, java.nio.ByteBuffer.wrap(content));
    int count = wasi.vectors(HEAP, 9, HEAP + 9, content.length - 9);

    assertThat(wasi.call(HostCall.FD_WRITE, 1, VECTORS, count, RESULT)).isEqualTo(Errno.SUCCESS);

    assertThat(wasi.output.toByteArray()).isEqualTo(content);
  }

  @Test
  void shouldCheckEveryPieceBeforeTheFirstByteMoves() {
    wasi.text(HEAP, "first");
    int count = wasi.vectors(HEAP, 5, MEMORY_BYTES - 3, 4);

    assertThat(wasi.call(HostCall.FD_WRITE, 1, VECTORS, count, RESULT)).isEqualTo(Errno.FAULT);

    assertThat(wasi.output.size()).isZero();
  }

  @Test
  void shouldTakeAPieceThatEndsWhereTheMemoryEnds() {
    wasi.text(MEMORY_BYTES - 3, "end");
    int count = wasi.vectors(MEMORY_BYTES - 3, 3, MEMORY_BYTES, 0);

    assertThat(wasi.call(HostCall.FD_WRITE, 1, VECTORS, count, RESULT)).isEqualTo(Errno.SUCCESS);

    assertThat(wasi.output.toString(UTF_8)).isEqualTo("end");
  }

  @Test
  void shouldRefuseAPieceWhoseEndWrapsAround() {
    int count = wasi.vectors(-4, 8);
    assertThat(wasi.call(HostCall.FD_WRITE, 1, VECTORS, count, RESULT)).isEqualTo(Errno.FAULT);
    count = wasi.vectors(HEAP, -1);
    assertThat(wasi.call(HostCall.FD_WRITE, 1, VECTORS, count, RESULT)).isEqualTo(Errno.FAULT);
  }

  @Test
  void shouldLimitTheNumberOfPieces() {
    for (int i = 0; i < IoVectors.MAX_PIECES; i++) {
      wasi.memory.writeInt(HEAP + i * 8, 0);
      wasi.memory.writeInt(HEAP + i * 8 + 4, 1);
    }

    assertThat(wasi.call(HostCall.FD_WRITE, 1, HEAP, IoVectors.MAX_PIECES, RESULT))
        .isEqualTo(Errno.SUCCESS);
    assertThat(wasi.call(HostCall.FD_WRITE, 1, HEAP, IoVectors.MAX_PIECES + 1, RESULT))
        .isEqualTo(Errno.INVAL);
    assertThat(wasi.call(HostCall.FD_WRITE, 1, HEAP, -1, RESULT)).isEqualTo(Errno.INVAL);

    assertThat(wasi.output.size()).isEqualTo(IoVectors.MAX_PIECES);
  }

  @Test
  void shouldRefuseListsAndResultsOutsideTheMemory() {
    assertThat(wasi.call(HostCall.FD_WRITE, 1, MEMORY_BYTES - 7, 1, RESULT)).isEqualTo(Errno.FAULT);
    wasi.vectors(HEAP, 4);
    assertThat(wasi.call(HostCall.FD_WRITE, 1, VECTORS, 1, MEMORY_BYTES - 3))
        .isEqualTo(Errno.FAULT);
    assertThat(wasi.output.size()).isZero();
  }

  @Test
  void shouldReadWhatStandardInputHasAndThenItsEnd() {
    wasi.input.add("hello");

    assertThat(wasi.read(0, 3)).isEqualTo("hel");
    assertThat(wasi.read(0, 100)).isEqualTo("lo");
    assertThat(wasi.read(0, 100)).isEmpty();
  }

  @Test
  void shouldSayTryAgainOnlyToANonblockingReader() {
    assertThat(wasi.call(HostCall.FD_FDSTAT_SET_FLAGS, 0, Descriptor.FLAG_NONBLOCK))
        .isEqualTo(Errno.SUCCESS);
    assertThat(wasi.read(0, 10)).isEqualTo("AGAIN");
    wasi.input.add("x");
    assertThat(wasi.read(0, 10)).isEqualTo("x");
    wasi.input.ended = true;
    assertThat(wasi.read(0, 10)).isEmpty();
  }

  @Test
  void shouldRefuseTheWrongDirectionOfAStream() {
    assertThat(wasi.write(0, "x")).isEqualTo(Errno.NOTCAPABLE);
    assertThat(wasi.read(1, 1)).isEqualTo("NOTCAPABLE");
    assertThat(wasi.read(ROOT_FD, 1)).isEqualTo("NOTCAPABLE");
    assertThat(wasi.read(99, 1)).isEqualTo("BADF");
    assertThat(wasi.read(-1, 1)).isEqualTo("BADF");
  }

  @Test
  void shouldMoveThePositionWithEveryTransfer() {
    int fd = wasi.create("f");

    wasi.write(fd, "abc");
    wasi.write(fd, "def");
    wasi.call(HostCall.FD_SEEK, fd, 1, 0, RESULT);

    assertThat(wasi.read(fd, 3)).isEqualTo("bcd");
    assertThat(wasi.read(fd, 30)).isEqualTo("ef");
    assertThat(wasi.read(fd, 30)).isEmpty();
    assertThat(wasi.files.get("f")).asString(UTF_8).isEqualTo("abcdef");
  }

  @Test
  void shouldScatterAReadOverPieces() {
    int fd = wasi.create("f");
    wasi.write(fd, "abcdefgh");
    int count = wasi.vectors(HEAP, 2, HEAP + 50, 3, HEAP + 100, 100);

    assertThat(wasi.call(HostCall.FD_PREAD, fd, VECTORS, count, 1, RESULT))
        .isEqualTo(Errno.SUCCESS);

    assertThat(wasi.result()).isEqualTo(7);
    assertThat(wasi.text(HEAP, 2)).isEqualTo("bc");
    assertThat(wasi.text(HEAP + 50, 3)).isEqualTo("def");
    assertThat(wasi.text(HEAP + 100, 2)).isEqualTo("gh");
  }

  @Test
  void shouldLeaveThePositionAloneWhenThePlaceIsGiven() {
    int fd = wasi.create("f");
    wasi.write(fd, "abcdef");
    wasi.text(HEAP, "XY");
    int count = wasi.vectors(HEAP, 2);

    assertThat(wasi.call(HostCall.FD_PWRITE, fd, VECTORS, count, 2, RESULT))
        .isEqualTo(Errno.SUCCESS);
    wasi.write(fd, "!");

    assertThat(wasi.files.get("f")).asString(UTF_8).isEqualTo("abXYef!");
    assertThat(wasi.call(HostCall.FD_PREAD, fd, VECTORS, count, -1, RESULT)).isEqualTo(Errno.INVAL);
    assertThat(wasi.call(HostCall.FD_PREAD, 0, VECTORS, count, 0, RESULT)).isEqualTo(Errno.SPIPE);
    assertThat(wasi.call(HostCall.FD_PWRITE, ROOT_FD, VECTORS, count, 0, RESULT))
        .isEqualTo(Errno.ISDIR);
  }

  @Test
  void shouldAppendWhereverThePositionIs() {
    wasi.files.put("f", "12345".getBytes(UTF_8));
    wasi.open(ROOT_FD, "f", 0, ALL_RIGHTS, Descriptor.FLAG_APPEND);
    int fd = wasi.result();

    wasi.write(fd, "67");

    assertThat(wasi.files.get("f")).asString(UTF_8).isEqualTo("1234567");
    wasi.call(HostCall.FD_TELL, fd, RESULT);
    assertThat(wasi.memory.readLong(RESULT)).isEqualTo(7);
  }

  @Test
  void shouldSyncEveryWriteOfASynchronousDescriptor() {
    wasi.open(ROOT_FD, "f", 1, ALL_RIGHTS, Descriptor.FLAG_SYNC);
    int synchronous = wasi.result();
    wasi.open(ROOT_FD, "g", 1, ALL_RIGHTS, 0);
    int plain = wasi.result();

    wasi.write(plain, "x");
    assertThat(wasi.files.syncs()).isZero();
    wasi.write(synchronous, "x");
    wasi.call(HostCall.FD_FDSTAT_SET_FLAGS, plain, Descriptor.FLAG_DSYNC);
    wasi.write(plain, "y");

    assertThat(wasi.files.syncs()).isEqualTo(2);
  }

  @Test
  void shouldHoldToTheRightsAskedForAtOpen() {
    wasi.files.put("f", "12345".getBytes(UTF_8));
    wasi.open(ROOT_FD, "f", 0, Rights.FD_READ, 0);
    int readable = wasi.result();
    wasi.open(ROOT_FD, "f", 0, Rights.FD_WRITE, 0);
    int writable = wasi.result();

    assertThat(wasi.write(readable, "x")).isEqualTo(Errno.NOTCAPABLE);
    assertThat(wasi.read(writable, 1)).isEqualTo("NOTCAPABLE");
    assertThat(wasi.call(HostCall.FD_SEEK, readable, 1, 0, RESULT)).isEqualTo(Errno.NOTCAPABLE);
    assertThat(wasi.read(readable, 5)).isEqualTo("12345");
  }

  @Test
  void shouldStopALongWriteOfAStoppedProcess() {
    wasi.thread.stopping = true;
    assertThatThrownBy(() -> wasi.write(1, "x")).hasMessage("stopped");
  }
}
