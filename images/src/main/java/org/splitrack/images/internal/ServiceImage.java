package org.splitrack.images.internal;

import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.splitrack.cli.internal.machine.Installation;
import org.splitrack.cli.internal.machine.RackStart;
import org.splitrack.cli.internal.machine.ServiceProgram;

/**
 * One service as an image: libraries, our own jars and the AOT cache in layers of their own, so
 * that a new version replaces only the last two. Runs as a numbered user that is not root, and
 * needs no shell: {@code java @/app/options @/app/start}. What is given as the container's
 * arguments takes the place of {@code @/app/start}, so JVM options can be put before it.
 */
final class ServiceImage {
  static final String APP = "/app";

  private static final String USER = "10001:10001";

  private static final String REPOSITORY = "splitrack/";

  private final ServiceProgram program;
  private final Installation.ClassPath classPath;
  private final Path home;

  ServiceImage(ServiceProgram program, Installation installation) {
    this.program = program;
    this.classPath = installation.classPath(program.module());
    this.home = installation.home();
  }

  ServiceProgram program() {
    return program;
  }

  List<Path> jars() {
    return classPath.jars();
  }

  /** Without a registry: {@code splitrack/global-manager:0.1.0}. */
  String name() {
    return REPOSITORY + program.module() + ":" + RackStart.VERSION;
  }

  /** As {@code -cp} takes it, with the jars in one folder. */
  String classPathIn(String folder) {
    return jars().stream()
        .map(jar -> folder + "/" + jar.getFileName())
        .collect(Collectors.joining(":"));
  }

  /**
   * The image, to be sent somewhere.
   *
   * @param base as Jib reads it: a name, or {@code tar://FILE}
   * @param cache the AOT cache of exactly this class path in {@link #APP}, if there is one
   * @param scratch for what is written here
   */
  JibContainerBuilder on(String base, Optional<Path> cache, Path scratch)
      throws IOException, InvalidImageReferenceException {
    return Jib.from(base)
        .setFileEntriesLayers(layers(cache, scratch))
        .setUser(USER)
        .setWorkingDirectory(AbsoluteUnixPath.get(APP))
        .addLabel("org.opencontainers.image.title", "splitrack " + program.module())
        .addLabel("org.opencontainers.image.version", RackStart.VERSION)
        .setEntrypoint("java", "@" + APP + "/options")
        .setProgramArguments("@" + APP + "/start");
  }

  private List<FileEntriesLayer> layers(Optional<Path> cache, Path scratch) throws IOException {
    FileEntriesLayer.Builder libraries = FileEntriesLayer.builder().setName("libraries");
    FileEntriesLayer.Builder ours = FileEntriesLayer.builder().setName("splitrack");
    for (Path jar : jars()) {
      AbsoluteUnixPath place = AbsoluteUnixPath.get(APP + "/lib/" + jar.getFileName());
      (jar.startsWith(home) ? ours : libraries).addEntry(jar, place);
    }
    List<String> options = new ArrayList<>(program.jvmOptions());
    cache.ifPresent(_ -> options.add("-XX:AOTCache=" + APP + "/start.aot"));
    ours.addEntry(
        written(scratch, "options", String.join("\n", options) + "\n"),
        AbsoluteUnixPath.get(APP + "/options"));
    ours.addEntry(
        written(
            scratch,
            "start",
            "-cp\n" + classPathIn(APP + "/lib") + "\n" + program.mainClass() + "\n"),
        AbsoluteUnixPath.get(APP + "/start"));
    ours.addEntry(
        home.resolve(program.module()).resolve("target/classes/META-INF/sbom/application.cdx.json"),
        AbsoluteUnixPath.get(APP + "/sbom.json"));
    List<FileEntriesLayer> layers = new ArrayList<>(List.of(libraries.build(), ours.build()));
    if (cache.isPresent()) {
      layers.add(
          FileEntriesLayer.builder()
              .setName("start-up cache")
              .addEntry(cache.get(), AbsoluteUnixPath.get(APP + "/start.aot"))
              .build());
    }
    return layers;
  }

  private Path written(Path scratch, String name, String text) throws IOException {
    return Files.writeString(scratch.resolve(program.module() + "-" + name), text);
  }
}
