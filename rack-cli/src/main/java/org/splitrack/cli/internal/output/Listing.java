package org.splitrack.cli.internal.output;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows with named columns, as a command lists them.
 *
 * @param columns names in snake_case
 * @param rows each with a value per column: null, Boolean, Number, String, Instant, List or a JSON
 *     tree
 */
public record Listing(List<String> columns, List<List<@Nullable Object>> rows) {
  /** Only these columns, in this order; those that do not exist are left out. */
  public Listing only(List<String> wanted) {
    List<Integer> kept = wanted.stream().map(columns::indexOf).filter(i -> i >= 0).toList();
    return new Listing(
        kept.stream().map(columns::get).toList(),
        rows.stream().map(row -> pick(row, kept)).toList());
  }

  private static List<@Nullable Object> pick(List<@Nullable Object> row, List<Integer> kept) {
    List<@Nullable Object> picked = new java.util.ArrayList<>();
    kept.forEach(i -> picked.add(row.get(i)));
    return picked;
  }
}
