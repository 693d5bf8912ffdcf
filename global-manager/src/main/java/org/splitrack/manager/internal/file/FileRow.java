package org.splitrack.manager.internal.file;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * A line of {@code rack ls}: the columns of {@code api.files}, and what kind of node it is.
 *
 * @param replicas copies of the part that has the fewest; 0 when nothing is stored
 * @param healthy whether every part has a readable copy
 * @param kind file or dir
 */
record FileRow(
    @JsonProperty("tenant") String tenant,
    @JsonProperty("path") String path,
    @JsonProperty("bytes") long bytes,
    @JsonProperty("mode") int mode,
    @JsonProperty("version") long version,
    @JsonProperty("replicas") int replicas,
    @JsonProperty("healthy") boolean healthy,
    @JsonProperty("kind") String kind) {

  /** Lines of one answer at most. */
  static final int MAX_ROWS = 10_000;

  /** What lies in a directory, by name, or the one file that the path names. */
  static List<FileRow> list(JdbcClient jdbc, FilePath path) {
    NodeRow node = new NodeTable(jdbc).find(path).require();
    String shown = "/" + String.join("/", path.names());
    String prefix = shown.equals("/") ? "" : shown;
    return jdbc.sql(
            """
            SELECT d.name, i.bytes, i.mode, i.version, i.kind,
                   coalesce(parts.replicas, 0) AS replicas, coalesce(parts.healthy, true) AS healthy
              FROM os_fs.dirent d
              JOIN os_fs.inode i ON i.inode = d.inode
              LEFT JOIN LATERAL (
                SELECT min(copies) AS replicas, bool_and(readable) AS healthy
                  FROM (SELECT count(*) AS copies, bool_or(e.healthy) AS readable
                          FROM os_fs.extent e WHERE e.inode = i.inode GROUP BY e.index) part
              ) parts ON true
             WHERE CASE WHEN ? THEN d.parent = ? ELSE d.inode = ? END AND d.tenant = ?
             ORDER BY d.name LIMIT ?
            """)
        .params(node.isDirectory(), node.inode(), node.inode(), path.tenant(), MAX_ROWS)
        .query(
            (row, number) ->
                new FileRow(
                    path.tenant(),
                    node.isDirectory() ? prefix + "/" + row.getString("name") : shown,
                    row.getLong("bytes"),
                    row.getInt("mode"),
                    row.getLong("version"),
                    row.getInt("replicas"),
                    row.getBoolean("healthy"),
                    row.getString("kind")))
        .list();
  }
}
