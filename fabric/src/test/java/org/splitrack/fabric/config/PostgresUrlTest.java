package org.splitrack.fabric.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.splitrack.fabric.Endpoint;

class PostgresUrlTest {
  private static final Endpoint PORT = new Endpoint("127.0.0.1", 4711);

  @Test
  void shouldNameAllServersInOrder() {
    assertThat(PostgresUrl.parse("jdbc:postgresql://a:1,b,c:3/tables").servers())
        .containsExactly(new Endpoint("a", 1), new Endpoint("b", 5432), new Endpoint("c", 3));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "jdbc:postgresql://db:5432/tables | jdbc:postgresql://127.0.0.1:4711/tables",
        "jdbc:postgresql://a:1,b:2/t?sslmode=verify-full&sslrootcert=/postgres/ca.crt"
            + " | jdbc:postgresql://127.0.0.1:4711/t?sslmode=require",
        "jdbc:postgresql://db/t?tcpKeepAlive=true&sslmode=require"
            + " | jdbc:postgresql://127.0.0.1:4711/t?sslmode=require",
        "jdbc:postgresql://db/t?sslmode=disable | jdbc:postgresql://127.0.0.1:4711/t",
        "jdbc:postgresql://db/t?sslfactory=x | jdbc:postgresql://127.0.0.1:4711/t",
        "jdbc:postgresql://db/t?ssl=true | jdbc:postgresql://127.0.0.1:4711/t?sslmode=require"
      })
  void shouldBeReachedThroughAPortUnderItsOwnNameAndNoLessEncrypted(String url, String through) {
    assertThat(PostgresUrl.parse(url).through(PORT)).isEqualTo(through);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "jdbc:other://db/t", "jdbc:postgresql:///t", "jdbc:postgresql://db:x/t"})
  void shouldRefuseWhatIsNone(String text) {
    assertThatThrownBy(() -> PostgresUrl.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
