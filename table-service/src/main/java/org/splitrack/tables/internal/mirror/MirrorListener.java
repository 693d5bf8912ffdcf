package org.splitrack.tables.internal.mirror;

import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.splitrack.tables.internal.Outage;
import org.springframework.kafka.listener.BatchConsumerAwareMessageListener;

/**
 * Hands what the consumer reads to the mirror, again and again until the database takes it. Nothing
 * else waits for this thread: the partition is assigned, so no broker expects it back in time.
 */
final class MirrorListener implements BatchConsumerAwareMessageListener<byte[], byte[]> {
  private static final long FIRST_PAUSE_MS = 50;
  private static final long LONGEST_PAUSE_MS = 1_000;

  private final Mirror mirror;
  private final Outage postgres;
  private final CountDownLatch stopping = new CountDownLatch(1);

  /** Behind the last message that is in the tables, as far as this knows. */
  private long position;

  MirrorListener(Mirror mirror, Outage postgres, long position) {
    this.mirror = mirror;
    this.postgres = postgres;
    this.position = position;
  }

  @Override
  public void onMessage(
      List<ConsumerRecord<byte[], byte[]>> records, @Nullable Consumer<?, ?> consumer) {
    var batch = records.stream().map(MirrorListener::received).toList();
    long pauseMs = FIRST_PAUSE_MS;
    while (stopping.getCount() > 0) {
      try {
        long next = mirror.nextOffset();
        if (next < position) {
          // The database came back without its newest commits: read those messages again.
          var first = records.getFirst();
          Objects.requireNonNull(consumer)
              .seek(new TopicPartition(first.topic(), first.partition()), next);
          position = next;
          postgres.ended();
          return;
        }
        mirror.apply(batch);
        position = batch.getLast().offset() + 1;
        postgres.ended();
        return;
      } catch (SQLException e) {
        postgres.began(e);
        pause(pauseMs);
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      }
    }
  }

  /** The batch in hand is given up: whoever starts again reads it again. */
  void stop() {
    stopping.countDown();
  }

  private void pause(long pauseMs) {
    try {
      if (stopping.await(pauseMs, TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stopping.countDown();
    }
  }

  private static Received received(ConsumerRecord<byte[], byte[]> record) {
    byte[] value = record.value();
    return new Received(record.offset(), value == null ? new byte[0] : value);
  }
}
