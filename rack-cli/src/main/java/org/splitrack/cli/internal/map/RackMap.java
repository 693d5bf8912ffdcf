package org.splitrack.cli.internal.map;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.output.Listing;
import org.splitrack.cli.internal.tables.Tables;

/**
 * What the tables say about a rack at one moment.
 *
 * @param components by name
 * @param programs those that run, by number
 * @param regions by number
 * @param moves migrations that go on
 */
public record RackMap(
    Instant at,
    List<Component> components,
    List<Program> programs,
    List<Region> regions,
    List<Move> moves) {
  private static final int MOST_ROWS = 100_000;
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  /** A component; bytes as {@code api.components} has them. */
  public record Component(String name, String state, long capacityBytes, long usedBytes) {
    /** What it is by its name, such as mcomponent. */
    String kind() {
      return name.substring(0, name.lastIndexOf('-'));
    }
  }

  /** A program that runs. */
  public record Program(long process, String name, String component, String ack) {}

  /**
   * A region.
   *
   * @param secondaries further copies in sync
   * @param moving its home is on its way elsewhere, for whatever reason
   */
  public record Region(
      long region,
      long process,
      String home,
      List<String> secondaries,
      long epoch,
      int copies,
      int copiesWanted,
      boolean moving) {
    boolean isUnprotected() {
      return copies < copiesWanted;
    }
  }

  /** A migration that was asked for and goes on. */
  public record Move(long migration, long region, String source, String target, String state) {}

  /** Reads it all. */
  public static RackMap read(Tables tables) {
    return new RackMap(
        Instant.now(),
        rows(
            tables,
            "SELECT component, state, capacity_bytes, used_bytes FROM api.components"
                + " ORDER BY rtrim(component, '0123456789'), length(component), component",
            row -> new Component(row.text(0), row.text(1), row.number(2), row.number(3))),
        rows(
            tables,
            "SELECT process, name, component, ack FROM api.processes WHERE state = 'running'"
                + " ORDER BY process",
            row -> new Program(row.number(0), row.text(1), row.text(2), row.text(3))),
        rows(
            tables,
            "SELECT region, process, home, secondaries, epoch, copies, copies_wanted, moving"
                + " FROM api.regions ORDER BY region",
            row ->
                new Region(
                    row.number(0),
                    row.number(1),
                    row.text(2),
                    row.texts(3),
                    row.number(4),
                    (int) row.number(5),
                    (int) row.number(6),
                    row.isTrue(7))),
        rows(
            tables,
            "SELECT migration, region, source, target, state FROM api.migrations"
                + " WHERE ended_at IS NULL ORDER BY migration",
            row -> new Move(row.number(0), row.number(1), row.text(2), row.text(3), row.text(4))));
  }

  List<Component> ofKind(String kind) {
    return components.stream().filter(component -> component.kind().equals(kind)).toList();
  }

  List<Region> homesAt(String component) {
    return regions.stream().filter(region -> region.home().equals(component)).toList();
  }

  List<Region> copiesAt(String component) {
    return regions.stream().filter(region -> region.secondaries().contains(component)).toList();
  }

  List<Program> programsAt(String component) {
    return programs.stream().filter(program -> program.component().equals(component)).toList();
  }

  /** Whether this region is on its way to another home. */
  boolean moves(Region region) {
    return region.moving() || moves.stream().anyMatch(move -> move.region() == region.region());
  }

  List<Region> unprotected() {
    return regions.stream().filter(Region::isUnprotected).toList();
  }

  /** Where a program has homes, each component once, by name. */
  Stream<String> homesOf(Program program) {
    return regions.stream()
        .filter(region -> region.process() == program.process())
        .map(Region::home)
        .distinct()
        .sorted(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()));
  }

  private interface Reader<T> {
    T read(Row row);
  }

  private static <T> List<T> rows(Tables tables, String sql, Reader<T> reader) {
    List<T> read = new ArrayList<>();
    Listing listing = tables.query(sql, MOST_ROWS, TIMEOUT).listing();
    for (List<@Nullable Object> row : listing.rows()) {
      read.add(reader.read(new Row(row)));
    }
    return read;
  }

  private record Row(List<@Nullable Object> values) {
    String text(int column) {
      return String.valueOf(values.get(column));
    }

    long number(int column) {
      return values.get(column) instanceof Number number ? number.longValue() : 0;
    }

    boolean isTrue(int column) {
      return Boolean.TRUE.equals(values.get(column));
    }

    List<String> texts(int column) {
      return values.get(column) instanceof List<?> list
          ? list.stream().map(String::valueOf).toList()
          : List.of();
    }
  }
}
