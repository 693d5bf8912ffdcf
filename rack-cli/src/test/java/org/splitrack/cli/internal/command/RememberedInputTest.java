package org.splitrack.cli.internal.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RememberedInputTest {
  @Test
  void shouldGiveEachReaderAllOfItWhereverTheOthersAre() throws IOException {
    // given
    RememberedInput input = new RememberedInput(bytes("one two three"));
    InputStream first = input.fromTheBeginning();
    assertThat(first.readNBytes(4)).isEqualTo("one ".getBytes(StandardCharsets.UTF_8));

    // then
    assertThat(input.fromTheBeginning().readAllBytes()).asString().isEqualTo("one two three");
    assertThat(first.readAllBytes()).asString().isEqualTo("two three");
    assertThat(input.isWhole()).isTrue();
  }

  @Test
  void shouldSayWhenItRemembersNoMore() throws IOException {
    // given
    byte[] large = new byte[RememberedInput.LIMIT_BYTES + 1];
    RememberedInput input = new RememberedInput(new ByteArrayInputStream(large));
    InputStream reader = input.fromTheBeginning();
    assertThat(reader.readNBytes(RememberedInput.LIMIT_BYTES)).hasSize(RememberedInput.LIMIT_BYTES);
    assertThat(input.isWhole()).isTrue();

    // when
    assertThat(reader.readAllBytes()).hasSize(1);

    // then
    assertThat(input.isWhole()).isFalse();
  }

  private static InputStream bytes(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }
}
