package org.splitrack.manager.internal.file;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.FileCalls;
import org.splitrack.fabric.control.FileCalls.ExtentGrant;
import org.splitrack.fabric.control.FileCalls.FileError;
import org.splitrack.fabric.control.FileCalls.NodeInfo;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Sizes, times and extent maps; each change is one transaction, and no row is locked while an
 * sComponent is asked. Safe from any thread.
 */
final class FileContents {
  private static final String TIME =
      "timestamptz 'epoch' + CAST(? AS bigint) * interval '1 microsecond'";

  private final FileTransactions transactions;
  private final StorageNodes nodes;
  private final NewExtents newExtents;
  private final ExtentStores stores;

  FileContents(
      FileTransactions transactions,
      StorageNodes nodes,
      NewExtents newExtents,
      ExtentStores stores) {
    this.transactions = transactions;
    this.nodes = nodes;
    this.newExtents = newExtents;
    this.stores = stores;
  }

  /** Cuts or lengthens a file. */
  NodeInfo setSize(String tenant, long inode, long bytes) {
    checkSize(bytes);
    forgetTail(tenant, inode, bytes);
    return transactions.run(
        jdbc -> {
          NodeRow file = new NodeTable(jdbc).lock(tenant, inode).requireFile("what is cut");
          return cut(jdbc, file, bytes).info();
        });
  }

  /** The file has at least this size, and a new version. */
  NodeInfo commitWrites(String tenant, long inode, long atLeastBytes, long modifiedNs) {
    checkSize(atLeastBytes);
    return update(
        tenant,
        inode,
        "bytes = greatest(bytes, ?), version = version + 1, modified_at = " + TIME,
        atLeastBytes,
        microseconds(modifiedNs));
  }

  /** Sets times; {@code -1} leaves one as it is. */
  NodeInfo setTimes(String tenant, long inode, long accessedNs, long modifiedNs) {
    return update(
        tenant,
        inode,
        "accessed_at = CASE WHEN ? THEN "
            + TIME
            + " ELSE accessed_at END, modified_at = CASE WHEN ? THEN "
            + TIME
            + " ELSE modified_at END",
        accessedNs >= 0,
        microseconds(accessedNs),
        modifiedNs >= 0,
        microseconds(modifiedNs));
  }

  /** Those of the extents that there are, in order. */
  List<ExtentGrant> extents(String tenant, long inode, long fromIndex, int count) {
    checkRange(fromIndex, count);
    return transactions.run(
        jdbc -> {
          new NodeTable(jdbc).require(tenant, inode);
          return read(jdbc, inode, fromIndex, count);
        });
  }

  /** The extents of the range, those that are missing made before. */
  List<ExtentGrant> allocate(String tenant, long inode, long fromIndex, int count) {
    checkRange(fromIndex, count);
    List<ExtentGrant> present = extents(tenant, inode, fromIndex, count);
    if (present.size() == count) {
      return present;
    }
    NewExtents.Batch made = newExtents.make(count - present.size());
    List<Long> unused = new ArrayList<>();
    try {
      List<ExtentGrant> all =
          transactions.run(
              jdbc -> {
                unused.clear();
                unused.addAll(made.extents());
                new NodeTable(jdbc).lock(tenant, inode).requireFile("what is written");
                insertMissing(jdbc, inode, fromIndex, count, made.component(), unused);
                return read(jdbc, inode, fromIndex, count);
              });
      newExtents.giveBack(made, unused);
      return all;
    } catch (FileRefusal e) {
      newExtents.giveBack(made, made.extents());
      throw e;
    }
  }

  /** Sets the size of a locked file, in a caller's transaction. */
  static NodeRow cut(JdbcClient jdbc, NodeRow file, long bytes) {
    NodeTable nodes = new NodeTable(jdbc);
    nodes.discardExtents(file.inode(), Math.ceilDiv(bytes, FileCalls.EXTENT_BYTES));
    return jdbc.sql(
            "UPDATE os_fs.inode AS i SET bytes = ?, version = version + 1, modified_at = now(),"
                + " changed_at = now() WHERE inode = ? RETURNING "
                + NodeRow.COLUMNS)
        .params(bytes, file.inode())
        .query(NodeRow::read)
        .single();
  }

