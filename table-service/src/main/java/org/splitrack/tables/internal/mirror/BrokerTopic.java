package org.splitrack.tables.internal.mirror;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.splitrack.fabric.report.BrokerAccess;
import org.splitrack.fabric.report.StateTopic;

/** {@link StateTopic} on the broker: made when it is missing, bounded in bytes. Thread-safe. */
public final class BrokerTopic implements AutoCloseable {
  /** What the broker keeps for a mirror that is away; older changes become a gap. */
  public static final long RETENTION_BYTES = 256L << 20;

  private static final long SEGMENT_BYTES = 32L << 20;
  private static final int ANSWER_LIMIT_MS = 3_000;

  private final Admin admin;

  /**
   * @throws KafkaException when the broker's name cannot be resolved yet
   */
  public BrokerTopic(BrokerAccess kafka) {
    admin =
        Admin.create(
            kafka.settings(
                Map.of(
                    AdminClientConfig.CLIENT_ID_CONFIG,
                    "table-service-admin",
                    AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                    ANSWER_LIMIT_MS / 2,
                    AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                    ANSWER_LIMIT_MS,
                    AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
                    1_000,
                    AdminClientConfig.ENABLE_METRICS_PUSH_CONFIG,
                    false)));
  }

  /**
   * Makes the topic unless it is there.
   *
   * @return Kafka's id of it, which no other topic ever has
   * @throws KafkaException when the broker does not answer
   */
  public String ensure() throws InterruptedException {
    try {
      return topicId();
    } catch (UnknownTopicOrPartitionException e) {
      create();
      return topicId();
    }
  }

  /**
   * Asks for the topic.
   *
   * @throws UnknownTopicOrPartitionException when there is none
   * @throws KafkaException when the broker does not answer
   */
  public String topicId() throws InterruptedException {
    var description =
        answer(
                () ->
                    admin
                        .describeTopics(List.of(StateTopic.NAME))
                        .allTopicNames()
                        .get(ANSWER_LIMIT_MS, TimeUnit.MILLISECONDS))
            .get(StateTopic.NAME);
    if (description == null || description.partitions().size() != 1) {
      throw new KafkaException("topic " + StateTopic.NAME + " must have one partition");
    }
    return description.topicId().toString();
  }

  private void create() throws InterruptedException {
    var topic =
        new NewTopic(StateTopic.NAME, 1, (short) -1)
            .configs(
                Map.of(
                    TopicConfig.RETENTION_BYTES_CONFIG, Long.toString(RETENTION_BYTES),
                    TopicConfig.SEGMENT_BYTES_CONFIG, Long.toString(SEGMENT_BYTES)));
    try {
      answer(
          () ->
              admin.createTopics(List.of(topic)).all().get(ANSWER_LIMIT_MS, TimeUnit.MILLISECONDS));
    } catch (TopicExistsException e) {
      // Someone else was faster, which is as good.
      return;
    }
  }

  private interface Question<T> {
    T ask() throws ExecutionException, TimeoutException, InterruptedException;
  }

  private static <T> T answer(Question<T> question) throws InterruptedException {
    try {
      return question.ask();
    } catch (TimeoutException e) {
      throw new KafkaException("no answer within " + ANSWER_LIMIT_MS + " ms", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException known
          ? known
          : new KafkaException(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public void close() {
    admin.close(Duration.ZERO);
  }
}
