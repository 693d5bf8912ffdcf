package org.splitrack.manager.internal.authority;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.region.AckMode;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.Learner;
import org.splitrack.fabric.region.RegionConfig;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/** {@code os_mem.region_config} and its history. Statements run in the caller's transaction. */
final class RegionRows {
  private static final JsonMapper JSON = new JsonMapper();

  /** Also what the JSON of a change is read as. */
  private static final String COLUMNS =
      """
      region bigint, process bigint, incarnation integer, index integer, epoch bigint, term bigint,
      home_since bigint, home text, home_boot_id text, home_endpoint text, secondaries text[],
      secondary_boot_ids text[], secondary_endpoints text[], learner text, learner_boot_id text,
      learner_endpoint text, learner_purpose text, reserved_pages integer, ack text,
      strict boolean, state text""";

  private static final String NAMES =
      COLUMNS.replaceAll(" (bigint|integer|text\\[]|text|boolean)", "");

  /**
   * One statement for any number of changes. Rows that are not as expected are left out, and so is
   * everything once another manager leads. A repetition after an answer that got lost finds nothing
   * as expected.
   */
  private static final String CHANGE =
      """
      WITH wanted AS (
        SELECT * FROM jsonb_to_recordset(:changes::jsonb)
          AS w(expected_epoch bigint, expected_term bigint, expected_pages integer, reason text,
               %1$s)
         WHERE (SELECT term FROM os_res.leader FOR SHARE) = :term),
      inserted AS (
        INSERT INTO os_mem.region_config (%2$s)
        SELECT %2$s FROM wanted WHERE expected_epoch IS NULL
        ON CONFLICT DO NOTHING
        RETURNING region),
      updated AS (
        UPDATE os_mem.region_config r
           SET (%2$s) = (SELECT %3$s)
          FROM wanted w
         WHERE r.region = w.region AND r.epoch = w.expected_epoch AND r.term = w.expected_term
           AND r.reserved_pages = w.expected_pages
        RETURNING r.region),
      changed AS (
        SELECT w.* FROM wanted w
         WHERE region IN (SELECT region FROM inserted UNION ALL SELECT region FROM updated)),
      closed AS (
        UPDATE os_mem.region_history h
           SET valid = tstzrange(lower(h.valid), greatest(now(), lower(h.valid)))
          FROM changed c
         WHERE h.region = c.region AND h.epoch = c.expected_epoch AND c.epoch > c.expected_epoch),
      written AS (
        INSERT INTO os_mem.region_history
               (region, epoch, term, home, secondaries, learner, state, reason, valid)
        SELECT region, epoch, term, home, secondaries, learner, state, reason,
               tstzrange(now(), CASE WHEN state = 'lost' THEN now() END, '[]')
          FROM changed
         WHERE expected_epoch IS NULL OR epoch > expected_epoch)
      SELECT count(*) FROM changed
      """
          .formatted(COLUMNS, NAMES, "w." + NAMES.strip().replaceAll(",\\s*", ", w."));

  private RegionRows() {}

  /** How many of the changes were made. */
  static int change(JdbcClient jdbc, long term, List<RegionChange> changes) {
    return jdbc.sql(CHANGE)
        .param("changes", JSON.writeValueAsString(changes.stream().map(RegionRows::json).toList()))
        .param("term", term)
        .query(Integer.class)
        .single();
  }

  private static Map<String, @Nullable Object> json(RegionChange change) {
    Map<String, @Nullable Object> json = columns(change.next());
    RegionConfig expected = change.expected();
    json.put("expected_epoch", expected == null ? null : expected.epoch());
    json.put("expected_term", expected == null ? null : expected.term());
    json.put("expected_pages", expected == null ? null : expected.reservedPages());
    json.put("reason", change.reason());
    return json;
  }

