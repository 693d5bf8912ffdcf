package org.splitrack.fabric.report;

import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.Causes;
import tools.jackson.core.JacksonException;

/**
 * Publishes state changes to {@link StateTopic} from a thread of its own. Callers only append to a
 * queue, so a slow or absent broker costs them nothing: it is tried for ever in the background, and
 * when the queue is full its oldest change is dropped and counted, because of a state only the
 * newest matters. A dropped change leaves a hole in the sequence, which the tables show as a gap.
 */
public final class KafkaStateReporter implements StateReporter, AutoCloseable {
  /** Changes that wait for the broker, beside the producer's own buffer. */
  public static final int QUEUE_LIMIT = 65_536;

  private static final long PRODUCER_BUFFER_BYTES = 8L << 20;
  private static final int MAX_BLOCK_MS = 1_000;
  private static final int REQUEST_TIMEOUT_MS = 5_000;
  private static final long RETRY_MS = 1_000;
  private static final Duration CLOSE_LIMIT = Duration.ofMillis(500);
  private static final Logger LOG = LoggerFactory.getLogger(KafkaStateReporter.class);

  private final String source;
  private final BootId boot;
  private final InstantSource clock;
  private final int queueLimit;
  private final Supplier<Producer<byte[], byte[]>> connect;
  private final Thread sender;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition queued = lock.newCondition();
  private final Condition progress = lock.newCondition();
  private final Deque<StateEnvelope> queue = new ArrayDeque<>();
  private long lastReported;

  /** Handed to the producer or given up: nothing up to here is in the queue. */
  private long lastHandled;

  private long lastSent;

  /** The producer has answered for everything up to here, well or badly. */
  private long lastAnswered;

  private long lastPublished;
  private long dropped;

  /** Why Kafka is away; empty while it is not. */
  private String away = "";

  /**
   * Set when send() could not even queue the record, which it says by calling back before it
   * returns. Only the sender thread touches it.
   */
  private @Nullable RetriableException refusal;

  private boolean closing;

  /** Returns at once, broker or not; {@code source} is the component's id. */
  public static KafkaStateReporter start(String source, BootId boot, BrokerAccess kafka) {
    return new KafkaStateReporter(
        source, boot, InstantSource.system(), QUEUE_LIMIT, () -> producer(source, kafka));
  }

  KafkaStateReporter(
      String source,
      BootId boot,
      InstantSource clock,
      int queueLimit,
      Supplier<Producer<byte[], byte[]>> connect) {
    this.source = source;
    this.boot = boot;
    this.clock = clock;
    this.queueLimit = queueLimit;
    this.connect = connect;
    this.sender = Thread.ofPlatform().daemon().name("state-reporter").start(this::publishAll);
  }

