package org.splitrack.fabric.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.testkit.EmbeddedKafka;

/** The reporter against a real broker that comes late, dies and returns. */
class KafkaStateReporterIT {
  @Test
  void shouldPublishEverythingOnceAndInOrderWhateverTheBrokerDoes() throws Exception {
    try (var kafka = EmbeddedKafka.start();
        var reporter =
            KafkaStateReporter.start(
                "mcomponent-0", BootId.random(), BrokerAccess.plain(kafka.endpoint()))) {
      // given no topic yet
      reporter.report(event());
      assertThat(reporter.flush(100)).isZero();

      // when the topic comes, and the broker goes and comes back
      createTopic(kafka);
      assertThat(reporter.flush(30_000)).isEqualTo(1);
      kafka.kill();
      for (int i = 0; i < 1_000; i++) {
        reporter.report(event());
      }
      kafka.restart();

      // then
      assertThat(reporter.flush(60_000)).isEqualTo(1_001);
      assertThat(reporter.dropped()).isZero();
      assertThat(sequencesInKafka(kafka))
          .containsExactlyElementsOf(LongStream.rangeClosed(1, 1_001).boxed().toList());
    }
  }

  private static StateChange event() {
    return new StateChange.Event("test", null, null, null, "It happened.", Map.of());
  }

  private static void createTopic(EmbeddedKafka kafka)
      throws ExecutionException, InterruptedException {
    try (var admin = Admin.create(Map.of("bootstrap.servers", kafka.endpoint().toString()))) {
      admin.createTopics(Set.of(new NewTopic(StateTopic.NAME, 1, (short) 1))).all().get();
    }
  }

  private static List<Long> sequencesInKafka(EmbeddedKafka kafka) {
    var bytes = new ByteArrayDeserializer();
    Map<String, Object> settings =
        Map.of("bootstrap.servers", kafka.endpoint().toString(), "max.poll.records", 10_000);
    try (var consumer = new KafkaConsumer<>(settings, bytes, bytes)) {
      var partition = new TopicPartition(StateTopic.NAME, 0);
      consumer.assign(Set.of(partition));
      consumer.seekToBeginning(Set.of(partition));
      long end = consumer.endOffsets(Set.of(partition)).values().iterator().next();
      var sequences = new ArrayList<Long>();
      while (consumer.position(partition) < end) {
        consumer
            .poll(Duration.ofSeconds(1))
            .forEach(message -> sequences.add(StateTopic.decode(message.value()).sequence()));
      }
      return sequences;
    }
  }
}
