package org.splitrack.cli.internal.machine;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.splitrack.cli.internal.RackFailure;

/**
 * What the build made, ready to be started: class paths by module. Our own jars are copied under a
 * name that holds their digest, so that a rebuild neither pulls classes from under a running rack
 * nor, when it changed nothing, makes an AOT cache useless.
 *
 * <p>Not safe for several threads; callers hold the state directory's lock, and copies of the same
 * content are the same, so that two racks do not disturb each other.
 */
public final class Installation {
  /** Copies of one jar, or caches of one module, that are kept: the last may still be running. */
  private static final int KEPT = 2;

  private static final String LAUNCHED = "rack-cli";

  private final Path home;

  public Installation(Path home) {
    this.home = home;
  }

  /** The one that the launcher script belongs to. */
  public static Installation current() {
    String home = System.getProperty("splitrack.home");
    if (home == null) {
      throw RackFailure.failed("start this through the script ./rack");
    }
    return new Installation(Path.of(home));
  }

  public Path home() {
    return home;
  }

  /** Where what is made once per build lies. */
  public Path made() {
    return home.resolve("target").resolve("rack");
  }

  /** The JDK that runs this, and shall run the services. */
  static Path java() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }

  /** A module's jar and all that it needs, none of which changes while it runs. */
  public ClassPath classPath(String module) {
    try {
      List<Path> jars = new ArrayList<>();
      for (Path jar : built(module)) {
        jars.add(jar.startsWith(home) ? stage(jar) : jar);
      }
      return new ClassPath(module, List.copyOf(jars));
    } catch (IOException e) {
      throw notBuilt(module, e);
    }
  }

  /** The class path of the launcher script: as the build left it. */
  ClassPath launcherClassPath() {
    try {
      return new ClassPath(LAUNCHED, built(LAUNCHED));
    } catch (IOException e) {
      throw notBuilt(LAUNCHED, e);
    }
  }

  private List<Path> built(String module) throws IOException {
    Path target = home.resolve(module).resolve("target");
    List<Path> jars = new ArrayList<>(List.of(jarOf(module, target)));
    for (String entry :
        Files.readString(target.resolve("classpath")).strip().split(File.pathSeparator, -1)) {
      jars.add(Path.of(entry));
    }
    return jars;
  }

  private static RackFailure notBuilt(String module, IOException e) {
    return RackFailure.failed(
        "%s is not built (%s): run ./mvnw -Dmaven.test.skip package"
            .formatted(module, RackFailure.reason(e)));
  }

  private static Path jarOf(String module, Path target) throws IOException {
    try (Stream<Path> files = Files.list(target)) {
      return files
          .filter(f -> isMainJar(module, f.getFileName().toString()))
          .findFirst()
          .orElseThrow(() -> new IOException("no jar in " + target));
    }
  }

  private static boolean isMainJar(String module, String name) {
    return name.startsWith(module + "-")
        && name.endsWith(".jar")
        && Stream.of("-tests.jar", "-sources.jar", "-javadoc.jar").noneMatch(name::endsWith);
  }

  private Path stage(Path jar) throws IOException {
    Path folder = Files.createDirectories(made().resolve("jars"));
    String name = jar.getFileName().toString();
    String stem = name.substring(0, name.length() - ".jar".length());
    Path staged = folder.resolve(stem + "-" + digest(Files.readAllBytes(jar)) + ".jar");
    if (!Files.exists(staged)) {
      Path next = Files.createTempFile(folder, stem, ".next");
      Files.copy(jar, next, StandardCopyOption.REPLACE_EXISTING);
      Files.move(next, staged, StandardCopyOption.ATOMIC_MOVE);
      prune(folder, stem + "-");
    }
    return staged;
  }

  static String digest(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Deletes all but the newest {@link #KEPT} files whose names start so. */
  static void prune(Path folder, String prefix) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> oldestLast =
          files
              .filter(f -> f.getFileName().toString().startsWith(prefix))
              .sorted(
                  java.util.Comparator.comparingLong((Path f) -> f.toFile().lastModified())
                      .reversed())
              .toList();
      for (Path old : oldestLast.stream().skip(KEPT).toList()) {
        Files.deleteIfExists(old);
      }
    }
  }

  /**
   * Jars in the order in which they are searched.
   *
   * @param module whose they are
   */
  public record ClassPath(String module, List<Path> jars) {
    /** As {@code -cp} takes it. */
    String argument() {
      return String.join(File.pathSeparator, jars.stream().map(Path::toString).toList());
    }

    /** Without our own modules: what Kafka needs of rack-cli's; no rebuild changes it. */
    ClassPath librariesAs(String name, Path home) {
      return new ClassPath(name, jars.stream().filter(jar -> !jar.startsWith(home)).toList());
    }

    /** Names this very content: our jars carry their digest, libraries their version. */
    String digest() {
      return Installation.digest(argument().getBytes(StandardCharsets.UTF_8));
    }
  }
}
