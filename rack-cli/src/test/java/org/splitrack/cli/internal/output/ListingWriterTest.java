package org.splitrack.cli.internal.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.splitrack.cli.internal.Json;

class ListingWriterTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  private static Listing listing() {
    return new Listing(
        List.of("process", "name", "at", "args", "details", "exit_code"),
        List.of(
            row(
                7L,
                "a,\"b\"\nc",
                Instant.parse("2026-01-02T03:04:05.123456789Z"),
                List.of("x", "ÿ"),
                Json.MAPPER.readTree("{\"k\":1}"),
                null),
            row(12345678901L, "d", Instant.EPOCH, List.of(), null, 0)));
  }

  private static List<@Nullable Object> row(@Nullable Object... values) {
    return Arrays.asList(values);
  }

  private String written() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void shouldWriteJsonWithExactValuesAndUtcTimes() {
    // when
    new ListingWriter(OutputFormat.JSON, out).write(listing());

    // then
    var json = Json.MAPPER.readTree(written());
    assertThat(json.get(0).get("process").asLong()).isEqualTo(7);
    assertThat(json.get(0).get("name").asString()).isEqualTo("a,\"b\"\nc");
    assertThat(json.get(0).get("at").asString()).isEqualTo("2026-01-02T03:04:05.123456Z");
    assertThat(json.get(0).get("args").get(1).asString()).isEqualTo("ÿ");
    assertThat(json.get(0).get("details").get("k").asInt()).isEqualTo(1);
    assertThat(json.get(0).get("exit_code").isNull()).isTrue();
    assertThat(json.get(1).get("process").isIntegralNumber()).isTrue();
    assertThat(List.copyOf(json.get(1).propertyNames())).isEqualTo(listing().columns());
  }

  @Test
  void shouldWriteAnEmptyListingAsAnEmptyArray() {
    new ListingWriter(OutputFormat.JSON, out).write(new Listing(List.of("a"), List.of()));
    assertThat(Json.MAPPER.readTree(written())).isEmpty();
  }

  @Test
  void shouldQuoteCsvFieldsThatNeedIt() {
    new ListingWriter(OutputFormat.CSV, out).write(listing());
    assertThat(written())
        .isEqualTo(
            """
            process,name,at,args,details,exit_code
            7,"a,""b""
            c",2026-01-02T03:04:05.123456Z,x ÿ,"{""k"":1}",
            12345678901,d,1970-01-01T00:00:00Z,,,0
            """);
  }

  @Test
  void shouldAlignATableAndKeepEachRowOnOneLine() {
    new ListingWriter(OutputFormat.TABLE, out)
        .write(listing().only(List.of("process", "name", "exit_code")));
    assertThat(written())
        .isEqualTo(
            """
                PROCESS  NAME     EXIT_CODE
                      7  a,"b" c          -
            12345678901  d                0
            """);
  }

  @Test
  void shouldWriteOneJsonObjectALineWhenAListingGoesOn() {
    ListingWriter writer = new ListingWriter(OutputFormat.JSON, out);
    writer.append(listing());
    writer.append(listing());
    assertThat(written().lines())
        .hasSize(4)
        .allMatch(line -> Json.MAPPER.readTree(line).isObject());
  }

  @Test
  void shouldWriteTheCsvHeaderOnceWhenAListingGoesOn() {
    ListingWriter writer = new ListingWriter(OutputFormat.CSV, out);
    Listing one = listing().only(List.of("process"));
    writer.append(one);
    writer.append(one);
    assertThat(written().lines())
        .containsExactly("process", "7", "12345678901", "7", "12345678901");
  }
}
