package org.splitrack.bench.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.splitrack.bench.BenchRow;
import org.splitrack.bench.BenchRow.Better;
import org.splitrack.bench.Samples;
import org.splitrack.cli.internal.kube.OwnNamespace;
import org.splitrack.cli.internal.kube.ReleaseName;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * From {@code helm install} of the checkout's chart into a namespace of its own to the end of the
 * first program, whose result is right, as a person would do it with images that the nodes have.
 * The images are those of the release that {@code --kube} names, or the chart's own without one.
 */
final class InstallBench implements Benchmark {
  private static final double BOUND_S = 90;
  private static final Duration INSTALL_LIMIT = Duration.ofSeconds(95);
  private static final Duration RUN_LIMIT = Duration.ofSeconds(30);
  private static final Duration LOOK_LIMIT = Duration.ofSeconds(10);
  private static final String RELEASE = "rack";
  private static final String PROGRAM = "matrix_multiply";

  private final Path home;
  private final ReleaseName named;

  /**
   * @param home the checkout
   * @param named whose images are taken, if it is there
   */
  InstallBench(Path home, ReleaseName named) {
    this.home = home;
    this.named = named;
  }

  @Override
  public String name() {
    return "install";
  }

  @Override
  public Set<Site> sites() {
    return Set.of(Site.CLUSTER);
  }

  @Override
  public boolean usesTheRack() {
    return false;
  }

  @Override
  public Optional<String> lacks(BenchedRack rack) throws InterruptedException {
    try {
      LocalCommand.succeed(LOOK_LIMIT, List.of("helm", "version"));
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("it needs helm on the PATH");
    }
  }

  @Override
  public List<BenchRow> measure(BenchedRack rack) throws IOException, InterruptedException {
    String number = HexFormat.of().toHexDigits(new Random().nextInt());
    OwnNamespace namespace = OwnNamespace.make("splitrack-bench-" + number);
    double seconds;
    try (Undo _ = new Undo("remove-namespace", namespace::close)) {
      rack.progress().accept("install: into the namespace " + namespace.name());
      seconds = seconds(namespace.name());
      rack.progress().accept("install: removing the namespace");
    }
    return List.of(
        BenchRow.absolute("install.seconds", "s", Samples.of(seconds), BOUND_S, Better.LOWER));
  }

  private double seconds(String namespace) throws IOException, InterruptedException {
    List<String> helm =
        new ArrayList<>(
            List.of(
                "helm",
                "-n",
                namespace,
                "install",
                RELEASE,
                home.resolve("helm/splitrack").toString(),
                "--wait",
                "--timeout",
                INSTALL_LIMIT.toSeconds() + "s"));
    images().ifPresent(images -> helm.addAll(List.of("--set-json", "image=" + images)));
    String expected = Files.readString(home.resolve("examples/expected").resolve(PROGRAM + ".txt"));
    List<String> run =
        List.of(
            home.resolve("rack").toString(),
            "--kube",
            namespace + "/" + RELEASE,
            "run",
            home.resolve("examples").resolve(PROGRAM + ".wasm").toString());
    long startNs = System.nanoTime();
    LocalCommand.succeed(INSTALL_LIMIT.plusSeconds(5), helm);
    String printed = LocalCommand.succeed(RUN_LIMIT, run);
    double seconds = (System.nanoTime() - startNs) / 1e9;
    if (!printed.equals(expected)) {
      throw new IOException("the first program printed a wrong result: " + printed);
    }
    return seconds;
  }

  /** Where the named release has its images from, as JSON. */
  private Optional<String> images() throws IOException, InterruptedException {
    LocalCommand values =
        LocalCommand.run(
            LOOK_LIMIT,
            List.of(
                "helm", "-n", named.namespace(), "get", "values", named.release(), "-o", "json"));
    if (values.exitCode() != 0) {
      return Optional.empty();
    }
    JsonNode image = JsonMapper.shared().readTree(values.out()).path("image");
    return image.isObject() ? Optional.of(image.toString()) : Optional.empty();
  }
}