  private static Map<String, @Nullable Object> columns(RegionConfig config) {
    Map<String, @Nullable Object> columns = new LinkedHashMap<>();
    columns.put("region", config.region().value());
    columns.put("process", config.process().value());
    columns.put("incarnation", config.incarnation());
    columns.put("index", config.index());
    columns.put("epoch", config.epoch());
    columns.put("term", config.term());
    columns.put("home_since", config.homeSince());
    columns.put("home", config.home().component().toString());
    columns.put("home_boot_id", config.home().boot().toString());
    columns.put("home_endpoint", config.home().endpoint().toString());
    List<CopyPlace> secondaries = config.secondaries();
    columns.put("secondaries", secondaries.stream().map(p -> p.component().toString()).toList());
    columns.put("secondary_boot_ids", secondaries.stream().map(p -> p.boot().toString()).toList());
    columns.put(
        "secondary_endpoints", secondaries.stream().map(p -> p.endpoint().toString()).toList());
    Learner learner = config.learner();
    if (learner != null) {
      columns.put("learner", learner.place().component().toString());
      columns.put("learner_boot_id", learner.place().boot().toString());
      columns.put("learner_endpoint", learner.place().endpoint().toString());
      columns.put("learner_purpose", lower(learner.purpose()));
    }
    columns.put("reserved_pages", config.reservedPages());
    columns.put("ack", lower(config.ack()));
    columns.put("strict", config.strict());
    columns.put("state", lower(config.state()));
    return columns;
  }

  static Optional<RegionConfig> read(JdbcClient jdbc, RegionId region) {
    return jdbc.sql("SELECT * FROM os_mem.region_config WHERE region = :region")
        .param("region", region.value())
        .query((row, number) -> config(row))
        .optional();
  }

  static List<RegionConfig> readAll(JdbcClient jdbc) {
    return jdbc.sql("SELECT * FROM os_mem.region_config ORDER BY region")
        .query((row, number) -> config(row))
        .list();
  }

  /** Removes all regions of a process and closes their histories. */
  static void removeAll(JdbcClient jdbc, ProcessId process) {
    jdbc.sql(
            """
            WITH gone AS (DELETE FROM os_mem.region_config WHERE process = :process RETURNING region)
            UPDATE os_mem.region_history h
               SET valid = tstzrange(lower(h.valid), greatest(now(), lower(h.valid)))
              FROM gone g
             WHERE h.region = g.region AND upper_inf(h.valid)
            """)
        .param("process", process.value())
        .update();
  }

  private static RegionConfig config(ResultSet row) throws SQLException {
    String learner = row.getString("learner");
    return new RegionConfig(
        new RegionId(row.getLong("region")),
        new ProcessId(row.getLong("process")),
        row.getInt("incarnation"),
        row.getInt("index"),
        row.getLong("epoch"),
        row.getLong("term"),
        row.getLong("home_since"),
        place(row.getString("home"), row.getString("home_boot_id"), row.getString("home_endpoint")),
        secondaries(row),
        learner == null
            ? null
            : new Learner(
                place(learner, row.getString("learner_boot_id"), row.getString("learner_endpoint")),
                Learner.Purpose.valueOf(upper(row.getString("learner_purpose")))),
        row.getInt("reserved_pages"),
        AckMode.valueOf(upper(row.getString("ack"))),
        row.getBoolean("strict"),
        RegionConfig.State.valueOf(upper(row.getString("state"))));
  }

  private static List<CopyPlace> secondaries(ResultSet row) throws SQLException {
    List<String> components = texts(row.getArray("secondaries"));
    List<String> boots = texts(row.getArray("secondary_boot_ids"));
    List<String> endpoints = texts(row.getArray("secondary_endpoints"));
    List<CopyPlace> places = new ArrayList<>(components.size());
    for (int i = 0; i < components.size(); i++) {
      places.add(place(components.get(i), boots.get(i), endpoints.get(i)));
    }
    return places;
  }

  private static CopyPlace place(String component, String boot, String endpoint) {
    return new CopyPlace(
        ComponentId.parse(component), BootId.parse(boot), Endpoint.parse(endpoint));
  }

  private static List<String> texts(Array array) throws SQLException {
    return List.of((String[]) array.getArray());
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }
}
