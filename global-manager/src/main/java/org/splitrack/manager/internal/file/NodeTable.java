package org.splitrack.manager.internal.file;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.control.FileCalls;
import org.splitrack.fabric.control.FileCalls.FileError;
import org.splitrack.fabric.control.FileCalls.NodeKind;
import org.splitrack.manager.internal.file.FileTransactions.StaleRow;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The statements on {@code os_fs.inode}, {@code dirent} and {@code holder} that the file operations
 * are made of. Each is part of a caller's transaction. A directory is locked before what is in it.
 */
final class NodeTable {
  static final int FILE_MODE = 0644;
  static final int DIRECTORY_MODE = 0755;

  private final JdbcClient jdbc;

  NodeTable(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Where a path leads.
   *
   * @param parent the directory that holds the last name; null when there are no names
   * @param node what the path names; null when only the last name is missing
   */
  record Found(FilePath path, @Nullable NodeRow parent, @Nullable NodeRow node) {
    NodeRow require() {
      if (node == null) {
        throw notFound(path);
      }
      return node;
    }

    NodeRow requireParent() {
      if (parent == null) {
        throw new FileRefusal(FileError.INVALID, path + " is the directory itself");
      }
      return parent;
    }
  }

  /**
   * Follows a path; nothing is locked. A tenant's root is made when it is first asked for.
   *
   * @throws FileRefusal NOT_FOUND or NOT_A_DIRECTORY when an earlier name than the last fails
   */
  Found find(FilePath path) {
    List<Step> steps = walk(path);
    if (steps.isEmpty() && path.directory() == FileCalls.ROOT) {
      makeRoot(path.tenant());
      steps = walk(path);
    }
    if (steps.isEmpty()) {
      throw notFound(path);
    }
    int depth = path.names().size();
    Step deepest = steps.getFirst();
    if (deepest.depth() == depth) {
      NodeRow parent = steps.size() > 1 ? steps.get(1).node() : null;
      return new Found(path, parent, deepest.node());
    }
    deepest.node().requireDirectory(path);
    if (deepest.depth() < depth - 1) {
      throw notFound(path);
    }
    return new Found(path, deepest.node(), null);
  }

  /** The node of a tenant by number, perhaps without a name. */
  NodeRow require(String tenant, long inode) {
    if (inode == FileCalls.ROOT) {
      return find(new FilePath(tenant, FileCalls.ROOT, List.of())).require();
    }
    return jdbc.sql(
            "SELECT " + NodeRow.COLUMNS + " FROM os_fs.inode i WHERE inode = ? AND tenant = ?")
        .params(inode, tenant)
        .query(NodeRow::read)
        .optional()
        .orElseThrow(() -> gone(inode));
  }

  /** As {@link #require}, and nobody else changes it until the transaction's end. */
  NodeRow lock(String tenant, long inode) {
    return jdbc.sql(
            "SELECT "
                + NodeRow.COLUMNS
                + " FROM os_fs.inode i WHERE inode = ? AND tenant = ? FOR UPDATE")
        .params(inode, tenant)
        .query(NodeRow::read)
        .optional()
        .orElseThrow(() -> gone(inode));
  }

  /** Locks a directory whose entries change, and notes the time. */
  void lockToChange(NodeRow directory) {
    int rows =
        jdbc.sql(
                "UPDATE os_fs.inode SET modified_at = now(), changed_at = now(),"
                    + " version = version + 1 WHERE inode = ?")
            .param(directory.inode())
            .update();
    if (rows == 0) {
      throw gone(directory.inode());
    }
  }

  /**
   * Locks what a name stood for when the path was followed.
   *
   * @throws StaleRow when the name stands for something else by now
   */
  NodeRow lockNamed(String tenant, NodeRow parent, String name, NodeRow node) {
    Long inode =
        jdbc.sql("SELECT inode FROM os_fs.dirent WHERE tenant = ? AND parent = ? AND name = ?")
            .params(tenant, parent.inode(), name)
            .query(FileTransactions.NUMBER)
            .optional()
            .orElse(null);
    if (inode == null || inode != node.inode()) {
      throw new StaleRow(name);
    }
    return lock(tenant, inode);
  }

  /** A new file or directory without a name. */
  NodeRow insert(String tenant, NodeKind kind, int links) {
    boolean directory = kind == NodeKind.DIRECTORY;
    return jdbc.sql(
            "INSERT INTO os_fs.inode AS i (inode, tenant, kind, mode, links)"
                + " VALUES (nextval('os_fs.inode_id'), ?, ?, ?, ?) RETURNING "
                + NodeRow.COLUMNS)
        .params(tenant, directory ? "dir" : "file", directory ? DIRECTORY_MODE : FILE_MODE, links)
        .query(NodeRow::read)
        .single();
  }

  /**
   * Gives a node a name.
   *
   * @throws StaleRow when the name is taken by now
   */
  void insertName(String tenant, long parent, String name, long inode) {
    int rows =
        jdbc.sql(
                "INSERT INTO os_fs.dirent (tenant, parent, name, inode) VALUES (?, ?, ?, ?)"
                    + " ON CONFLICT DO NOTHING")
            .params(tenant, parent, name, inode)
            .update();
    if (rows == 0) {
      throw new StaleRow(name);
    }
  }

  /** Takes a node's name; {@link #insertName} may give it another. */
  void deleteName(long inode) {
    jdbc.sql("DELETE FROM os_fs.dirent WHERE inode = ?").param(inode).update();
  }

  boolean hasEntries(NodeRow directory) {
    return jdbc.sql("SELECT EXISTS (SELECT 1 FROM os_fs.dirent WHERE parent = ?)")
        .param(directory.inode())
        .query(Boolean.class)
        .single();
  }

  /** Removes name and node of a locked, empty directory. */
  void removeDirectory(NodeRow directory) {
    if (hasEntries(directory)) {
      throw new FileRefusal(FileError.NOT_EMPTY, "the directory is not empty");
    }
    deleteName(directory.inode());
    jdbc.sql("DELETE FROM os_fs.inode WHERE inode = ?").param(directory.inode()).update();
  }

  /** Removes the name of a locked file; its data too unless someone has it open. */
  void removeFile(NodeRow file) {
    deleteName(file.inode());
    jdbc.sql("UPDATE os_fs.inode SET links = 0, changed_at = now() WHERE inode = ?")
        .param(file.inode())
        .update();
    purgeUnlessHeld(file.inode());
  }

  /** Counts one more open of a file. */
  void hold(long inode, Holder holder) {
    jdbc.sql(
            "INSERT INTO os_fs.holder AS h (inode, process, incarnation, opens)"
                + " VALUES (?, ?, ?, 1) ON CONFLICT (inode, process, incarnation)"
                + " DO UPDATE SET opens = h.opens + 1")
        .params(inode, holder.process(), holder.incarnation())
        .update();
  }

  /** Removes a locked file that has no name, unless someone has it open. */
  void purgeUnlessHeld(long inode) {
    boolean held =
        jdbc.sql("SELECT EXISTS (SELECT 1 FROM os_fs.holder WHERE inode = ?)")
            .param(inode)
            .query(Boolean.class)
            .single();
    if (!held) {
      discardExtents(inode, 0);
      jdbc.sql("DELETE FROM os_fs.inode WHERE inode = ?").param(inode).update();
    }
  }

  /** Takes extents from {@code fromIndex} on away from a locked file. */
  void discardExtents(long inode, long fromIndex) {
    jdbc.sql(
            "WITH gone AS (DELETE FROM os_fs.extent WHERE inode = ? AND index >= ?"
                + " RETURNING extent, scomponent)"
                + " INSERT INTO os_fs.dead_extent (extent, scomponent)"
                + " SELECT extent, scomponent FROM gone")
        .params(inode, fromIndex)
        .update();
  }

  /** Whether {@code ancestor} is {@code node} or a directory above it. */
  boolean isAtOrAbove(long ancestor, long node) {
    return jdbc.sql(
            """
            WITH RECURSIVE up(inode) AS (
              SELECT CAST(? AS bigint)
              UNION ALL
              SELECT d.parent FROM up JOIN os_fs.dirent d ON d.inode = up.inode)
            SELECT EXISTS (SELECT 1 FROM up WHERE inode = ?)
            """)
        .params(node, ancestor)
        .query(Boolean.class)
        .single();
  }

  /** Until the transaction's end nobody else moves a directory of this tenant. */
  void lockTree(String tenant) {
    jdbc.sql("SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtextextended(?, 0))) AS taken")
        .param("os_fs.tree " + tenant)
        .query(Integer.class)
        .single();
  }

  private List<Step> walk(FilePath path) {
    return jdbc.sql(
            """
            WITH RECURSIVE want(names) AS (SELECT string_to_array(?, '/')),
            walk(depth, inode) AS (
              SELECT 0, CASE WHEN CAST(? AS bigint) = 0
                THEN (SELECT inode FROM os_fs.dirent WHERE tenant = ? AND parent = 0 AND name = '')
                ELSE CAST(? AS bigint) END
              UNION ALL
              SELECT w.depth + 1, d.inode
                FROM walk w CROSS JOIN want JOIN os_fs.dirent d
                  ON d.tenant = ? AND d.parent = w.inode AND d.name = want.names[w.depth + 1])
            SELECT w.depth,
            """
                + NodeRow.COLUMNS
                + " FROM walk w JOIN os_fs.inode i ON i.inode = w.inode AND i.tenant = ?"
                + " ORDER BY w.depth DESC LIMIT 2")
        .params(
            String.join("/", path.names()),
            path.directory(),
            path.tenant(),
            path.directory(),
            path.tenant(),
            path.tenant())
        .query((row, number) -> new Step(row.getInt("depth"), NodeRow.read(row, number)))
        .list();
  }

  private void makeRoot(String tenant) {
    NodeRow root = insert(tenant, NodeKind.DIRECTORY, 1);
    insertName(tenant, FileCalls.ROOT, "", root.inode());
  }

  private static FileRefusal notFound(FilePath path) {
    return new FileRefusal(FileError.NOT_FOUND, "there is no " + path);
  }

  private static FileRefusal gone(long inode) {
    return new FileRefusal(FileError.NOT_FOUND, "inode " + inode + " is gone");
  }

  private record Step(int depth, NodeRow node) {}
}
