package org.splitrack.manager.internal.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.splitrack.fabric.control.ControlFault;

class ProgramStoreTest {
  private static final int LIMIT = 1_000;

  @TempDir private Path folder;
  private final KeptPrograms archive = new KeptPrograms();
  private ProgramStore store;

  @BeforeEach
  void open() throws IOException {
    store = ProgramStore.open(folder, LIMIT, archive);
  }

  @Test
  void shouldGiveBackWhatWasPut() throws Exception {
    // given
    byte[] program = program(1, 300);
    // when
    put(program);
    // then
    assertThat(store.holds(digest(program))).isTrue();
    assertThat(store.read(digest(program))).isEqualTo(program);
  }

  @Test
  void shouldRefuseBytesOfAnotherDigestAndKeepNothing() throws Exception {
    // given
    byte[] program = program(1, 300);
    String other = digest(program(2, 300));
    // when, then
    assertThatThrownBy(() -> store.put(other, new ByteArrayInputStream(program)))
        .isInstanceOf(ControlFault.class)
        .hasMessageContaining(digest(program));
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void shouldRefuseAProgramThatIsTooLongWhileItComes() throws Exception {
    // given
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return 0;
          }
        };
    // when, then
    assertThatThrownBy(() -> store.put(digest(program(1, 1)), endless))
        .isInstanceOf(ControlFault.class)
        .hasMessageContaining("at most 67108864 bytes");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void shouldRefuseANameThatIsNoDigest() {
    assertThatThrownBy(() -> store.read("../secrets/operator-token"))
        .isInstanceOf(ControlFault.class)
        .hasMessageContaining("no SHA-256");
  }

  @Test
  void shouldDropTheOneThatWasNotUsedForLongestBeyondItsLimit() throws Exception {
    // given
    byte[] first = program(1, 400);
    byte[] second = program(2, 400);
    byte[] third = program(3, 400);
    put(first);
    put(second);
    store.read(digest(first));
    // when
    put(third);
    // then
    assertThat(store.holds(digest(first))).isTrue();
    assertThat(store.holds(digest(second))).isFalse();
    assertThat(store.holds(digest(third))).isTrue();
    archive.forget(digest(second));
    assertThatThrownBy(() -> store.read(digest(second)))
        .isInstanceOfSatisfying(
            ControlFault.class,
            fault -> assertThat(fault.code()).isEqualTo(ControlFault.Code.NOT_FOUND));
  }

  @Test
  void shouldHoldProgramsOverARestartButNotUnfinishedOnes() throws Exception {
    // given
    byte[] program = program(1, 400);
    put(program);
    Files.write(folder.resolve("left-over.part"), program);
    // when
    ProgramStore again = ProgramStore.open(folder, LIMIT, archive);
    // then
    assertThat(again.read(digest(program))).isEqualTo(program);
    assertThat(folder.resolve("left-over.part")).doesNotExist();
  }

  @Test
  void shouldFetchFromTheArchiveWhatAnotherManagerWasGiven(@TempDir Path elsewhere)
      throws Exception {
    // given
    byte[] program = program(1, 400);
    put(program);
    // when
    ProgramStore next = ProgramStore.open(elsewhere, LIMIT, archive);
    // then
    assertThat(next.holds(digest(program))).isFalse();
    assertThat(next.has(digest(program))).isTrue();
    archive.forget(digest(program));
    assertThat(next.read(digest(program))).isEqualTo(program);
    assertThat(next.has(digest(program(2, 400)))).isFalse();
  }

  private void put(byte[] program) throws Exception {
    store.put(digest(program), new ByteArrayInputStream(program));
  }

  private static byte[] program(int first, int length) {
    byte[] bytes = new byte[length];
    bytes[0] = (byte) first;
    return bytes;
  }

  private static String digest(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
