package org.splitrack.manager.internal.file;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.splitrack.fabric.control.FileCalls.FileError;
import org.splitrack.fabric.control.FileCalls.NodeInfo;
import org.splitrack.fabric.control.FileCalls.NodeKind;

/** A row of {@code os_fs.inode}. Times are µs since 1970. */
record NodeRow(
    long inode,
    NodeKind kind,
    long bytes,
    int mode,
    long version,
    int links,
    long accessedUs,
    long modifiedUs,
    long changedUs) {
  /** Select list of a query whose rows {@link #read} takes; the table's alias is {@code i}. */
  static final String COLUMNS =
      """
      i.inode, i.kind, i.bytes, i.mode, i.version, i.links,
      (extract(epoch FROM i.accessed_at) * 1000000)::bigint AS accessed_us,
      (extract(epoch FROM i.modified_at) * 1000000)::bigint AS modified_us,
      (extract(epoch FROM i.changed_at) * 1000000)::bigint AS changed_us
      """;

  private static final long NS_PER_US = 1000;

  static NodeRow read(ResultSet row, int number) throws SQLException {
    return new NodeRow(
        row.getLong("inode"),
        row.getString("kind").equals("dir") ? NodeKind.DIRECTORY : NodeKind.FILE,
        row.getLong("bytes"),
        row.getInt("mode"),
        row.getLong("version"),
        row.getInt("links"),
        row.getLong("accessed_us"),
        row.getLong("modified_us"),
        row.getLong("changed_us"));
  }

  boolean isDirectory() {
    return kind == NodeKind.DIRECTORY;
  }

  NodeRow requireDirectory(Object what) {
    if (!isDirectory()) {
      throw new FileRefusal(FileError.NOT_A_DIRECTORY, what + " is no directory");
    }
    return this;
  }

  NodeRow requireFile(Object what) {
    if (isDirectory()) {
      throw new FileRefusal(FileError.IS_A_DIRECTORY, what + " is a directory");
    }
    return this;
  }

  NodeInfo info() {
    return new NodeInfo(
        inode,
        kind,
        bytes,
        mode,
        version,
        links,
        accessedUs * NS_PER_US,
        modifiedUs * NS_PER_US,
        changedUs * NS_PER_US);
  }
}
