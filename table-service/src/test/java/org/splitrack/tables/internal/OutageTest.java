package org.splitrack.tables.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;

class OutageTest {
  @Test
  void shouldSayTheInnermostReasonOnceAndInOneLine() {
    assertThat(
            Outage.describe(
                new KafkaException("no client", new IllegalStateException("no such name\nmore"))))
        .isEqualTo("no client: no such name");
    assertThat(Outage.describe(new SQLException("login: FATAL: no", new SQLException("FATAL: no"))))
        .isEqualTo("login: FATAL: no");
    assertThat(Outage.describe(new KafkaException("no answer", new TimeoutException())))
        .isEqualTo("no answer");
  }

  @Test
  void shouldKeepTheReasonUntilItIsOver() {
    Outage outage = new Outage("PostgreSQL");
    assertThat(outage.reason()).isNull();

    outage.began(new SQLException("refused"));
    assertThat(outage.reason()).isEqualTo("refused");

    outage.ended();
    assertThat(outage.reason()).isNull();
  }
}
