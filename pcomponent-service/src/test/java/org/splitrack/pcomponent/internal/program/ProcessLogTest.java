package org.splitrack.pcomponent.internal.program;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessLogTest {
  @TempDir Path folder;

  private ProcessLog log() throws IOException {
    return ProcessLog.create(folder.resolve("process-1.log"));
  }

  @Test
  void shouldReadFromAnyOffset() throws IOException {
    try (ProcessLog log = log()) {
      log.append("xhello".getBytes(UTF_8), 1, 5);

      ProcessLog.Piece middle = log.read(1, 2);
      assertThat(middle.offset()).isEqualTo(1);
      assertThat(middle.bytes().array()).isEqualTo("el".getBytes(UTF_8));
      assertThat(middle.last()).isFalse();
      ProcessLog.Piece rest = log.read(3, 100);
      assertThat(rest.bytes().array()).isEqualTo("lo".getBytes(UTF_8));
      assertThat(rest.last()).isTrue();
      assertThat(log.read(99, 100).offset()).isEqualTo(5);
    }
  }

  @Test
  void shouldKeepTheLastBytesInAFileThatDoesNotGrow() throws IOException {
    byte[] all = new byte[ProcessLog.CAPACITY_BYTES + 1_234_567];
    new Random(5).nextBytes(all);
    try (ProcessLog log = log()) {
      for (int at = 0; at < all.length; at += 50_000) {
        log.append(all, at, Math.min(50_000, all.length - at));
      }

      ProcessLog.Piece piece = log.read(0, Integer.MAX_VALUE);

      assertThat(piece.offset()).isEqualTo(1_234_567);
      assertThat(piece.bytes().array()).isEqualTo(Arrays.copyOfRange(all, 1_234_567, all.length));
      assertThat(Files.size(folder.resolve("process-1.log"))).isEqualTo(ProcessLog.CAPACITY_BYTES);
    }
  }

  @Test
  void shouldDeleteItsFileWhenItIsClosed() throws IOException {
    ProcessLog log = log();
    log.append(new byte[10], 0, 10);
    log.close();
    log.append(new byte[10], 0, 10);

    assertThat(folder).isEmptyDirectory();
  }
}
