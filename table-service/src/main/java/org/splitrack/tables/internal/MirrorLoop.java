package org.splitrack.tables.internal;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.apache.kafka.common.KafkaException;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.report.BrokerAccess;
import org.splitrack.fabric.report.StateTopic;
import org.splitrack.tables.internal.mirror.BrokerTopic;
import org.splitrack.tables.internal.mirror.Mirror;
import org.splitrack.tables.internal.mirror.MirrorConsumer;
import org.splitrack.tables.internal.mirror.Retention;
import org.splitrack.tables.internal.schema.PostgresAccess;
import org.splitrack.tables.internal.schema.SchemaMigration;

/**
 * Brings the mirror up and keeps it up: migrates the schemas, finds the topic, starts the consumer,
 * and from then on looks after them. PostgreSQL and Kafka may come late, go and return at any time;
 * both are tried for ever, with a pause between.
 */
final class MirrorLoop implements AutoCloseable {
  private static final long RETRY_MS = 500;
  private static final long CHECK_MS = 2_000;
  private static final Duration RETENTION_INTERVAL = Duration.ofMinutes(10);
  private static final Duration STOP_LIMIT = Duration.ofMillis(1_500);
  private static final Logger LOG = LoggerFactory.getLogger(MirrorLoop.class);

  private final PostgresAccess access;
  private final BrokerAccess broker;
  private final InstantSource clock;
  private final Mirror mirror;
  private final Retention retention;
  private final Outage postgres = new Outage("PostgreSQL");
  private final Outage kafka = new Outage("Kafka");
  private final Thread thread;
  private volatile boolean migrated;
  private volatile boolean reading;
  private volatile boolean closing;

  private Instant retentionDue = Instant.MIN;
  private @Nullable BrokerTopic topic;
  private @Nullable String topicId;
  private @Nullable MirrorConsumer consumer;

  private MirrorLoop(PostgresAccess access, BrokerAccess broker, InstantSource clock) {
    this.access = access;
    this.broker = broker;
    this.clock = clock;
    this.mirror = new Mirror(access, StateTopic.NAME, 0);
    this.retention = new Retention(access);
    this.thread = Thread.ofPlatform().daemon().name("mirror-loop").unstarted(this::run);
  }

  /** Begins in the background. */
  static MirrorLoop start(PostgresAccess access, BrokerAccess broker, InstantSource clock) {
    var loop = new MirrorLoop(access, broker, clock);
    loop.thread.start();
    return loop;
  }

  /** The schemas are there and the consumer reads: from now on the tables follow. */
  boolean ready() {
    return migrated && reading;
  }

  /** What is being waited for and why, in one line; null = nothing. */
  @Nullable String trouble() {
    String away = postgres.reason();
    if (away != null) {
      return "PostgreSQL: " + away;
    }
    away = kafka.reason();
    return away == null ? null : "Kafka: " + away;
  }

  /** Changes that became rows since the start. */
  long written() {
    return mirror.written();
  }

  private void run() {
    try {
      while (!closing) {
        long pauseMs = step();
        if (!closing) {
          Thread.sleep(pauseMs);
        }
      }
    } catch (InterruptedException e) {
      // close() ends this thread so.
    } finally {
      stopReading();
      mirror.close();
    }
  }

  /** What is to be done next; returns the pause before the one after that. */
  private long step() throws InterruptedException {
    try {
      if (!migrated) {
        SchemaMigration.run(access);
        migrated = true;
        postgres.ended();
        LOG.info("the schemas are there");
      }
      follow();
      trimWhenDue();
      return CHECK_MS;
    } catch (SQLException | FlywayException e) {
      began(postgres, e);
    } catch (KafkaException e) {
      began(kafka, e);
    }
    return RETRY_MS;
  }

  /** The interruption by {@link #close} surfaces as any failure, and is none. */
  private void began(Outage outage, Exception failure) {
    if (!closing) {
      outage.began(failure);
    }
  }

  /** Reads the topic that the broker has now. */
  private void follow() throws SQLException, InterruptedException {
    if (topic == null) {
      topic = new BrokerTopic(broker);
    }
    String present = topic.ensure();
    kafka.ended();
    MirrorConsumer running = consumer;
    if (running != null && running.running() && present.equals(topicId)) {
      return;
    }
    stopReading();
    long offset = mirror.open(present);
    postgres.ended();
    topicId = present;
    consumer = MirrorConsumer.start(broker, mirror, postgres, offset);
    reading = true;
    LOG.info("reading {} from offset {} on", StateTopic.NAME, offset);
  }

  private void trimWhenDue() throws SQLException {
    Instant now = clock.instant();
    if (!now.isBefore(retentionDue)) {
      retention.run(LocalDate.ofInstant(now, ZoneOffset.UTC));
      retentionDue = now.plus(RETENTION_INTERVAL);
    }
  }

  private void stopReading() {
    reading = false;
    MirrorConsumer running = consumer;
    consumer = null;
    if (running != null) {
      running.close();
    }
  }

  /** Stops reading; what was read and not yet written is read again at the next start. */
  @Override
  public void close() {
    closing = true;
    thread.interrupt();
    try {
      thread.join(STOP_LIMIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    BrokerTopic open = topic;
    if (open != null) {
      open.close();
    }
  }
}
