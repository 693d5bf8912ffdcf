package org.splitrack.e2e.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.splitrack.fabric.control.FileCalls;
import org.splitrack.fabric.control.FileCalls.FileError;
import org.splitrack.manager.internal.file.FilePath;
import org.splitrack.manager.internal.file.FileRefusal;
import org.splitrack.manager.internal.file.FileTransfers;
import org.splitrack.pcomponent.internal.file.FileClientLimits;
import org.splitrack.pcomponent.internal.file.OpenDirectory;
import org.splitrack.pcomponent.internal.file.OpenFile;
import org.splitrack.pcomponent.internal.file.OpenOptions;
import org.splitrack.pcomponent.internal.file.RelativePath;

class FileTransfersIT {
  private static final FileClientLimits LIMITS =
      new FileClientLimits(2 << 20, Duration.ofSeconds(10));
  private static final long DISK_LIMIT_BYTES = 8L * FileCalls.EXTENT_BYTES;

  @TempDir private Path folder;
  private FileRack rack;
  private FileTransfers transfers;
  private OpenDirectory root;

  @BeforeEach
  void begin() throws IOException {
    rack = new FileRack(folder, 2, DISK_LIMIT_BYTES);
    transfers = rack.transfers();
    root = FileRack.root(rack.client("pcomponent-0", LIMITS), 1);
  }

  @AfterEach
  void end() throws IOException {
    rack.close();
  }

  @Test
  void shouldGiveBackWhatWasPutAndShowItToPrograms() throws IOException {
    byte[] bytes = random(9_000_001);

    transfers.put(path("/deep/in/here"), new ByteArrayInputStream(bytes));

    assertThat(Arrays.equals(got("/deep/in/here"), bytes)).isTrue();
    OpenFile file = open("deep/in/here", false);
    byte[] middle = new byte[1000];
    assertThat(file.read(5_000_000, ArrayBytes.of(middle))).isEqualTo(1000);
    assertThat(middle).isEqualTo(Arrays.copyOfRange(bytes, 5_000_000, 5_001_000));
    transfers.put(path("/empty"), InputStream.nullInputStream());
    assertThat(got("/empty")).isEmpty();
  }

  @Test
  void shouldGiveBackWhatAProgramWroteHolesIncluded() throws IOException {
    OpenFile file = open("sparse", true);
    file.write(FileCalls.EXTENT_BYTES + 5L, ArrayBytes.of(new byte[] {7}));
    file.close();

    byte[] bytes = got("/sparse");

    assertThat(bytes).hasSize(FileCalls.EXTENT_BYTES + 6);
    assertThat(bytes[FileCalls.EXTENT_BYTES + 5]).isEqualTo((byte) 7);
    assertThat(Arrays.copyOf(bytes, FileCalls.EXTENT_BYTES + 5)).containsOnly(0);
  }

  @Test
  void shouldLeaveTheOldFileWhenAPutBreaksOff() throws IOException {
    byte[] old = random(100);
    transfers.put(path("/f"), new ByteArrayInputStream(old));
    InputStream broken =
        new SequenceInputStream(
            new ByteArrayInputStream(random(6_000_000)),
            new InputStream() {
              @Override
              public int read() throws IOException {
                throw new IOException("the line went dead");
              }

              @Override
              public int read(byte[] target, int offset, int length) throws IOException {
                throw new IOException("the line went dead");
              }
            });

    assertThatThrownBy(() -> transfers.put(path("/f"), broken)).hasMessage("the line went dead");

    assertThat(got("/f")).isEqualTo(old);
    await()
        .atMost(FileRack.soon())
        .untilAsserted(() -> assertThat(rack.storedBytes()).isEqualTo(100));
  }

  @Test
  void shouldLetAReaderFinishTheFileThatAPutReplaces() throws IOException {
    byte[] old = random(200_000);
    byte[] fresh = random(100_000);
    transfers.put(path("/f"), new ByteArrayInputStream(old));
    OpenFile reader = open("f", false);

    transfers.put(path("/f"), new ByteArrayInputStream(fresh));

    byte[] seen = new byte[old.length];
    assertThat(reader.read(0, ArrayBytes.of(seen))).isEqualTo(old.length);
    assertThat(seen).isEqualTo(old);
    reader.close();
    assertThat(got("/f")).isEqualTo(fresh);
  }

  @Test
  void shouldRefuseWhatDoesNotFitAndTakeTheNextThatDoes() throws IOException {
    byte[] tooMuch = random(Math.toIntExact(2 * DISK_LIMIT_BYTES) + 1);

    assertRefused(
        FileError.NO_SPACE, () -> transfers.put(path("/f"), new ByteArrayInputStream(tooMuch)));

    byte[] little = random(1000);
    await()
        .atMost(FileRack.soon())
        .ignoreExceptionsInstanceOf(FileRefusal.class)
        .until(
            () ->
                transfers.put(path("/f"), new ByteArrayInputStream(little)).bytes()
                    == little.length);
    assertThat(got("/f")).isEqualTo(little);
  }

  @Test
  void shouldRefusePathsThatCannotBeFiles() {
    root.makeDirectory(new RelativePath(List.of("d"), false));
    open("f", true).close();

    assertRefused(FileError.IS_A_DIRECTORY, () -> put("/"));
    assertRefused(FileError.IS_A_DIRECTORY, () -> put("/d"));
    assertRefused(FileError.NOT_A_DIRECTORY, () -> put("/f/x"));
    assertRefused(FileError.NAME_TOO_LONG, () -> put("/" + "x".repeat(300)));
    assertRefused(FileError.NOT_FOUND, () -> got("/none"));
    assertRefused(FileError.IS_A_DIRECTORY, () -> got("/d"));
  }

  private void put(String path) throws IOException {
    transfers.put(path(path), new ByteArrayInputStream(new byte[1]));
  }

  private byte[] got(String path) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    transfers.get(path(path), (info, content) -> content.copyTo(bytes));
    return bytes.toByteArray();
  }

  private OpenFile open(String path, boolean write) {
    return (OpenFile)
        root.open(
            new RelativePath(List.of(path.split("/", -1)), false),
            new OpenOptions(write, false, false, false, write));
  }

  private static FilePath path(String path) {
    return FilePath.parse("default", path);
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new SplittableRandom(length).nextBytes(bytes);
    return bytes;
  }

  private static void assertRefused(FileError error, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            FileRefusal.class, refusal -> assertThat(refusal.error()).isEqualTo(error));
  }
}
