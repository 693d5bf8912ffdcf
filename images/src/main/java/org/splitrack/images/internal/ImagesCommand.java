package org.splitrack.images.internal;

import com.google.cloud.tools.jib.api.CacheDirectoryCreationException;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.frontend.CredentialRetrieverFactory;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.Progress;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.machine.Installation;
import org.splitrack.cli.internal.machine.RackCounts;
import org.splitrack.cli.internal.machine.RackStart;
import org.splitrack.cli.internal.machine.ServiceProgram;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes the images of all services, and sends them where they are wanted. */
@Command(
    name = "rack images",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Make the container images that the chart uses, without a container engine:",
      "splitrack/MODULE:VERSION for each service. Prints a line for each.",
      ""
    })
public final class ImagesCommand implements Callable<Integer> {
  private static final String BASE_VARIABLE = "SPLITRACK_BASE_IMAGE";
  private static final String PUBLIC_BASE = "eclipse-temurin:25-jre";

  private static final String TAR = "tar://";

  private static final Pattern LOOPBACK = Pattern.compile("(localhost|127(\\.\\d+){3})(:\\d+)?");

  /** What Helm runs once, and so needs no start-up cache. */
  private static final ServiceProgram JOBS =
      new ServiceProgram(
          "cluster-jobs",
          "org.splitrack.jobs.ClusterJobs",
          List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx96m"));

  private final PrintStream out;
  private final Progress progress;
  private final Installation installation;

  @ArgGroup private final Target target = new Target();

  @Option(
      names = "--base",
      paramLabel = "IMAGE|tar://FILE",
      description = "a Java 25 runtime (default: $SPLITRACK_BASE_IMAGE, else " + PUBLIC_BASE + ")")
  private @Nullable String base;

  /** Where to; one of them. */
  static final class Target {
    @Option(
        names = "--tar",
        paramLabel = "DIR",
        description = "a tar of each into this folder (default: target/rack/images)")
    private @Nullable Path folder;

    @Option(
        names = "--load-kind",
        description = "onto the nodes of the kind cluster that runs here")
    private boolean kind;

    @Option(
        names = "--push",
        paramLabel = "REGISTRY",
        description = "to a registry, with the credentials of docker login if there are any")
    private @Nullable String registry;
  }

  private ImagesCommand(PrintStream out, Progress progress, Installation installation) {
    this.out = out;
    this.progress = progress;
    this.installation = installation;
  }

  /** Runs the command; its exit code. */
  public static int run(String... arguments) {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    Progress progress = new Progress(System.err);
    int exitCode =
        new CommandLine(new ImagesCommand(out, progress, Installation.current()))
            .setUsageHelpWidth(100)
            .setExecutionExceptionHandler(
                (e, _, _) -> {
                  if (e instanceof RackFailure failure) {
                    progress.say(RackFailure.reason(failure));
                    return failure.exitCode();
                  }
                  throw e;
                })
            .execute(arguments);
    out.flush();
    return exitCode;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (target.kind) {
      // Before minutes of work.
      kind("version");
    }
    if (baseName().startsWith(TAR) && !Files.exists(Path.of(baseName().substring(TAR.length())))) {
      throw RackFailure.failed("there is no base image " + baseName());
    }
    Path folder = target.folder != null ? target.folder : installation.made().resolve("images");
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw RackFailure.failed("cannot write to " + folder + ": " + RackFailure.reason(e));
    }
    Path scratch = Files.createTempDirectory(installation.made(), "images-");
    try {
      make(folder, scratch);
    } catch (InvalidImageReferenceException e) {
      throw RackFailure.usage(RackFailure.reason(e));
    } catch (RegistryException | CacheDirectoryCreationException | IOException e) {
      throw RackFailure.failed("cannot make the images: " + RackFailure.reason(e));
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw RackFailure.failed(
          "cannot make the images on %s: %s".formatted(baseName(), RackFailure.reason(cause)));
    } finally {
      Scratch.delete(scratch);
    }
    return ExitCode.DONE;
  }

  private void make(Path folder, Path scratch)
      throws IOException,
          InterruptedException,
          InvalidImageReferenceException,
          RegistryException,
          CacheDirectoryCreationException,
          ExecutionException {
    ServiceImage jobs = new ServiceImage(JOBS, installation);
    progress.say("making " + jobs.name() + " on " + baseName());
    Path jobsTar = folder.resolve("cluster-jobs.tar");
    jobs.on(baseName(), Optional.empty(), scratch).containerize(toTar(jobs, jobsTar));
    Optional<StartCache> caches =
        JavaOfBase.unpack(jobsTar, scratch.resolve("java"))
            .map(java -> new StartCache(java, installation.made().resolve("image-caches")));
    if (caches.isEmpty()) {
      progress.say("without start-up caches: the Java of " + baseName() + " does not run here");
    }
    send(jobs, jobsTar);
    for (var role : RackCounts.SERVICES) {
      ServiceImage image = new ServiceImage(ServiceProgram.of(role), installation);
      progress.say("making " + image.name());
      Optional<Path> cache = caches.isPresent() ? caches.get().of(image) : Optional.empty();
      if (caches.isPresent() && cache.isEmpty()) {
        progress.say(image.name() + " gets no start-up cache: its training made none");
      }
      Path tar = folder.resolve(image.program().module() + ".tar");
      image.on(baseName(), cache, scratch).containerize(toTar(image, tar));
      send(image, tar);
    }
  }

  private String baseName() {
    String named = base != null ? base : System.getenv(BASE_VARIABLE);
    return named == null || named.isBlank() ? PUBLIC_BASE : named;
  }

  private void send(ServiceImage image, Path tar)
      throws IOException,
          InterruptedException,
          InvalidImageReferenceException,
          RegistryException,
          CacheDirectoryCreationException,
          ExecutionException {
    if (target.registry != null) {
      ImageReference name = ImageReference.parse(target.registry + "/" + image.name());
      RegistryImage there =
          RegistryImage.named(name)
              .addCredentialRetriever(
                  CredentialRetrieverFactory.forImage(name, _ -> {}).dockerConfig());
      Jib.from(TAR + tar)
          .containerize(
              configured(Containerizer.to(there))
                  .setAllowInsecureRegistries(isOfThisMachine(name.getRegistry())));
      out.println(name);
    } else if (target.kind) {
      kind("load", "image-archive", tar.toString());
      out.println(image.name());
    } else {
      out.println(tar);
    }
  }

  /** A registry there may speak HTTP, as container engines allow too. */
  private static boolean isOfThisMachine(String registry) {
    return LOOPBACK.matcher(registry).matches();
  }

  private static void kind(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("kind"));
    command.addAll(List.of(words));
    Process kind;
    try {
      kind = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw RackFailure.failed("--load-kind needs the command kind on the PATH");
    }
    String said = new String(kind.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (kind.waitFor() != 0) {
      throw RackFailure.failed(
          "%s: %s"
              .formatted(
                  String.join(" ", command),
                  said.strip().lines().reduce("it says nothing", (_, line) -> line)));
    }
  }

  private Containerizer toTar(ServiceImage image, Path tar) throws InvalidImageReferenceException {
    return configured(Containerizer.to(TarImage.at(tar).named(image.name())));
  }

  private Containerizer configured(Containerizer containerizer) {
    return containerizer
        .setToolName("rack images")
        .setToolVersion(RackStart.VERSION)
        .setBaseImageLayersCache(installation.made().resolve("image-layers/base"))
        .setApplicationLayersCache(installation.made().resolve("image-layers/ours"));
  }
}
