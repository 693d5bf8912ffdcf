package org.splitrack.images.internal;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.splitrack.cli.internal.Json;
import tools.jackson.databind.JsonNode;

/**
 * The Java of an image, unpacked here: an AOT cache fits only the JVM that made it. Layers may come
 * from anywhere, so nothing outside the folder is ever written.
 */
final class JavaOfBase {
  private static final String DEFAULT_JAVA_HOME = "/opt/java/openjdk";
  private static final long MOST_BYTES = 2L << 30;
  private static final long VERSION_LIMIT_S = 20;

  private final Path home;
  private final String version;

  private JavaOfBase(Path home, String version) {
    this.home = home;
    this.version = version;
  }

  Path java() {
    return home.resolve("bin").resolve("java");
  }

  /** What {@code java -version} says: caches of another one do not fit. */
  String version() {
    return version;
  }

  /**
   * Unpacks it from an image's tar.
   *
   * @return empty when there is none, or it does not run on this machine
   */
  static Optional<JavaOfBase> unpack(Path imageTar, Path folder)
      throws IOException, InterruptedException {
    JsonNode manifest = Json.MAPPER.readTree(file(imageTar, "manifest.json")).path(0);
    JsonNode config = Json.MAPPER.readTree(file(imageTar, manifest.path("Config").asString()));
    String javaHome = DEFAULT_JAVA_HOME;
    for (JsonNode variable : config.path("config").path("Env")) {
      if (variable.asString().startsWith("JAVA_HOME=")) {
        javaHome = variable.asString().substring("JAVA_HOME=".length());
      }
    }
    Path root = Files.createDirectories(folder).toRealPath();
    for (JsonNode layer : manifest.path("Layers")) {
      unpackLayer(imageTar, layer.asString(), javaHome.substring(1) + "/", root);
    }
    Path home = root.resolve(javaHome.substring(1));
    return version(home).map(version -> new JavaOfBase(home, version));
  }

  private static byte[] file(Path imageTar, String name) throws IOException {
    try (TarArchiveInputStream tar = open(Files.newInputStream(imageTar))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (entry.getName().equals(name)) {
          return tar.readAllBytes();
        }
      }
    }
    throw new IOException(imageTar + " has no " + name);
  }

  private static TarArchiveInputStream open(InputStream bytes) {
    return new TarArchiveInputStream(new BufferedInputStream(bytes, 1 << 16));
  }

  private static void unpackLayer(Path imageTar, String layer, String prefix, Path root)
      throws IOException {
    try (TarArchiveInputStream image = open(Files.newInputStream(imageTar))) {
      for (TarArchiveEntry part = image.getNextEntry(); part != null; part = image.getNextEntry()) {
        if (part.getName().equals(layer)) {
          unpackFiles(open(plain(image)), prefix, root);
          return;
        }
      }
    }
  }

  /** Layers are packed in one image's tar and plain in another's. */
  private static InputStream plain(InputStream layer) throws IOException {
    BufferedInputStream bytes = new BufferedInputStream(layer, 1 << 16);
    bytes.mark(2);
    boolean gzip = bytes.read() == 0x1f && bytes.read() == 0x8b;
    bytes.reset();
    return gzip ? new GZIPInputStream(bytes, 1 << 16) : bytes;
  }

  private static void unpackFiles(TarArchiveInputStream files, String prefix, Path root)
      throws IOException {
    List<Path[]> links = new ArrayList<>();
    long unpacked = 0;
    for (TarArchiveEntry entry = files.getNextEntry();
        entry != null;
        entry = files.getNextEntry()) {
      String name =
          entry.getName().startsWith("./") ? entry.getName().substring(2) : entry.getName();
      if (!name.startsWith(prefix)) {
        continue;
      }
      Path target = inside(root, name);
      unpacked += entry.getSize();
      if (unpacked > MOST_BYTES) {
        throw new IOException("the base's Java has more than " + MOST_BYTES + " bytes");
      }
      if (entry.isDirectory()) {
        Files.createDirectories(target);
      } else if (entry.isSymbolicLink() || entry.isLink()) {
        Path source =
            entry.isLink()
                ? inside(root, entry.getLinkName())
                : inside(root, root.relativize(target.getParent()) + "/" + entry.getLinkName());
        links.add(new Path[] {source, target});
      } else if (entry.isFile()) {
        Files.createDirectories(target.getParent());
        Files.copy(files, target, StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(
            target,
            PosixFilePermissions.fromString(
                (entry.getMode() & 0100) != 0 ? "rwxr-xr-x" : "rw-r--r--"));
        Files.setLastModifiedTime(target, entry.getLastModifiedTime());
      }
    }
    // Copies rather than links: what a link points to may lie outside.
    for (Path[] link : links) {
      if (Files.isRegularFile(link[0])) {
        Files.createDirectories(link[1].getParent());
        Files.copy(link[0], link[1], StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private static Path inside(Path root, String name) throws IOException {
    Path path = root.resolve(name).normalize();
    if (!path.startsWith(root)) {
      throw new IOException("the base image has a file outside of its root: " + name);
    }
    return path;
  }

  private static Optional<String> version(Path home) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(home.resolve("bin").resolve("java").toString(), "-version")
              .redirectErrorStream(true)
              .start();
      String said =
          new String(
              process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      boolean ended = process.waitFor(VERSION_LIMIT_S, TimeUnit.SECONDS);
      return ended && process.exitValue() == 0 ? Optional.of(said) : Optional.empty();
    } catch (IOException otherMachine) {
      return Optional.empty();
    }
  }
}
