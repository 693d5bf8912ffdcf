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
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.config.ComponentSettings;
import org.splitrack.fabric.control.ComponentCalls.Heartbeat;
import org.splitrack.fabric.control.ComponentCalls.Register;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.MemoryCalls.CopyStatus;
import org.splitrack.fabric.control.MemoryCalls.ProbeRegions;
import org.splitrack.fabric.control.MemoryCalls.RegionRelease;
import org.splitrack.fabric.control.MemoryCalls.RegionsInstalled;
import org.splitrack.fabric.control.MemoryCalls.ReleaseRegions;
import org.splitrack.fabric.control.MemoryCalls.ReserveRegion;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.InstallAnswer;
import org.splitrack.fabric.region.Learner;
import org.splitrack.fabric.region.RegionConfig;
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
        new ReleaseRegions(identity.boot(), 1, List.of(new RegionRelease(new RegionId(1), 2))),
        SOON);
    await().untilAsserted(() -> assertThat(usedBytes()).isZero());
  }

  @Test
  void shouldSayHowMuchIsLeftAndRefuseWhatDoesNotFit() {
    assertThat(install(1, 4_000)).isEqualTo(1_000);
    assertThat(install(1, 4_000)).isEqualTo(1_000);

    RegionsInstalled refused = call(region(2, 1_001));
    assertThat(refused.answers()).containsExactly(new InstallAnswer(InstallAnswer.Kind.FULL, null));
    assertThat(refused.freePages()).isEqualTo(1_000);
    assertThat(install(2, 1_000)).isZero();
  }

  @Test
  void shouldSetPagesAsideForACopyAndGiveThemBack() {
    RegionConfig row = region(7, 4_000, elsewhere()).learning(learner(), 1);

    client.call(node.endpoint(), new ReserveRegion(identity.boot(), 1, row), SOON);
    client.call(node.endpoint(), new ReserveRegion(identity.boot(), 1, row), SOON);
    assertThat(install(2, 1_000)).isZero();
    assertThatThrownBy(
            () ->
                client.call(
                    node.endpoint(),
                    new ReserveRegion(identity.boot(), 1, region(8, 1, elsewhere())),
                    SOON))
        .isInstanceOfSatisfying(
            ControlFault.class, fault -> assertThat(fault.code()).isEqualTo(ControlFault.Code.FULL))
        .hasMessage("region 8 needs 1 pages; 0 are free");
    assertThat(held())
        .containsExactlyInAnyOrder(
            new CopyStatus(new RegionId(7), 2), new CopyStatus(new RegionId(2), 1));

    client.call(
        node.endpoint(),
        new ReleaseRegions(
            identity.boot(),
            1,
            List.of(new RegionRelease(new RegionId(7), 1), new RegionRelease(new RegionId(2), 2))),
        SOON);
    assertThat(held()).containsExactly(new CopyStatus(new RegionId(7), 2));

    client.call(
        node.endpoint(),
        new ReleaseRegions(identity.boot(), 1, List.of(new RegionRelease(new RegionId(7), 2))),
        SOON);
    assertThat(held()).isEmpty();
    assertThat(install(3, 4_096)).isEqualTo(PAGES - 4_096);
  }

  @Test
  void shouldNotInventACopyThatItWouldHaveToHave() {
    RegionConfig promoted = region(5, 10, elsewhere()).rehomed(here(), List.of(), 1);

    assertThat(call(promoted).answers())
        .containsExactly(new InstallAnswer(InstallAnswer.Kind.NOT_HELD, null));
    assertThat(call(region(5, 10, elsewhere())).answers())
        .containsExactly(new InstallAnswer(InstallAnswer.Kind.NOT_A_MEMBER, null));
    assertThat(held()).isEmpty();
  }

  @Test
  void shouldRefuseCallsForAnotherStart() {
    assertThatThrownBy(
            () -> client.call(node.endpoint(), new ProbeRegions(BootId.random(), false), SOON))
        .isInstanceOfSatisfying(
            ControlFault.class,
            fault -> assertThat(fault.code()).isEqualTo(ControlFault.Code.NOT_FOUND))
        .hasMessageContaining("is boot " + identity.boot());
  }

  @Test
  void shouldReleaseWhatItDoesNotHoldWithoutComplaint() {
    client.call(
        node.endpoint(),
        new ReleaseRegions(identity.boot(), 1, List.of(new RegionRelease(new RegionId(99), 1))),
        SOON);

    assertThat(install(1, 10)).isEqualTo(PAGES - 10);
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

  /** Pages left after it. */
  private long install(int region, int pages) {
    RegionsInstalled installed = call(region(region, pages));
    assertThat(installed.answers().getFirst().kind()).isEqualTo(InstallAnswer.Kind.INSTALLED);
    return installed.freePages();
  }

  private RegionsInstalled call(RegionConfig config) {
    return client.call(node.endpoint(), TestRegions.install(identity.boot(), config), SOON);
  }

  private List<CopyStatus> held() {
    return client.call(node.endpoint(), new ProbeRegions(identity.boot(), true), SOON).copies();
  }

  private RegionConfig region(int region, int pages) {
    return region(region, pages, here());
  }

  private static RegionConfig region(int region, int pages, CopyPlace home) {
    return TestRegions.single(region, region - 1, home, pages);
  }

  private CopyPlace here() {
    return new CopyPlace(identity.component(), identity.boot(), node.endpoint());
  }

  private static CopyPlace elsewhere() {
    Identity other = TestRack.identity("mcomponent-2");
    return new CopyPlace(other.component(), other.boot(), new Endpoint("localhost", 1));
  }

  private Learner learner() {
    return new Learner(here(), Learner.Purpose.SECONDARY);
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
