package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@ExtendWith(SharedRack.class)
class FilesIT {
  private final Rack rack;

  FilesIT(Rack rack) {
    this.rack = rack;
  }

  @Test
  void shouldOfferTheWholeFileInterface() {
    Rack.Outcome outcome = rack.command("run", Rack.example("testbed/files"));

    assertThat(outcome.exitCode()).as(outcome.out() + outcome.err()).isZero();
    assertThat(outcome.out()).contains("ok");
  }

  @Test
  void shouldLetNoProgramOutOfItsDirectories() {
    Rack.Outcome outcome = rack.command("run", Rack.example("testbed/escape"));

    assertThat(outcome.exitCode()).as(outcome.out() + outcome.err()).isZero();
    assertThat(outcome.out()).doesNotContain("root:");
  }

  @Test
  void shouldGiveBackTheBytesThatWerePut(@TempDir Path folder) throws IOException {
    // given
    byte[] bytes = new byte[9_000_001];
    new Random(7).nextBytes(bytes);
    Path original = Files.write(folder.resolve("original"), bytes);

    // when
    assertThat(rack.command("put", original.toString(), "/round/trip.bin").exitCode()).isZero();
    Rack.Outcome copied =
        rack.command("run", Rack.example("copy"), "/round/trip.bin", "/round/copy.bin");
    Rack.Outcome got = rack.command("get", "/round/copy.bin", folder.resolve("back").toString());

    // then
    assertThat(copied.exitCode()).as(copied.err()).isZero();
    assertThat(got.exitCode()).as(got.err()).isZero();
    assertThat(Files.readAllBytes(folder.resolve("back"))).isEqualTo(bytes);
    JsonNode listed = rack.sql("SELECT bytes FROM api.files WHERE path = '/round/copy.bin'").get(0);
    assertThat(listed.path("bytes").asLong()).isEqualTo(bytes.length);
    assertThat(rack.command("ls", "/round").out()).contains("copy.bin").contains("trip.bin");
    assertThat(rack.command("rm", "/round/trip.bin").exitCode()).isZero();
    assertThat(rack.command("get", "/round/trip.bin", "-").exitCode()).isEqualTo(1);
  }

  @Test
  void shouldKeepAReadOnlyDirectoryReadOnly(@TempDir Path folder) throws IOException {
    Path text = Files.writeString(folder.resolve("text"), "as it was\n");
    rack.command("put", text.toString(), "/fixed/text");

    Rack.Outcome outcome =
        rack.command(
            "run", "--dir", "/fixed:ro", Rack.example("copy"), "/fixed/text", "/fixed/other");

    assertThat(outcome.exitCode()).isNotZero();
    assertThat(rack.command("ls", "/fixed").out()).doesNotContain("other");
  }

  @Test
  void shouldRunAProgramThatLiesInTheRack() {
    rack.command("put", Rack.example("testbed/exitcode"), "/bin/exitcode.wasm");

    assertThat(rack.command("run", "rack:/bin/exitcode.wasm", "9").exitCode()).isEqualTo(9);
  }
}