  /**
   * Where a cut goes through an extent, what is behind it must not come back when the file grows.
   * Done before the size changes: then a cut that fails half-way leaves zeros, not old bytes.
   */
  private void forgetTail(String tenant, long inode, long bytes) {
    int tail = (int) (bytes % FileCalls.EXTENT_BYTES);
    if (tail == 0) {
      return;
    }
    for (ExtentGrant grant : extents(tenant, inode, bytes / FileCalls.EXTENT_BYTES, 1)) {
      Endpoint endpoint = grant.endpoint();
      if (endpoint == null) {
        throw new ControlFault(
            ControlFault.Code.UNAVAILABLE, grant.component() + " is not up at the moment");
      }
      stores.trim(endpoint, grant.extent(), tail);
    }
  }

  private NodeInfo update(String tenant, long inode, String assignments, Object... values) {
    List<Object> parameters = new ArrayList<>(List.of(values));
    parameters.add(inode);
    parameters.add(tenant);
    return transactions.run(
        jdbc ->
            jdbc.sql(
                    "UPDATE os_fs.inode AS i SET changed_at = now(), "
                        + assignments
                        + " WHERE inode = ? AND tenant = ? RETURNING "
                        + NodeRow.COLUMNS)
                .params(parameters)
                .query(NodeRow::read)
                .optional()
                .orElseThrow(
                    () -> new FileRefusal(FileError.NOT_FOUND, "inode " + inode + " is gone"))
                .info());
  }

  private List<ExtentGrant> read(JdbcClient jdbc, long inode, long fromIndex, int count) {
    return jdbc.sql(
            "SELECT index, extent, scomponent FROM os_fs.extent"
                + " WHERE inode = ? AND index >= ? AND index < ? ORDER BY index")
        .params(inode, fromIndex, fromIndex + count)
        .query(
            (row, number) -> {
              ComponentId component = ComponentId.parse(row.getString("scomponent"));
              Optional<Endpoint> endpoint = nodes.endpoint(component);
              return new ExtentGrant(
                  row.getLong("index"), row.getLong("extent"), component, endpoint.orElse(null));
            })
        .list();
  }

  private static void insertMissing(
      JdbcClient jdbc,
      long inode,
      long fromIndex,
      int count,
      ComponentId component,
      List<Long> unused) {
    List<Long> missing =
        jdbc.sql(
                "SELECT g FROM generate_series(?, ?) g WHERE NOT EXISTS"
                    + " (SELECT 1 FROM os_fs.extent e WHERE e.inode = ? AND e.index = g)"
                    + " ORDER BY g")
            .params(fromIndex, fromIndex + count - 1, inode)
            .query(FileTransactions.NUMBER)
            .list();
    for (long index : missing) {
      if (unused.isEmpty()) {
        return;
      }
      jdbc.sql("INSERT INTO os_fs.extent (inode, index, extent, scomponent) VALUES (?, ?, ?, ?)")
          .params(inode, index, unused.removeFirst(), component.toString())
          .update();
    }
  }

  private static long microseconds(long ns) {
    return ns / 1000;
  }

  private static void checkSize(long bytes) {
    if (bytes < 0) {
      throw new FileRefusal(FileError.INVALID, "a size of " + bytes + " bytes");
    }
    if (bytes > FileCalls.MAX_FILE_BYTES) {
      throw new FileRefusal(
          FileError.FILE_TOO_LARGE,
          "a file of " + bytes + " bytes is larger than " + FileCalls.MAX_FILE_BYTES);
    }
  }

  private static void checkRange(long fromIndex, int count) {
    if (fromIndex < 0
        || count < 1
        || count > FileCalls.MAX_EXTENTS
        || fromIndex + count > FileCalls.MAX_FILE_BYTES / FileCalls.EXTENT_BYTES) {
      throw new FileRefusal(
          FileError.FILE_TOO_LARGE, count + " extents from index " + fromIndex + " on");
    }
  }
}
