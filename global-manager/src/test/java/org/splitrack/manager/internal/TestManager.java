package org.splitrack.manager.internal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.RackId;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.control.ProcessSpec;
import org.splitrack.fabric.report.StateChange.Event;
import org.splitrack.fabric.testkit.RecordingStateReporter;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.FabricServer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.SharedSecret;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.manager.internal.authority.Guard;
import org.splitrack.manager.internal.authority.InMemoryConfigStore;
import org.splitrack.manager.internal.authority.MigrationLog;
import org.splitrack.manager.internal.authority.MigrationTask;
import org.splitrack.manager.internal.authority.NumberSource;
import org.splitrack.manager.internal.authority.NumberSupply;
import org.splitrack.manager.internal.authority.Tables;
import org.splitrack.manager.internal.membership.Member;
import org.splitrack.manager.internal.membership.Membership;
import org.splitrack.manager.internal.membership.SilenceLimits;
import org.splitrack.manager.internal.process.KeptPrograms;
import org.splitrack.manager.internal.process.ProgramStore;
import org.splitrack.manager.internal.report.RackReports;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.AbstractDataSource;

/**
 * The manager's own parts on a real port, without Spring, Kafka and PostgreSQL, and with a clock
 * for silence that the test moves.
 */
final class TestManager implements FakeRack, AutoCloseable {
  private static final RackId RACK = new RackId(0x5eedL);
  private static final SharedSecret SECRET = SharedSecret.parse("00112233445566778899aabbccddeeff");

  final RecordingStateReporter reporter = new RecordingStateReporter();
  final InMemoryConfigStore store = new InMemoryConfigStore();
  final LeadOnLoan lead = new LeadOnLoan(store);
  final Membership membership = new Membership(SilenceLimits.defaults(), 0);
  final KeptPrograms archive = new KeptPrograms();
  final ProgramStore programs;
  final ManagerParts parts;
  private final ControlClient control;
  private final FabricServer server;
  private long nowNs;

  /** Migrations of an earlier leader, and what was stored of those of this one. */
  private final KeptMigrations migrations = new KeptMigrations();

  private static final class KeptMigrations implements MigrationLog {
    private final Map<Long, MigrationTask> tasks = new ConcurrentHashMap<>();

    @Override
    public void put(List<MigrationTask> newest) {
      newest.forEach(task -> tasks.put(task.migration(), task));
    }

    @Override
    public List<MigrationTask> open() {
      return tasks.values().stream().filter(task -> task.endedAt() == null).toList();
    }

    @Override
    public List<MigrationTask> ended(int limit) {
      return tasks.values().stream()
          .filter(task -> task.endedAt() != null)
          .sorted(Comparator.comparingLong(MigrationTask::migration).reversed())
          .limit(limit)
          .toList();
    }
  }

  TestManager(Path folder) throws IOException {
    Identity identity = identity(ComponentId.parse("global-manager-0"), BootId.random());
    control = new ControlClient(new Dialer(new TcpTransport(), identity));
    programs = ProgramStore.open(folder, 1 << 20, archive);
    parts =
        ManagerParts.of(
            identity,
            lead.asSeenByTheManager(),
            migrations,
            membership,
            programs,
            new Tables(JdbcClient.create(new AwayDataSource()), new Guard("PostgreSQL")),
            new ManagerParts.Sources(numbers(), numbers(), numbers(), numbers()),
            control,
            new RackReports(
                reporter, component -> membership.member(component).map(Member::node).orElse("")),
            InstantSource.system());
    parts.fillNumbers().set(() -> Thread.ofVirtual().start(this::fillNumbers));
    fillNumbers();
    parts.watch().start();
    parts.leaderStart().begin();
    ControlServer calls = new ControlServer(RACK);
    parts.calls().registerAt(calls);
    server =
        FabricServer.start(
            new TcpTransport(),
            identity,
            new Endpoint("127.0.0.1", 0),
            Map.of(Lane.CONTROL, calls));
    silence(TimeUnit.NANOSECONDS.toMillis(SilenceLimits.defaults().registerNs()));
  }

  /** A database that is not there. */
  private static final class AwayDataSource extends AbstractDataSource {
    @Override
    public Connection getConnection() throws SQLException {
      throw new SQLException("Connection refused");
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
      return getConnection();
    }
  }

  private static NumberSource numbers() {
    AtomicLong next = new AtomicLong(1);
    return count -> {
      long from = next.getAndAdd(count);
      return LongStream.range(from, from + count).boxed().toList();
    };
  }

  private synchronized void fillNumbers() {
    parts.numbers().all().forEach(NumberSupply::fill);
  }

  @Override
  public Identity identity(ComponentId component, BootId boot) {
    return new Identity(RACK, component, boot, SECRET);
  }

  @Override
  public Endpoint endpoint() {
    return server.endpoint();
  }

  /** Lets silence last, as the manager's clockwork sees it. */
  void silence(long ms) {
    for (long i = 0; i < ms; i += 100) {
      nowNs += TimeUnit.MILLISECONDS.toNanos(100);
      parts.reactions().on(membership.tick(nowNs));
    }
  }

  /** Stores a program and says how to run it. */
  ProcessSpec program(String text) {
    return program(text, "none", "fail");
  }

  ProcessSpec program(String text, String ack, String onFailure) {
    try {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
      programs.put(digest, new ByteArrayInputStream(bytes));
      return new ProcessSpec(
          "word_count",
          digest,
          List.of("word_count", "/text"),
          Map.of(),
          List.of(),
          "default",
          "me",
          null,
          ack,
          "leap",
          "clock",
          "default",
          false,
          onFailure,
          true);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  List<String> eventNames() {
    return reporter.changes(Event.class).stream().map(Event::name).toList();
  }

  @Override
  public void close() {
    parts.watch().close();
    server.close();
    control.close();
  }
}
