package org.splitrack.scomponent.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.RackId;
import org.splitrack.fabric.config.ComponentSettings;
import org.splitrack.fabric.control.ComponentCalls.Heartbeat;
import org.splitrack.fabric.control.ComponentCalls.HeartbeatAnswer;
import org.splitrack.fabric.control.ComponentCalls.Register;
import org.splitrack.fabric.control.ComponentCalls.Registered;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.control.FileCalls;
import org.splitrack.fabric.control.StorageCalls.AskFences;
import org.splitrack.fabric.control.StorageCalls.CreateExtents;
import org.splitrack.fabric.control.StorageCalls.DeleteExtents;
import org.splitrack.fabric.control.StorageCalls.Fence;
import org.splitrack.fabric.control.StorageCalls.FencePeer;
import org.splitrack.fabric.control.StorageCalls.TrimExtent;
import org.splitrack.fabric.storage.StorageClient;
import org.splitrack.fabric.storage.StorageClient.Place;
import org.splitrack.fabric.storage.StorageFault;
import org.splitrack.fabric.storage.StorageGeometry;
import org.splitrack.fabric.transport.Connection;
import org.splitrack.fabric.transport.Deadline;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.FabricServer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.SharedSecret;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.wire.FrameHeader;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.fabric.wire.MessageType;
import org.splitrack.fabric.wire.Status;

class SComponentNodeTest {
  private static final RackId RACK = new RackId(77);
  private static final SharedSecret SECRET = SharedSecret.parse("00112233445566778899aabbccddeeff");
  private static final ComponentId SELF = ComponentId.parse("scomponent-0");
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final long LIMIT_BYTES = 8L * FileCalls.EXTENT_BYTES;

  @TempDir private Path folder;
  private final TcpTransport transport = new TcpTransport();
  private final Dialer dialer = new Dialer(transport, identity("pcomponent-0"));
  private final ControlClient control =
      new ControlClient(new Dialer(transport, identity("global-manager-0")));
  private final List<Heartbeat> heartbeats = new CopyOnWriteArrayList<>();
  private FabricServer manager;
  private SComponentNode node;
  private StorageClient storage;

  @BeforeEach
  void begin() throws IOException {
    ControlServer calls = new ControlServer(RACK);
    BootId managerBoot = BootId.random();
    calls.register(Register.class, (call, bytes, peer) -> new Registered(managerBoot, 20));
    calls.register(
        Heartbeat.class,
        (call, bytes, peer) -> {
          heartbeats.add(call);
          return new HeartbeatAnswer(true);
        });
    manager =
        FabricServer.start(
            transport,
            identity("global-manager-0"),
            new Endpoint("127.0.0.1", 0),
            Map.of(Lane.CONTROL, calls));
    node = start(0);
    storage = new StorageClient(dialer, component -> node.endpoint(), Duration.ofSeconds(20));
  }

  @AfterEach
  void end() throws IOException {
    storage.close();
    control.close();
    node.close();
    manager.close();
  }

  @Test
  void shouldRegisterAndSayHowMuchItHolds() {
    create(1);
    storage.write(place(1), 0, bytes(1000, 1));

    await().atMost(SOON).until(() -> node.registered());
    await()
        .atMost(SOON)
        .until(() -> heartbeats.stream().anyMatch(beat -> beat.usedBytes() == 1000));
  }

  @Test
  void shouldReadBackWhatWasWrittenWithZerosBetween() {
    create(1, 2);

    storage.write(place(1), 10, bytes(5, 1), bytes(7, 2));
    storage.write(place(1), FileCalls.EXTENT_BYTES - 3, bytes(3, 3));
    long written = storage.write(place(2), 0, bytes(StorageGeometry.MAX_TRANSFER_BYTES, 4));
    long synced = storage.sync(place(2));

    assertThat(synced).isEqualTo(written);
    assertThat(read(1, 8, 20))
        .containsExactly(0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 0, 0, 0, 0, 0, 0);
    assertThat(read(1, FileCalls.EXTENT_BYTES - 4, 4)).containsExactly(0, 3, 3, 3);
    byte[] whole = read(2, 0, StorageGeometry.MAX_TRANSFER_BYTES);
    assertThat(whole).containsOnly(4).hasSize(StorageGeometry.MAX_TRANSFER_BYTES);
  }

  @Test
  void shouldServeManyAtOnce() {
    create(1, 2, 3, 4);
    List<Thread> threads = new java.util.ArrayList<>();
    List<Throwable> failures = new CopyOnWriteArrayList<>();
    for (int worker = 0; worker < 24; worker++) {
      int mine = worker;
      threads.add(
          Thread.ofVirtual()
              .uncaughtExceptionHandler((thread, failure) -> failures.add(failure))
              .start(() -> writeSyncAndCheck(mine)));
    }
    for (Thread thread : threads) {
      assertThat(join(thread)).isTrue();
    }
    assertThat(failures).isEmpty();
  }

