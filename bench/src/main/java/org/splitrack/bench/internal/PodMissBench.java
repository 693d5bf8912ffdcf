package org.splitrack.bench.internal;

import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.splitrack.bench.BenchRow;
import org.splitrack.bench.BenchRow.Better;
import org.splitrack.bench.PairedSamples;
import org.splitrack.cli.internal.kube.KubeAccess;
import org.splitrack.cli.internal.kube.PodJob;
import org.splitrack.cli.internal.kube.PodPath;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.Role;
import org.splitrack.jobs.internal.pages.PageJobs;

/**
 * A 4 KiB page fetched by a client in a pComponent's pod from an mComponent in a pod on another
 * node, one outstanding, in turn with bare exchanges of the same bytes between the same two pods.
 * The client and the bare answering side are containers that are added to those pods.
 */
final class PodMissBench implements Benchmark {
  private static final ComponentId MANAGER = new ComponentId(Role.GLOBAL_MANAGER, 1_000);
  private static final List<String> JVM =
      List.of(
          "-XX:TieredStopAtLevel=4",
          "-Xmx48m",
          "--enable-native-access=ALL-UNNAMED",
          "@/app/start");
  private static final int FABRIC_PORT = 7000;
  private static final int FIRST_PORT = 20_000;
  private static final int PORTS = 10_000;
  private static final Duration START_LIMIT = Duration.ofSeconds(30);
  private static final Duration RUN_LIMIT = Duration.ofSeconds(95);

  @Override
  public String name() {
    return "miss";
  }

  @Override
  public Set<Site> sites() {
    return Set.of(Site.CLUSTER);
  }

  @Override
  public Optional<String> lacks(BenchedRack rack) {
    return PodPair.onTwoNodes(rack.kube().nodes()).isPresent()
        ? Optional.empty()
        : Optional.of("it needs a pComponent and an mComponent on two nodes");
  }

  @Override
  public List<BenchRow> measure(BenchedRack rack) throws IOException {
    PodPair pair = PodPair.onTwoNodes(rack.kube().nodes()).orElseThrow();
    rack.progress().accept("miss: %s asks %s".formatted(pair.processor(), pair.memory()));
    List<PageJobs.Pair> times = times(rack, pair);
    PairedSamples p50 = new PairedSamples();
    PairedSamples p99 = new PairedSamples();
    for (PageJobs.Pair one : times) {
      p50.add(one.fetchP50(), one.bareP50());
      p99.add(one.fetchP99(), one.bareP99());
    }
    // The bare exchange is in clear: what TLS costs is not the rack's to save.
    boolean tls = rack.kube().usesTls();
    String row = "miss.pods." + (tls ? "mtls" : "plain");
    return List.of(
        BenchRow.paired(
            row + ".p50",
            "us",
            p50,
            MissMeasurement.BASELINE,
            tls ? null : MissMeasurement.P50_BOUND,
            Better.LOWER),
        BenchRow.paired(row + ".p99", "us", p99, MissMeasurement.BASELINE, null, Better.LOWER));
  }

  private static List<PageJobs.Pair> times(BenchedRack rack, PodPair pair) throws IOException {
    KubeAccess kube = rack.kube();
    Random random = new Random();
    String suffix = HexFormat.of().toHexDigits(random.nextInt());
    int port = FIRST_PORT + random.nextInt(PORTS);
    String address = kube.podAddress(pair.memory());
    RackPeer home =
        new RackPeer(pair.memory(), rack.bootOf(pair.memory()), new Endpoint(address, FABRIC_PORT));
    PodPath path = kube.openPath("bench-" + suffix, pair.processor(), pair.memory(), port);
    try (Undo _ = new Undo("close-path", path::close)) {
      InstalledRegion region =
          new InstalledRegion(home, List.of(), kube.dialerAs(MANAGER), kube::reach);
      try (Undo _ = new Undo("release-region", region::close)) {
        PodJob answering =
            kube.startJob(
                pair.memory(),
                "answer-pages-" + suffix,
                arguments("answer-pages"),
                Map.of(PageJobs.PORT, Integer.toString(port)));
        answering.awaitStart(START_LIMIT);
        PodJob fetching =
            kube.startJob(
                pair.processor(),
                "fetch-pages-" + suffix,
                arguments("fetch-pages"),
                Map.of(
                    PageJobs.BARE,
                    address + ":" + port,
                    PageJobs.HOME,
                    home.component().toString(),
                    PageJobs.HOME_BOOT,
                    home.boot().toString(),
                    PageJobs.HOME_ADDRESS,
                    home.endpoint().toString(),
                    PageJobs.REGION,
                    Long.toString(region.config().region().value())));
        fetching.awaitStart(START_LIMIT);
        return fetching.awaitOutput(RUN_LIMIT).stream()
            .filter(PageJobs.Pair::isOne)
            .map(PageJobs.Pair::parse)
            .toList();
      }
    }
  }

  private static List<String> arguments(String job) {
    return Stream.concat(JVM.stream(), Stream.of(job)).toList();
  }
}
