package org.splitrack.tables.internal.mirror;

import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.splitrack.fabric.report.BrokerAccess;
import org.splitrack.fabric.report.StateTopic;
import org.splitrack.tables.internal.Outage;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.KafkaMessageListenerContainer;
import org.springframework.kafka.support.TopicPartitionOffset;

/** Reads the topic from an offset on, in a thread of its own, and feeds the mirror. */
public final class MirrorConsumer implements AutoCloseable {
  private static final int BATCH_LIMIT = 5_000;
  private static final long POLL_MS = 500;
  private static final long STOP_LIMIT_MS = 1_000;

  private final MirrorListener listener;
  private final KafkaMessageListenerContainer<byte[], byte[]> container;

  private MirrorConsumer(
      MirrorListener listener, KafkaMessageListenerContainer<byte[], byte[]> container) {
    this.listener = listener;
    this.container = container;
  }

  /**
   * Starts reading; a broker that is away is tried for ever.
   *
   * @param offset first to read
   */
  public static MirrorConsumer start(
      BrokerAccess kafka, Mirror mirror, Outage postgres, long offset) {
    var listener = new MirrorListener(mirror, postgres, offset);
    var properties = new ContainerProperties(new TopicPartitionOffset(StateTopic.NAME, 0, offset));
    properties.setMessageListener(listener);
    properties.setPollTimeout(POLL_MS);
    properties.setShutdownTimeout(STOP_LIMIT_MS);
    // Offsets are in PostgreSQL, with the rows: nothing is ever acknowledged to the broker.
    properties.setAckMode(ContainerProperties.AckMode.MANUAL);
    var bytes = new ByteArrayDeserializer();
    var container =
        new KafkaMessageListenerContainer<>(
            new DefaultKafkaConsumerFactory<>(settings(kafka), bytes, bytes), properties);
    container.setBeanName("mirror");
    container.start();
    return new MirrorConsumer(listener, container);
  }

  /** False when its thread has ended though nobody closed it. */
  public boolean running() {
    return container.isRunning();
  }

  @Override
  public void close() {
    listener.stop();
    container.stop();
  }

  private static Map<String, Object> settings(BrokerAccess kafka) {
    return kafka.settings(
        Map.of(
            ConsumerConfig.CLIENT_ID_CONFIG,
            "table-service",
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            false,
            // The offset asked for is gone: retention was faster. What is missing becomes a gap.
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            "earliest",
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
            BATCH_LIMIT,
            ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
            1_000,
            ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG,
            5_000,
            ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
            false,
            ConsumerConfig.ENABLE_METRICS_PUSH_CONFIG,
            false));
  }
}
