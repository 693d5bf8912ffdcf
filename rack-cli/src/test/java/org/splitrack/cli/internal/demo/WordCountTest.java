package org.splitrack.cli.internal.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WordCountTest {
  @TempDir Path folder;

  private Path text(String text) throws IOException {
    return Files.write(folder.resolve("text"), text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void shouldPrintWhatTheProgramPrints() throws IOException {
    WordCount count = WordCount.of(text("The cat, the Cät; THE dog2dog"));
    assertThat(count.asPrinted())
        .isEqualTo(
            """
            bytes 30
            words 8
            distinct 5
            checksum %016x
            top 1 3 the
            top 2 2 dog
            top 3 1 c
            top 4 1 cat
            top 5 1 t
            """
                .formatted(count.checksum()));
  }

  @Test
  void shouldSumTheHashOfEachWordTimesItsCount() throws IOException {
    // FNV-1a-64 of "a" is af63dc4c8601ec8c.
    assertThat(WordCount.of(text("a A a")).checksum())
        .isEqualTo(Long.parseUnsignedLong("0e2b94e59205c5a4", 16));
  }

  @Test
  void shouldCountNothingInAnEmptyText() throws IOException {
    assertThat(WordCount.of(text("")).asPrinted())
        .isEqualTo("bytes 0\nwords 0\ndistinct 0\nchecksum 0000000000000000\n");
  }

  @Test
  void shouldCountAWordThatSpansTwoReads() throws IOException {
    WordCount count = WordCount.of(text("x".repeat((1 << 16) - 3) + " across"));
    assertThat(count.counts()).containsEntry("across", 1).hasSize(2);
  }
}