  @Override
  public long report(StateChange change) {
    // PostgreSQL keeps microseconds: the time in a message is exactly the time in the tables.
    var at = clock.instant().truncatedTo(ChronoUnit.MICROS);
    lock.lock();
    try {
      long sequence = ++lastReported;
      if (queue.size() >= queueLimit) {
        queue.removeFirst();
        dropped++;
      }
      queue.addLast(new StateEnvelope(source, boot, sequence, at, change));
      queued.signal();
      return sequence;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long flush(long timeoutMs) {
    long leftNs = TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    lock.lock();
    try {
      long target = lastReported;
      while (settled() < target && leftNs > 0 && !closing) {
        leftNs = progress.awaitNanos(leftNs);
      }
      return lastPublished;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return lastPublished;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String trouble() {
    lock.lock();
    try {
      return away;
    } finally {
      lock.unlock();
    }
  }

  /** Changes that will never be in Kafka: pushed out of the full queue, too long or refused. */
  public long dropped() {
    lock.lock();
    try {
      return dropped;
    } finally {
      lock.unlock();
    }
  }

  /** Publishes what is queued, at most half a second, and ends the thread. */
  @Override
  public void close() {
    flush(CLOSE_LIMIT.toMillis());
    lock.lock();
    try {
      closing = true;
      progress.signalAll();
    } finally {
      lock.unlock();
    }
    sender.interrupt();
    try {
      sender.join(CLOSE_LIMIT.multipliedBy(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Everything up to here is published or given up. */
  private long settled() {
    return lastAnswered == lastSent ? lastHandled : lastAnswered;
  }

  private void publishAll() {
    @Nullable Producer<byte[], byte[]> producer = null;
    @Nullable StateEnvelope next = null;
    try {
      while (true) {
        if (next == null) {
          next = take();
        }
        try {
          if (producer == null) {
            producer = connect.get();
          }
          publish(producer, next);
          next = null;
        } catch (InterruptException e) {
          return;
        } catch (RetriableException e) {
          // No metadata or a full buffer after MAX_BLOCK_MS: the producer itself is well.
          sayAway(e);
        } catch (KafkaException e) {
          sayAway(e);
          close(producer);
          producer = null;
          pause();
        }
      }
    } catch (InterruptedException e) {
      // close() ends this thread so.
    } finally {
      close(producer);
    }
  }

  /** Until the next attempt to connect; {@link #close} cuts it short. */
  private void pause() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long leftNs = TimeUnit.MILLISECONDS.toNanos(RETRY_MS);
      while (leftNs > 0 && !closing) {
        leftNs = progress.awaitNanos(leftNs);
      }
      if (closing) {
        throw new InterruptedException("closing");
      }
    } finally {
      lock.unlock();
    }
  }

  private StateEnvelope take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (queue.isEmpty()) {
        queued.await();
      }
      return queue.removeFirst();
    } finally {
      lock.unlock();
    }
  }

  private void publish(Producer<byte[], byte[]> producer, StateEnvelope envelope) {
    long sequence = envelope.sequence();
    byte[] value;
    try {
      value = StateTopic.encode(envelope);
    } catch (JacksonException e) {
      LOG.warn("state change {} cannot be written as JSON: {}", sequence, e.getOriginalMessage());
      skip(sequence);
      return;
    }
    if (value.length > StateTopic.VALUE_LIMIT_BYTES) {
      LOG.warn("state change {} of {} bytes is too long to publish", sequence, value.length);
      skip(sequence);
      return;
    }
    long sentBefore = beginSend(sequence);
    refusal = null;
    try {
      // The callback hears of failures; the future would only say the same.
      var _ =
          producer.send(
              new ProducerRecord<>(StateTopic.NAME, StateTopic.key(source), value),
              (position, failure) -> answered(sequence, failure));
    } catch (KafkaException e) {
      undoSend(sentBefore);
      throw e;
    }
    if (refusal != null) {
      undoSend(sentBefore);
      throw refusal;
    }
    handled(sequence);
  }

  /** Before the send, because its answer may come before send() returns. */
  private long beginSend(long sequence) {
    lock.lock();
    try {
      long before = lastSent;
      lastSent = sequence;
      return before;
    } finally {
      lock.unlock();
    }
  }

  private void undoSend(long sentBefore) {
    lock.lock();
    try {
      lastSent = sentBefore;
    } finally {
      lock.unlock();
    }
  }

  private void skip(long sequence) {
    lock.lock();
    try {
      dropped++;
    } finally {
      lock.unlock();
    }
    handled(sequence);
  }

  private void handled(long sequence) {
    lock.lock();
    try {
      lastHandled = sequence;
      progress.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void answered(long sequence, @Nullable Exception failure) {
    if (Thread.currentThread() == sender && failure instanceof RetriableException notNow) {
      refusal = notNow;
      return;
    }
    lock.lock();
    try {
      lastAnswered = sequence;
      if (failure == null) {
        lastPublished = sequence;
        if (!away.isEmpty()) {
          away = "";
          LOG.info("state changes flow to Kafka again; {} dropped so far", dropped);
        }
      } else {
        dropped++;
        if (!closing) {
          LOG.warn("state change {} was refused by Kafka: {}", sequence, failure.getMessage());
        }
      }
      progress.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** One line an outage. */
  private void sayAway(KafkaException reason) {
    lock.lock();
    try {
      boolean began = away.isEmpty();
      // "Failed to construct kafka producer" helps nobody.
      away = Causes.firstLine(Causes.innermost(reason));
      if (began) {
        LOG.warn("state changes wait for Kafka: {}", away);
      }
    } finally {
      lock.unlock();
    }
  }

  private static void close(@Nullable Producer<byte[], byte[]> producer) {
    if (producer != null) {
      // The interruption has done its work; left set, it would make the producer's close() throw.
      Thread.interrupted();
      producer.close(Duration.ZERO);
    }
  }

  private static Producer<byte[], byte[]> producer(String source, BrokerAccess kafka) {
    Map<String, Object> settings =
        Map.ofEntries(
            Map.entry(ProducerConfig.CLIENT_ID_CONFIG, source + "-state"),
            Map.entry(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true),
            Map.entry(ProducerConfig.ACKS_CONFIG, "all"),
            Map.entry(ProducerConfig.BUFFER_MEMORY_CONFIG, PRODUCER_BUFFER_BYTES),
            Map.entry(ProducerConfig.MAX_BLOCK_MS_CONFIG, MAX_BLOCK_MS),
            Map.entry(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_TIMEOUT_MS),
            // Retried for ever: giving one up would break the order of those behind it.
            Map.entry(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE),
            Map.entry(ProducerConfig.RECONNECT_BACKOFF_MS_CONFIG, 200),
            Map.entry(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 2_000),
            Map.entry(ProducerConfig.METRIC_REPORTER_CLASSES_CONFIG, ""),
            Map.entry(ProducerConfig.ENABLE_METRICS_PUSH_CONFIG, false));
    var bytes = new ByteArraySerializer();
    return new KafkaProducer<>(kafka.settings(settings), bytes, bytes);
  }
}