  @Test
  void shouldSayWhyNot() {
    create(1);
    assertRefused(
        StorageFault.Reason.NO_SUCH_EXTENT, () -> storage.write(place(2), 0, bytes(1, 1)));
    assertRefused(StorageFault.Reason.NO_SUCH_EXTENT, () -> read(2, 0, 1));
    assertRefused(StorageFault.Reason.NO_SUCH_EXTENT, () -> storage.sync(place(2)));
    assertRefused(
        StorageFault.Reason.FAILED,
        () -> storage.write(place(1), FileCalls.EXTENT_BYTES, bytes(1, 1)));
    assertRefused(StorageFault.Reason.FAILED, () -> read(1, -1, 1));

    assertControlFault(ControlFault.Code.FULL, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    assertControlFault(ControlFault.Code.BAD_REQUEST, -1);
  }

  @Test
  void shouldWriteNothingMoreOfAPeerThatIsFencedUntilItIsTakenAgain() {
    // given
    create(1);
    ComponentId peer = dialer.identity().component();
    BootId boot = dialer.identity().boot();
    storage.write(place(1), 0, bytes(3, 1));
    // when
    control.call(node.endpoint(), new FencePeer(peer, boot, true), SOON);
    // then
    assertRefused(StorageFault.Reason.FAILED, () -> storage.write(place(1), 0, bytes(3, 2)));
    assertThat(read(1, 0, 3)).containsExactly(1, 1, 1);
    assertThat(fences()).containsExactly(new Fence(peer, boot));
    // when
    control.call(node.endpoint(), new FencePeer(peer, boot, false), SOON);
    storage.write(place(1), 0, bytes(3, 3));
    // then
    assertThat(read(1, 0, 3)).containsExactly(3, 3, 3);
    assertThat(fences()).isEmpty();
  }

  private List<Fence> fences() {
    return control.call(node.endpoint(), new AskFences(), SOON).fences();
  }

  @Test
  void shouldSayThatItIsFullAndGoOnAfterADelete() {
    create(1, 2, 3, 4, 5, 6, 7, 8);
    for (int extent = 1; extent <= 8; extent++) {
      storage.write(place(extent), FileCalls.EXTENT_BYTES - 1, bytes(1, 1));
    }
    control.call(node.endpoint(), new TrimExtent(8, 10), SOON);
    control.call(node.endpoint(), new DeleteExtents(List.of(1L)), SOON);
    create(9);
    create(10);
    storage.write(place(9), FileCalls.EXTENT_BYTES - 1, bytes(1, 1));
    storage.write(place(10), FileCalls.EXTENT_BYTES - 12, bytes(1, 1));

    assertRefused(StorageFault.Reason.FULL, () -> storage.write(place(8), 10, bytes(2, 1)));

    storage.write(place(8), 10, bytes(1, 1));
    assertThat(read(8, 10, 1)).containsExactly(1);
  }

  @Test
  void shouldGoOnWithAnSComponentThatWasRestarted() throws IOException {
    create(1);
    long before = storage.write(place(1), 0, bytes(10, 5));
    node.close();
    node = start(0);

    assertThat(read(1, 0, 10)).containsOnly(5);
    assertThat(storage.sync(place(1))).isEqualTo(before);
  }

  @Test
  void shouldGiveUpOnAnSComponentThatIsGoneAndThenFailAtOnce() throws IOException {
    create(1);
    Endpoint gone = node.endpoint();
    node.close();
    try (StorageClient impatient =
        new StorageClient(dialer, component -> gone, Duration.ofMillis(300))) {
      assertRefused(
          StorageFault.Reason.UNREACHABLE, () -> impatient.write(place(1), 0, bytes(1, 1)));
      assertRefused(StorageFault.Reason.UNREACHABLE, () -> impatient.sync(place(1)));
    }
    node = start(0);
  }

  @Test
  void shouldNotWriteToWhoeverElseListensThere() {
    try (StorageClient impatient =
        new StorageClient(dialer, component -> node.endpoint(), Duration.ofMillis(200))) {
      assertRefused(
          StorageFault.Reason.UNREACHABLE,
          () -> impatient.write(new Place(ComponentId.parse("scomponent-1"), 1), 0, bytes(1, 1)));
    }
  }

  @Test
  void shouldCloseAConnectionThatSendsNoFrames() throws IOException {
    assertThat(answerTo(frame((byte) 0x7f, 0))).isNull();
    assertThat(answerTo(frame(MessageType.WRITE_EXTENT, StorageGeometry.MAX_TRANSFER_BYTES + 1)))
        .isNull();
    assertThat(answerTo(frame(MessageType.WRITE_EXTENT, -1))).isNull();
    ByteBuffer otherRack = frame(MessageType.READ_EXTENT, 0);
    otherRack.putLong(8, RACK.value() + 1);
    assertThat(answerTo(otherRack)).isNull();

    create(1);
    assertThat(read(1, 0, 1)).containsExactly(0);
  }

  @Test
  void shouldRefuseARequestForAnotherBoot() throws IOException {
    ByteBuffer request = frame(MessageType.SYNC_EXTENT, 0);
    FrameHeader.bootId(request, 0, 12345);

    assertThat(answerTo(request)).isEqualTo(Status.STALE_BOOT);
  }

  @Test
  void shouldOutliveRandomFrames() throws IOException {
    long seed = Long.getLong("splitrack.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    create(1);
    for (int round = 0; round < 200; round++) {
      byte[] noise = new byte[random.nextInt(1, 300)];
      random.nextBytes(noise);
      ByteBuffer frame = ByteBuffer.wrap(noise).order(ByteOrder.LITTLE_ENDIAN);
      if (noise.length > FrameHeader.BYTES && random.nextBoolean()) {
        FrameHeader.start(
            frame,
            0,
            (byte) (MessageType.READ_EXTENT + random.nextInt(4)),
            noise.length - FrameHeader.BYTES,
            RACK.value());
        FrameHeader.page(frame, 0, random.nextInt());
        FrameHeader.pageVersion(frame, 0, random.nextLong());
      }
      try (Connection connection = dialer.connect(node.endpoint(), Lane.STORAGE, SOON)) {
        connection.link().write(frame);
      }
    }
    storage.write(place(1), 0, bytes(3, 9));
    assertThat(read(1, 0, 3)).as("seed %d", seed).containsExactly(9, 9, 9);
  }

  private void writeSyncAndCheck(int worker) {
    long extent = 1L + worker % 4;
    int offset = worker * 100_000;
    storage.write(place(extent), offset, bytes(100_000, worker));
    storage.sync(place(extent));
    if (!Arrays.equals(read(extent, offset, 100_000), array(100_000, worker))) {
      throw new IllegalStateException("worker " + worker + " reads something else");
    }
  }

  private static boolean join(Thread thread) {
    try {
      return thread.join(Duration.ofSeconds(60));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** The status that answers, or null when the connection is closed instead. */
  private @Nullable Status answerTo(ByteBuffer frame) throws IOException {
    try (Connection connection = dialer.connect(node.endpoint(), Lane.STORAGE, SOON);
        Deadline _ = Deadline.on(connection.link(), SOON)) {
      connection.link().write(frame);
      ByteBuffer reply = ByteBuffer.allocate(FrameHeader.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      while (reply.hasRemaining()) {
        if (connection.link().read(reply) < 0) {
          return null;
        }
      }
      return FrameHeader.status(reply, 0);
    } catch (java.net.SocketException e) {
      return null;
    }
  }

  private static ByteBuffer frame(byte type, int bodyLength) {
    ByteBuffer header = ByteBuffer.allocate(FrameHeader.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    FrameHeader.start(header, 0, type, bodyLength, RACK.value());
    FrameHeader.subject(header, 0, 1);
    return header;
  }

  private void create(long... extents) {
    control.call(node.endpoint(), new CreateExtents(Arrays.stream(extents).boxed().toList()), SOON);
  }

  private void assertControlFault(ControlFault.Code code, long... extents) {
    assertThatThrownBy(() -> create(extents))
        .isInstanceOfSatisfying(
            ControlFault.class, fault -> assertThat(fault.code()).isEqualTo(code));
  }

  private byte[] read(long extent, int offset, int length) {
    ByteBuffer into = ByteBuffer.allocate(length);
    storage.read(place(extent), offset, into);
    return into.array();
  }

  private SComponentNode start(int port) throws IOException {
    Files.createDirectories(folder.resolve("data"));
    return SComponentNode.start(settings(port), identity(SELF.toString()), transport, "none");
  }

  private ComponentSettings settings(int port) {
    Map<String, String> values =
        Map.of(
            "splitrack.component", SELF.toString(),
            "splitrack.rack-id", RACK.toString(),
            "splitrack.secret-file", "unused",
            "splitrack.port", Integer.toString(port),
            "splitrack.manager", manager.endpoint().toString(),
            "splitrack.data-dir", folder.resolve("data").toString(),
            "splitrack.disk-limit", Long.toString(LIMIT_BYTES));
    return ComponentSettings.read(values::get);
  }

  private static Place place(long extent) {
    return new Place(SELF, extent);
  }

  private static ByteBuffer bytes(int count, int value) {
    return ByteBuffer.wrap(array(count, value));
  }

  private static byte[] array(int count, int value) {
    byte[] bytes = new byte[count];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static Identity identity(String component) {
    return new Identity(RACK, ComponentId.parse(component), BootId.random(), SECRET);
  }

  private static void assertRefused(StorageFault.Reason reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StorageFault.class, fault -> assertThat(fault.reason()).isEqualTo(reason));
  }
}
