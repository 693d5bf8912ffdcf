package org.splitrack.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

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

  private static final int MAX_LIBRARIES = 64 << 20;
  private static final int MAX_OURS = 4 << 20;

  private static final Pattern SECRET =
      Pattern.compile("(?i)password|token|secret|credential|private|\\.(pem|key|p12|jks|env)\\b");

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

  /** With a base whose Java runs here there is a third layer, of the start-up cache alone. */
  @Test
  void shouldHoldTheJarsAndAListOfThemAndNothingOfThisMachine() throws IOException {
    try (LocalRegistry registry = new LocalRegistry()) {
      assertThat(images(Map.of(), "--push", registry.address()).exitCode()).isZero();
      String here = Rack.checkout().toString();

      for (String image : registry.images()) {
        List<byte[]> ours = registry.layers(image).subList(1, registry.layers(image).size());
        assertThat(registry.description(image).toString())
            .as(image)
            .doesNotContain(here)
            .doesNotContainPattern(SECRET);
        assertThat(ours).as(image).hasSize(2);
        assertThat(ours.get(0).length).as("libraries of " + image).isLessThan(MAX_LIBRARIES);
        assertThat(ours.get(1).length).as("our own in " + image).isLessThan(MAX_OURS);
        Map<String, byte[]> files = new TreeMap<>();
        for (byte[] layer : ours) {
          files.putAll(filesIn(layer));
        }
        assertThat(files.keySet())
            .as(image)
            .contains("app/sbom.json", "app/options", "app/start")
            .allMatch(name -> name.matches("app/(sbom.json|options|start|lib/[^/]+\\.jar)"))
            .noneMatch(name -> SECRET.matcher(name).find());
        for (Map.Entry<String, byte[]> file : filesIn(ours.get(1)).entrySet()) {
          assertSaysNothingOf(here, image + " " + file.getKey(), file.getValue());
        }
        assertListsAll(image, files);
      }
    }
  }

  /** Each jar is a component of the list, by its name and version. */
  private static void assertListsAll(String image, Map<String, byte[]> files) {
    JsonNode list = JsonMapper.shared().readTree(files.get("app/sbom.json"));
    assertThat(list.path("bomFormat").asString()).isEqualTo("CycloneDX");
    Set<String> listed =
        Stream.concat(
                Stream.of(list.path("metadata").path("component")),
                list.path("components").valueStream())
            .map(one -> one.path("name").asString() + "-" + one.path("version").asString())
            .collect(Collectors.toSet());
    assertThat(files.keySet().stream().filter(name -> name.endsWith(".jar")))
        .as(image)
        .hasSizeGreaterThan(3)
        .anyMatch(name -> name.startsWith("app/lib/fabric-"))
        .allMatch(
            name -> {
              String jar = name.replace("app/lib/", "").replace(".jar", "");
              return listed.contains(jar) || listed.stream().anyMatch(jar::startsWith);
            });
    if (!image.contains("cluster-jobs")) {
      assertThat(listed).anyMatch(name -> name.startsWith("spring-boot-"));
    }
  }

  private static void assertSaysNothingOf(String here, String name, byte[] bytes)
      throws IOException {
    assertThat(new String(bytes, ISO_8859_1)).as(name).doesNotContain(here);
    if (name.endsWith(".jar")) {
      try (ZipInputStream jar = new ZipInputStream(new ByteArrayInputStream(bytes))) {
        for (ZipEntry entry = jar.getNextEntry(); entry != null; entry = jar.getNextEntry()) {
          assertThat(new String(jar.readAllBytes(), ISO_8859_1).contains(here))
              .as(name + " " + entry.getName())
              .isFalse();
        }
      }
    }
  }

  private static Map<String, byte[]> filesIn(byte[] layer) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(new GZIPInputStream(new ByteArrayInputStream(layer)))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (entry.isFile()) {
          files.put(entry.getName(), tar.readAllBytes());
        }
      }
    }
    return files;
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
