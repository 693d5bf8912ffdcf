package org.splitrack.fabric.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.BootId;

class KafkaStateReporterTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.123456789Z");
  private static final BootId BOOT = new BootId(7);
  private static final int QUEUE_LIMIT = 8;

  private final MockProducer<byte[], byte[]> broker =
      new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final List<KafkaStateReporter> open = new ArrayList<>();

  @AfterEach
  void close() {
    open.forEach(KafkaStateReporter::close);
  }

  @Test
  void shouldPublishInOrderWithSequencesFromOneAndTheTimeOfTheCall() {
    // given
    var reporter = reporterTo(() -> broker);

    // when
    long first = reporter.report(event("a"));
    long second = reporter.report(event("b"));
    long flushed = reporter.flush(10_000);

    // then
    assertThat(List.of(first, second, flushed)).containsExactly(1L, 2L, 2L);
    assertThat(published())
        .extracting(StateEnvelope::sequence, StateEnvelope::change)
        .containsExactly(tuple(1L, event("a")), tuple(2L, event("b")));
    assertThat(published())
        .allSatisfy(
            envelope -> {
              assertThat(envelope.source()).isEqualTo("mcomponent-0");
              assertThat(envelope.boot()).isEqualTo(BOOT);
              assertThat(envelope.at()).isEqualTo(Instant.parse("2026-01-02T03:04:05.123456Z"));
            });
    assertThat(new String(broker.history().getFirst().key(), UTF_8)).isEqualTo("mcomponent-0");
  }

  @Test
  void shouldDropTheOldestAndCountItWhenTheQueueIsFull() {
    // given a broker that cannot be connected to
    var connectable = new CountDownLatch(1);
    var attempted = new CountDownLatch(1);
    var reporter =
        reporterTo(
            () -> {
              attempted.countDown();
              awaitLatch(connectable);
              return broker;
            });
    reporter.report(event("held by the sender"));
    awaitLatch(attempted);

    // when
    for (int i = 0; i < QUEUE_LIMIT + 3; i++) {
      reporter.report(event("e" + i));
    }
    connectable.countDown();
    long flushed = reporter.flush(10_000);

    // then what was pushed out is a hole in the sequence
    assertThat(reporter.dropped()).isEqualTo(3);
    assertThat(flushed).isEqualTo(1 + QUEUE_LIMIT + 3);
    assertThat(published())
        .extracting(StateEnvelope::sequence)
        .containsExactlyElementsOf(
            LongStream.concat(LongStream.of(1), LongStream.rangeClosed(5, 1 + QUEUE_LIMIT + 3))
                .boxed()
                .toList());
  }

  @Test
  void shouldTryAgainUntilTheBrokerTakesIt() {
    // given a producer that has no metadata at first, as the real one says it: by calling back
    var refusals = new AtomicInteger(3);
    var unwilling =
        new MockProducer<byte[], byte[]>(
            true, null, new ByteArraySerializer(), new ByteArraySerializer()) {
          @Override
          public synchronized Future<RecordMetadata> send(
              ProducerRecord<byte[], byte[]> message, Callback callback) {
            if (refusals.getAndDecrement() > 0) {
              var reason = new TimeoutException("no metadata");
              callback.onCompletion(null, reason);
              return CompletableFuture.failedFuture(reason);
            }
            return super.send(message, callback);
          }
        };
    var reporter = reporterTo(() -> unwilling);

    // when
    reporter.report(event("a"));

    // then
    assertThat(reporter.flush(10_000)).isEqualTo(1);
    assertThat(unwilling.history()).hasSize(1);
    assertThat(reporter.dropped()).isZero();
  }

  @Test
  void shouldMakeANewProducerWhenTheOldOneIsBroken() {
    // given
    var broken =
        new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    broken.sendException = new KafkaException("fenced");
    var made = new AtomicInteger();
    var reporter = reporterTo(() -> made.getAndIncrement() == 0 ? broken : broker);

    // when
    reporter.report(event("a"));

    // then
    assertThat(reporter.flush(10_000)).isEqualTo(1);
    assertThat(broken.closed()).isTrue();
    assertThat(published()).hasSize(1);
  }

  @Test
  void shouldSayTheInnermostReasonWhyNothingCanBePublishedUntilSomethingIs() {
    var allowed = new AtomicBoolean();
    var reporter =
        reporterTo(
            () -> {
              if (allowed.get()) {
                return broker;
              }
              throw new KafkaException("no producer", new IllegalStateException("no such name"));
            });

    reporter.report(event("a"));
    await().until(() -> reporter.trouble().equals("no such name"));

    allowed.set(true);
    assertThat(reporter.flush(10_000)).isEqualTo(1);
    assertThat(reporter.trouble()).isEmpty();
  }

  @Test
  void shouldLeaveOutAChangeThatIsTooLong() {
    // given
    var reporter = reporterTo(() -> broker);

    // when
    reporter.report(event("a"));
    reporter.report(event("x".repeat(StateTopic.VALUE_LIMIT_BYTES)));
    long flushed = reporter.flush(10_000);

    // then what can be in Kafka is, and flush says how far that goes
    assertThat(flushed).isEqualTo(1);
    assertThat(reporter.dropped()).isEqualTo(1);
  }

  @Test
  void shouldNotWaitForAnAbsentBroker() {
    // given
    var reporter = startWithoutBroker("mcomponent-0");

    // when
    reporter.report(event("a"));

    // then
    assertThat(reporter.flush(50)).isZero();
  }

  @Test
  void shouldEndItsThreadWhenClosedWhileTheBrokerIsAway() {
    // given
    var reporter = startWithoutBroker("closing-0");
    reporter.report(event("a"));

    // when
    reporter.close();

    // then
    await()
        .untilAsserted(
            () ->
                assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .noneMatch(name -> name.contains("state-reporter"))
                    .noneMatch(name -> name.contains("closing-0-state")));
  }

  private KafkaStateReporter reporterTo(Supplier<Producer<byte[], byte[]>> connect) {
    var reporter = new KafkaStateReporter("mcomponent-0", BOOT, () -> NOW, QUEUE_LIMIT, connect);
    open.add(reporter);
    return reporter;
  }

  private KafkaStateReporter startWithoutBroker(String source) {
    var reporter = KafkaStateReporter.start(source, BOOT, BrokerAccess.plain("127.0.0.1:1"));
    open.add(reporter);
    return reporter;
  }

  private List<StateEnvelope> published() {
    return broker.history().stream().map(message -> StateTopic.decode(message.value())).toList();
  }

  private static StateChange event(String name) {
    return new StateChange.Event(name, null, null, null, "It happened.", Map.of());
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
