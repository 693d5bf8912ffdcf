package org.splitrack.cli.internal.output;

import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.Json;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes listings in one of the formats. JSON has exact values; a table is for people. */
public final class ListingWriter {
  private final OutputFormat format;
  private final PrintStream out;
  private boolean headed;

  public ListingWriter(OutputFormat format, PrintStream out) {
    this.format = format;
    this.out = out;
  }

  /** All of a listing, once. */
  public void write(Listing listing) {
    switch (format) {
      case TABLE -> writeTable(listing);
      case JSON -> writeArray(listing);
      case CSV -> writeCsv(listing);
    }
    out.flush();
  }

  /** Rows of a listing that goes on: a line each, JSON too. */
  public void append(Listing listing) {
    switch (format) {
      case TABLE -> {
        for (List<@Nullable Object> row : listing.rows()) {
          out.println(tableLine(row));
        }
      }
      case JSON -> {
        for (List<@Nullable Object> row : listing.rows()) {
          out.println(object(listing.columns(), row));
        }
      }
      case CSV -> writeCsv(listing);
    }
    out.flush();
  }

  private static String tableLine(List<@Nullable Object> row) {
    return row.stream().map(ListingWriter::text).collect(Collectors.joining("  "));
  }

  private void writeArray(Listing listing) {
    out.print("[");
    String separator = "\n  ";
    for (List<@Nullable Object> row : listing.rows()) {
      out.print(separator);
      out.print(object(listing.columns(), row));
      separator = ",\n  ";
    }
    out.println(listing.rows().isEmpty() ? "]" : "\n]");
  }

  private static ObjectNode object(List<String> columns, List<@Nullable Object> row) {
    ObjectNode object = Json.MAPPER.createObjectNode();
    for (int i = 0; i < columns.size(); i++) {
      Object value = row.get(i);
      object.set(
          columns.get(i),
          value instanceof Instant instant
              ? Json.MAPPER.valueToTree(rfc3339(instant))
              : Json.MAPPER.<JsonNode>valueToTree(value));
    }
    return object;
  }

  private void writeCsv(Listing listing) {
    if (!headed) {
      out.println(
          listing.columns().stream().map(ListingWriter::quoted).collect(Collectors.joining(",")));
      headed = true;
    }
    for (List<@Nullable Object> row : listing.rows()) {
      out.println(row.stream().map(value -> quoted(text(value))).collect(Collectors.joining(",")));
    }
  }

  private static String quoted(String field) {
    boolean plain = field.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? field : '"' + field.replace("\"", "\"\"") + '"';
  }

  private void writeTable(Listing listing) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(listing.columns().stream().map(c -> c.toUpperCase(java.util.Locale.ROOT)).toList());
    listing.rows().forEach(row -> lines.add(row.stream().map(ListingWriter::cell).toList()));
    List<Integer> widths = new ArrayList<>();
    for (int column = 0; column < listing.columns().size(); column++) {
      int at = column;
      widths.add(lines.stream().mapToInt(line -> line.get(at).length()).max().orElse(0));
    }
    for (List<String> line : lines) {
      StringBuilder padded = new StringBuilder();
      for (int column = 0; column < line.size(); column++) {
        boolean number = isNumber(listing, column);
        String cell = line.get(column);
        String blanks = " ".repeat(widths.get(column) - cell.length());
        padded.append(number ? blanks + cell : cell + blanks).append("  ");
      }
      out.println(padded.toString().stripTrailing());
    }
  }

  private static boolean isNumber(Listing listing, int column) {
    return listing.rows().stream().anyMatch(row -> row.get(column) instanceof Number);
  }

  /** A cell stands on one line. */
  private static String cell(@Nullable Object value) {
    return value == null ? "-" : text(value).replace('\n', ' ');
  }

  private static String text(@Nullable Object value) {
    return switch (value) {
      case null -> "";
      case Instant instant -> rfc3339(instant);
      case List<?> list -> list.stream().map(ListingWriter::text).collect(Collectors.joining(" "));
      case Object other -> other.toString();
    };
  }

  private static String rfc3339(Instant instant) {
    return instant.truncatedTo(ChronoUnit.MICROS).toString();
  }
}
