package org.splitrack.mcomponent.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.config.ComponentSettings;
import org.splitrack.fabric.control.ComponentCalls.Heartbeat;
import org.splitrack.fabric.control.ComponentCalls.Register;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.MemoryCalls.InstallRegion;
import org.splitrack.fabric.control.MemoryCalls.Installed;
import org.splitrack.fabric.control.MemoryCalls.RegionRelease;
import org.splitrack.fabric.control.MemoryCalls.ReleaseRegions;
import org.splitrack.fabric.testkit.TestRack;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.JvmTransport;

class MComponentNodeTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final int PAGES = 5_000;

  private final JvmTransport transport = new JvmTransport();
  private final Identity identity = TestRack.identity("mcomponent-1");
  private final ControlClient client =
      new ControlClient(new Dialer(transport, TestRack.identity("global-manager-0")));
  private StubManager manager;
  private MComponentNode node;

  @BeforeEach
  void start() throws IOException {
    manager = new StubManager(transport);
    node =
        MComponentNode.start(
            settings((long) PAGES * PageGeometry.PAGE_BYTES + 17),
            identity,
            transport,
            "127.0.0.1:9");
  }

  @AfterEach
  void stop() {
    node.close();
    client.close();
    manager.close();
  }

  @Test
  void shouldRegisterWithWhatItOffers() throws InterruptedException {
    Register register = manager.awaitRegistration();

    assertThat(register.component()).isEqualTo(identity.component());
    assertThat(register.boot()).isEqualTo(identity.boot());
    assertThat(register.endpoint()).isEqualTo(node.endpoint());
    assertThat(register.capacityBytes()).isEqualTo((long) PAGES * PageGeometry.PAGE_BYTES);
    await().until(node::registered);
  }

  @Test
  void shouldReportWhatIsReserved() {
    install(1, 4_000);
    await()
        .untilAsserted(() -> assertThat(usedBytes()).isEqualTo(4_000L * PageGeometry.PAGE_BYTES));

    client.call(
        node.endpoint(),
        new ReleaseRegions(new BootId(1), 1, List.of(new RegionRelease(new RegionId(1), 1))),
        SOON);
    await().untilAsserted(() -> assertThat(usedBytes()).isZero());
  }

  @Test
  void shouldSayHowMuchIsLeftAndRefuseWhatDoesNotFit() {
    assertThat(install(1, 4_000)).isEqualTo(new Installed(1_000));
    assertThat(install(1, 4_000)).isEqualTo(new Installed(1_000));

    assertThatThrownBy(() -> install(2, 1_001))
        .isInstanceOfSatisfying(
            ControlFault.class, fault -> assertThat(fault.code()).isEqualTo(ControlFault.Code.FULL))
        .hasMessage("region 2 needs 1001 pages; 1000 are free");
    assertThat(install(2, 1_000)).isEqualTo(new Installed(0));
  }

  @Test
  void shouldReleaseWhatItDoesNotHoldWithoutComplaint() {
    client.call(
        node.endpoint(),
        new ReleaseRegions(new BootId(1), 1, List.of(new RegionRelease(new RegionId(99), 1))),
        SOON);

    assertThat(install(1, 10)).isEqualTo(new Installed(PAGES - 10));
  }

  @Test
  void shouldRefuseAMemoryLimitWithoutAPage() {
    assertThatThrownBy(
            () -> MComponentNode.start(settings(4_095), identity, transport, "127.0.0.1:9"))
        .hasMessageContaining("splitrack.memory-limit = 4095");
  }

  private long usedBytes() {
    Heartbeat heartbeat = manager.latestHeartbeat();
    return Objects.requireNonNull(heartbeat).usedBytes();
  }

  private Installed install(int region, int pages) {
    return client.call(
        node.endpoint(),
        new InstallRegion(new RegionId(region), 1, new ProcessId(1), 1, region - 1, pages),
        SOON);
  }

  private ComponentSettings settings(long memoryLimit) {
    Endpoint managerEndpoint = manager.endpoint();
    return ComponentSettings.read(
        Map.of(
                "splitrack.component", "mcomponent-1",
                "splitrack.rack-id", TestRack.RACK.toString(),
                "splitrack.secret-file", Path.of("unused").toString(),
                "splitrack.data-dir", Path.of("unused").toString(),
                "splitrack.manager", managerEndpoint.toString(),
                "splitrack.memory-limit", Long.toString(memoryLimit))
            ::get);
  }
}
