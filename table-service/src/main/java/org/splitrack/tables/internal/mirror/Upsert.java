package org.splitrack.tables.internal.mirror;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The statement that writes a state row, new or not. */
final class Upsert {
  /** Columns of every state table: who published the row, and when. */
  static final List<String> ORIGIN =
      List.of("source", "source_boot_id", "source_seq", "changed_at");

  private Upsert() {}

  /**
   * Parameters in the order key, columns, origin.
   *
   * @param guard when a row that is there may be replaced; {@code old} and {@code excluded}
   */
  static String sql(String table, List<String> key, List<String> columns, String guard) {
    var values = Stream.concat(columns.stream(), ORIGIN.stream()).toList();
    var all = Stream.concat(key.stream(), values.stream()).toList();
    return "INSERT INTO %s AS old (%s) VALUES (%s) ON CONFLICT (%s) DO UPDATE SET %s WHERE %s"
        .formatted(
            table,
            String.join(", ", all),
            all.stream().map(column -> "?").collect(Collectors.joining(", ")),
            String.join(", ", key),
            values.stream()
                .map(column -> column + " = excluded." + column)
                .collect(Collectors.joining(", ")),
            guard);
  }
}
