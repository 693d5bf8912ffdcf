package org.splitrack.fabric.report;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * The Kafka topic that carries state changes to the tables: its name, the limit of its messages and
 * their form. One partition, so that Kafka's order is the order of all sources. Key: the source in
 * UTF-8. Value: a {@link StateEnvelope} as JSON, keys in snake_case, times in ISO 8601 UTC.
 */
public final class StateTopic {
  public static final String NAME = "splitrack.state";

  /** A longer value is not published, and not read. */
  public static final int VALUE_LIMIT_BYTES = 256 * 1024;

  private static final Instant EARLIEST = Instant.parse("1970-01-01T00:00:00Z");
  private static final Instant LATEST = Instant.parse("9999-01-01T00:00:00Z");

  private static final JsonMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  private StateTopic() {}

  /** The key of everything that {@code source} publishes. */
  public static byte[] key(String source) {
    return source.getBytes(StandardCharsets.UTF_8);
  }

  /** The value of a message; may be longer than the limit. */
  public static byte[] encode(StateEnvelope envelope) {
    return JSON.writeValueAsBytes(envelope);
  }

  /**
   * Reads a value.
   *
   * @throws IllegalArgumentException with one line that says what is wrong with it
   */
  public static StateEnvelope decode(byte[] value) {
    if (value.length > VALUE_LIMIT_BYTES) {
      throw new IllegalArgumentException(
          value.length + " bytes are more than the limit of " + VALUE_LIMIT_BYTES);
    }
    StateEnvelope envelope;
    try {
      envelope = JSON.readValue(value, StateEnvelope.class);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "no state change: " + e.getOriginalMessage().lines().findFirst().orElse(""), e);
    }
    requirePresent(envelope, "envelope");
    requirePresent(envelope.source(), "source");
    requirePresent(envelope.boot(), "boot");
    requirePresent(envelope.at(), "at");
    requirePresent(envelope.change(), "change");
    ComponentId.parse(envelope.source());
    if (envelope.at().isBefore(EARLIEST) || envelope.at().isAfter(LATEST)) {
      throw new IllegalArgumentException("no state change: " + envelope.at() + " is no time");
    }
    if (envelope.sequence() < 1) {
      throw new IllegalArgumentException("sequence " + envelope.sequence() + " is below 1");
    }
    return envelope;
  }

  /** JSON can leave out what the records of a correct publisher always have. */
  private static void requirePresent(@Nullable Object part, String name) {
    if (part == null) {
      throw new IllegalArgumentException("no state change: '" + name + "' is missing");
    }
  }
}
