package org.splitrack.manager.internal;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.fabric.report.StateChange.ComponentState;
import org.splitrack.manager.internal.authority.ConfigStore;
import org.splitrack.manager.internal.authority.Guard;
import org.splitrack.manager.internal.authority.NumberSupply;
import org.splitrack.manager.internal.authority.Tables;
import org.splitrack.manager.internal.membership.Member;
import org.splitrack.manager.internal.membership.MemberState;
import org.splitrack.manager.internal.pod.Waits;
import org.splitrack.manager.internal.report.RackReports;

/**
 * PostgreSQL and Kafka as the manager finds them, and the manager itself: they send it no
 * heartbeats, so it speaks for them. Also keeps numbers in stock.
 */
final class BackingServices {
  static final String POSTGRES = "postgres";
  static final String KAFKA = "kafka";
  private static final ComponentId POSTGRES_0 = new ComponentId(Role.POSTGRES, 0);
  private static final ComponentId KAFKA_0 = new ComponentId(Role.KAFKA, 0);
  private static final long FLUSH_MS = 1_000;
  private static final long REPORT_NS = TimeUnit.SECONDS.toNanos(1);

  private final ComponentId self;
  private final BootId boot;
  private final String node;
  private final Tables tables;
  private final EarlierStart earlier;
  private final Guard kafkaGuard;
  private final Readiness readiness;
  private final Waits waits;
  private final ConfigStore store;
  private final RackReports reports;
  private final InstantSource clock;

  private final Reign reign;
  private final List<NumberSupply> numbers;

  /** Each used by the one thread that takes that kind of step. */
  private boolean tablesAreThere;

  private @Nullable BootId postgresBoot;
  private long postgresReportedNs = System.nanoTime() - REPORT_NS;
  private @Nullable BootId kafkaBoot;
  private boolean wasReady;

  BackingServices(
      ComponentId self,
      BootId boot,
      String node,
      Tables tables,
      Reign reign,
      List<NumberSupply> numbers,
      EarlierStart earlier,
      Guard kafkaGuard,
      Readiness readiness,
      Waits waits,
      ConfigStore store,
      RackReports reports,
      InstantSource clock) {
    this.self = self;
    this.boot = boot;
    this.node = node;
    this.tables = tables;
    this.reign = reign;
    this.numbers = List.copyOf(numbers);
    this.earlier = earlier;
    this.kafkaGuard = kafkaGuard;
    this.readiness = readiness;
    this.waits = waits;
    this.store = store;
    this.reports = reports;
    this.clock = clock;
  }

  /** Looks at PostgreSQL, and takes what is needed from it; always called by the same thread. */
  void stepPostgres() {
    try {
      if (!tablesAreThere && !tables.areThere()) {
        readiness.missing(POSTGRES, "table-service has not made the tables yet");
        return;
      }
      tablesAreThere = true;
      numbers.forEach(NumberSupply::fill);
      if (!reign.step()) {
        readiness.missing(POSTGRES, "another manager leads");
        return;
      }
      if (System.nanoTime() - postgresReportedNs >= REPORT_NS) {
        postgresReportedNs = System.nanoTime();
        postgresBoot = bootOf(tables.startedAt());
        reports.component(state(POSTGRES_0, MemberState.UP, postgresBoot));
        // Whoever sees a ready manager no longer sees processes of an earlier start as running.
        earlier.end();
        readiness.fulfilled(POSTGRES);
      }
    } catch (ControlFault e) {
      readiness.missing(POSTGRES, String.valueOf(e.getMessage()));
      if (postgresBoot != null) {
        reports.component(state(POSTGRES_0, MemberState.DOWN, postgresBoot));
        postgresBoot = null;
      }
    }
  }

  /** Another start has another time. */
  private static BootId bootOf(Instant startedAt) {
    return new BootId(TimeUnit.SECONDS.toMicros(startedAt.getEpochSecond()) + startedAt.getNano());
  }

  /** Says that the manager lives, and learns from that how Kafka is; always the same thread. */
  void stepKafka() {
    wasReady |= readiness.isReady();
    reports.component(state(self, wasReady ? MemberState.UP : MemberState.STARTING, boot));
    long target = reports.lastSequence();
    try {
      boolean _ = kafkaGuard.call(() -> flushedUpTo(target));
      readiness.fulfilled(KAFKA);
      if (kafkaBoot == null) {
        kafkaBoot = BootId.random();
      }
      reports.component(state(KAFKA_0, MemberState.UP, kafkaBoot));
    } catch (ControlFault e) {
      kafkaBoot = null;
      readiness.missing(KAFKA, String.valueOf(e.getMessage()));
    }
    waits.on(self, missing());
  }

  private String missing() {
    return readiness.reasons().entrySet().stream()
        .map(need -> need.getKey() + ": " + need.getValue())
        .collect(Collectors.joining("; "));
  }

  private boolean flushedUpTo(long target) {
    if (reports.flush(FLUSH_MS) < target) {
      String why = reports.trouble();
      throw new ControlFault(
          Code.UNAVAILABLE, "Kafka takes no messages" + (why.isEmpty() ? "" : ": " + why));
    }
    return true;
  }

  private int runningProcesses() {
    return store.leads() ? store.runningProcesses().size() : 0;
  }

  private ComponentState state(ComponentId component, MemberState state, BootId componentBoot) {
    return new ComponentState(
        component.toString(),
        Member.roleText(component.role()),
        state.text(),
        componentBoot.toString(),
        node,
        "",
        0,
        0,
        component.equals(self) ? runningProcesses() : 0,
        clock.instant());
  }
}
