package org.splitrack.images.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JavaOfBaseTest {
  private static final String CONFIG = "{\"config\":{\"Env\":[\"JAVA_HOME=/opt/jre\"]}}";

  @TempDir private Path folder;

  @Test
  void shouldUnpackTheJavaOfAnImageAndAskItsVersion() throws Exception {
    Path image =
        image(
            Map.of(
                "opt/jre/bin/java", "#!/bin/sh\necho a java of $(dirname \"$0\")\n",
                "etc/passwd", "root"));

    JavaOfBase java = JavaOfBase.unpack(image, folder.resolve("unpacked")).orElseThrow();

    assertThat(java.version()).startsWith("a java of " + folder.toRealPath());
    assertThat(folder.resolve("unpacked/etc")).doesNotExist();
  }

  @Test
  void shouldDoWithoutOneThatDoesNotRunHere() throws Exception {
    assertThat(JavaOfBase.unpack(image(Map.of("opt/jre/bin/java", "\u007fELF")), folder)).isEmpty();
    assertThat(JavaOfBase.unpack(image(Map.of("etc/passwd", "root")), folder.resolve("none")))
        .isEmpty();
  }

  @Test
  void shouldWriteNothingOutsideItsFolder() throws Exception {
    Path image = image(Map.of("opt/jre/../../../outside", "evil"));

    assertThatThrownBy(() -> JavaOfBase.unpack(image, folder.resolve("deep/unpacked")))
        .hasMessageContaining("outside of its root");
    assertThat(folder.resolve("deep/outside")).doesNotExist();
  }

  /** As Jib writes it: a packed layer in a plain tar. */
  private Path image(Map<String, String> files) throws IOException {
    ByteArrayOutputStream layer = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar =
        new TarArchiveOutputStream(new GZIPOutputStream(layer), "UTF-8")) {
      for (Map.Entry<String, String> file : files.entrySet()) {
        add(tar, file.getKey(), file.getValue().getBytes(StandardCharsets.UTF_8));
      }
    }
    Path image = Files.createTempFile(folder, "image", ".tar");
    try (TarArchiveOutputStream tar =
        new TarArchiveOutputStream(Files.newOutputStream(image), "UTF-8")) {
      add(tar, "layer.tar.gz", layer.toByteArray());
      add(tar, "config.json", CONFIG.getBytes(StandardCharsets.UTF_8));
      add(
          tar,
          "manifest.json",
          "[{\"Config\":\"config.json\",\"Layers\":[\"layer.tar.gz\"]}]"
              .getBytes(StandardCharsets.UTF_8));
    }
    return image;
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
