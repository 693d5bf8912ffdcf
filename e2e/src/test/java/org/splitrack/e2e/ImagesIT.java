package org.splitrack.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code rack images}, to a registry and to kind; what is in an image the cluster tests see. */
class ImagesIT {
  private static final List<String> MODULES =
      List.of(
          "cluster-jobs",
          "global-manager",
          "mcomponent-service",
          "pcomponent-service",
          "scomponent-service",
          "table-service");

  @TempDir private static Path folder;

  private static Path base;

  private final Rack rack = Rack.down();

  /** An image as Jib reads one from a tar; its Java does not run, so nothing is trained. */
  @BeforeAll
  static void makeBase() throws IOException {
    ByteArrayOutputStream layer = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(layer)) {
      add(tar, "opt/jre/bin/java", new byte[] {0x7f, 'E', 'L', 'F'});
    }
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      layer.writeTo(gzip);
    }
    base = folder.resolve("base.tar");
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(Files.newOutputStream(base))) {
      add(tar, "layer.tar.gz", packed.toByteArray());
      add(
          tar,
          "config.json",
          """
          {"architecture":"amd64","os":"linux","config":{"Env":["JAVA_HOME=/opt/jre"]},
           "rootfs":{"type":"layers","diff_ids":["%s"]}}
          """
              .formatted(LocalRegistry.digest(layer.toByteArray()))
              .getBytes(UTF_8));
      add(
          tar,
          "manifest.json",
          "[{\"Config\":\"config.json\",\"Layers\":[\"layer.tar.gz\"]}]".getBytes(UTF_8));
    }
  }

  @Test
  void shouldPushAllImagesToARegistryOfThisMachineAndNothingTwice() {
    try (LocalRegistry registry = new LocalRegistry()) {
      // when
      Rack.Outcome pushed = images(Map.of(), "--push", registry.address());

      // then
      assertThat(pushed.exitCode()).as(pushed.err()).isZero();
      List<String> names = pushed.out().lines().toList();
      assertThat(names).allMatch(name -> name.startsWith(registry.address() + "/splitrack/"));
      assertThat(registry.images())
          .containsExactlyElementsOf(
              names.stream()
                  .map(name -> name.substring(registry.address().length() + 1))
                  .sorted()
                  .toList())
          .extracting(name -> name.replaceAll("splitrack/|:.*", ""))
          .containsExactlyElementsOf(MODULES);
      for (String image : registry.images()) {
        assertThat(registry.config(image).path("User").asString()).isEqualTo("10001:10001");
        assertThat(registry.config(image).path("Entrypoint").toString())
            .isEqualTo("[\"java\",\"@/app/options\"]");
        assertThat(registry.config(image).path("Cmd").toString()).isEqualTo("[\"@/app/start\"]");
      }

      // when
      int uploaded = registry.uploaded();
      Rack.Outcome again = images(Map.of(), "--push", registry.address());

      // then
      assertThat(again.exitCode()).as(again.err()).isZero();
      assertThat(registry.uploaded()).isEqualTo(uploaded);
    }
  }

  @Test
  void shouldSayInOneLineThatARegistryRefusesOrIsNotThere() {
    String address;
    try (LocalRegistry registry = new LocalRegistry()) {
      address = registry.address();
      registry.closeToUs();
      Rack.Outcome refused = images(Map.of(), "--push", address);

      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.lastErrorLine())
          .startsWith("rack: cannot make the images")
          .contains("credentials");
      assertThat(registry.images()).isEmpty();
    }

    Rack.Outcome nobody = images(Map.of(), "--push", address);

    assertThat(nobody.exitCode()).isEqualTo(1);
    assertThat(nobody.lastErrorLine()).startsWith("rack: cannot make the images").contains(address);
  }

  @Test
  void shouldPutAllImagesOnTheNodesOfKindAndSayWhatKindSays() throws IOException {
    // given: a command of that name, which writes down what it is asked for
    Path bin = Files.createDirectory(folder.resolve("bin"));
    Path asked = folder.resolve("asked");
    Path kind = Files.writeString(bin.resolve("kind"), "#!/bin/sh\necho \"$@\" >> " + asked + "\n");
    assertThat(kind.toFile().setExecutable(true)).isTrue();
    Map<String, String> path = Map.of("PATH", bin + ":" + System.getenv("PATH"));

    // when
    Rack.Outcome loaded = images(path, "--load-kind");

    // then
    assertThat(loaded.exitCode()).as(loaded.err()).isZero();
    assertThat(Files.readAllLines(asked)).first().isEqualTo("version");
    assertThat(Files.readAllLines(asked).stream().skip(1).map(ImagesIT::moduleLoaded).sorted())
        .containsExactlyElementsOf(MODULES);

    // when
    Files.writeString(
        kind, "#!/bin/sh\necho 'ERROR: no nodes found for cluster \"kind\"' >&2\nexit 1\n");
    Rack.Outcome failed = images(path, "--load-kind");

    // then
    assertThat(failed.exitCode()).isEqualTo(1);
    assertThat(failed.lastErrorLine())
        .isEqualTo("rack: kind version: ERROR: no nodes found for cluster \"kind\"");
  }

  private static String moduleLoaded(String line) {
    assertThat(line).startsWith("load image-archive ");
    Path tar = Path.of(line.substring("load image-archive ".length()));
    assertThat(tar).isNotEmptyFile();
    return tar.getFileName().toString().replace(".tar", "");
  }

  private Rack.Outcome images(Map<String, String> environment, String... words) {
    String[] line = new String[words.length + 3];
    line[0] = "images";
    System.arraycopy(words, 0, line, 1, words.length);
    line[words.length + 1] = "--base";
    line[words.length + 2] = "tar://" + base;
    return rack.commandIn(environment, line);
  }

  private static void add(TarArchiveOutputStream tar, String name, byte[] bytes)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(bytes.length);
    entry.setMode(0100755);
    tar.putArchiveEntry(entry);
    tar.write(bytes);
    tar.closeArchiveEntry();
  }
}
