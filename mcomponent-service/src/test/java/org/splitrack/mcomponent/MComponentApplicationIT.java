package org.splitrack.mcomponent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.splitrack.fabric.control.ComponentCalls.Register;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.memory.FramePool;
import org.splitrack.fabric.memory.PageFetcher;
import org.splitrack.fabric.memory.RegionAuthority;
import org.splitrack.fabric.memory.RegionTable;
import org.splitrack.fabric.memory.RemotePages;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.fabric.testkit.TestRack;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.mcomponent.internal.StubManager;
import org.splitrack.mcomponent.internal.TestRegions;

class MComponentApplicationIT {
  private static final long MEMORY_LIMIT = 64L << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir private Path folder;
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void stop() {
    started.forEach(Process::destroyForcibly);
  }

  @Test
  void shouldServePagesFromStartToSigterm() throws Exception {
    TcpTransport transport = new TcpTransport();
    Dialer dialer = new Dialer(transport, TestRack.identity("pcomponent-0"));
    try (StubManager manager = new StubManager(transport);
        ControlClient control =
            new ControlClient(new Dialer(transport, TestRack.identity("global-manager-0")));
        FramePool frames = new FramePool(4)) {
      Process process = start(manager.endpoint().toString());
      Register register = manager.awaitRegistration();
      assertThat(register.pid()).isEqualTo(process.pid());
      assertThat(register.capacityBytes()).isEqualTo(MEMORY_LIMIT);
      await().atMost(PATIENCE).until(() -> readiness(register.httpEndpoint()).contains("UP"));

      RegionConfig config =
          TestRegions.single(
              1,
              0,
              new CopyPlace(register.component(), register.boot(), register.endpoint()),
              4096);
      control.call(register.endpoint(), TestRegions.install(register.boot(), config), PATIENCE);
      RegionTable regions = new RegionTable();
      regions.put(config.grant());
      try (PageFetcher fetcher =
          new RemotePages(
                  dialer, 1, regions, RegionAuthority.NONE, frames, RemotePages.DEFAULT_PATIENCE)
              .fetcher()) {
        fetcher.read(17, 0);
        fetcher.flush();
        assertThat(fetcher.poll(PATIENCE.toNanos(), new Expect(17))).isEqualTo(1);
      }

      process.destroy();

      assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(143);
    }
  }

  @Test
  void shouldRefreshItsContextWithoutAnybodyElse() throws Exception {
    Process process = start("127.0.0.1:1", "-Dspring.context.exit=onRefresh");

    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  private Process start(String manager, String... options) throws IOException {
    Path secret = folder.resolve("secret");
    Files.writeString(secret, "00112233445566778899aabbccddeeff");
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of("-XX:+UseSerialGC", "-Xmx64m", "-XX:TieredStopAtLevel=1"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(MComponentApplication.class.getName());
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "SPLITRACK_COMPONENT",
                "mcomponent-0",
                "SPLITRACK_RACK_ID",
                TestRack.RACK.toString(),
                "SPLITRACK_SECRET_FILE",
                secret.toString(),
                "SPLITRACK_DATA_DIR",
                folder.toString(),
                "SPLITRACK_MANAGER",
                manager,
                "SPLITRACK_MEMORY_LIMIT",
                "67108864",
                "SERVER_PORT",
                "0"));
    Process process = builder.start();
    started.add(process);
    return process;
  }

  private static String readiness(String httpEndpoint) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://" + httpEndpoint + "/actuator/health/readiness");
      return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
    }
  }

  private record Expect(int page) implements PageFetcher.Completions {
    @Override
    public void fetched(int pageNumber, int frame, long version, boolean zero) {
      assertThat(pageNumber).isEqualTo(page);
      assertThat(zero).isTrue();
    }

    @Override
    public void fetchFailed(int pageNumber, int frame) {
      throw new AssertionError("page " + pageNumber + " was not fetched");
    }
  }
}
