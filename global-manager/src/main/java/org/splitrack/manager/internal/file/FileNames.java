package org.splitrack.manager.internal.file;

import java.util.List;
import java.util.Optional;
import org.splitrack.fabric.control.FileCalls;
import org.splitrack.fabric.control.FileCalls.Entry;
import org.splitrack.fabric.control.FileCalls.FileError;
import org.splitrack.fabric.control.FileCalls.NodeInfo;
import org.splitrack.fabric.control.FileCalls.NodeKind;
import org.splitrack.manager.internal.file.FileTransactions.StaleRow;

/** Names and directories; each operation is one transaction. Safe from any thread. */
final class FileNames {
  private final FileTransactions transactions;

  FileNames(FileTransactions transactions) {
    this.transactions = transactions;
  }

  /**
   * How to open.
   *
   * @param directoryOnly NOT_A_DIRECTORY for a file
   * @param write IS_A_DIRECTORY for a directory
   */
  record OpenHow(boolean create, boolean exclusive, boolean directoryOnly, boolean write) {
    static final OpenHow TO_READ = new OpenHow(false, false, false, false);
  }

  NodeInfo lookUp(FilePath path) {
    return transactions.run(jdbc -> new NodeTable(jdbc).find(path).require().info());
  }

  NodeInfo lookUp(String tenant, long inode) {
    FilePath.checkTenant(tenant);
    return transactions.run(jdbc -> new NodeTable(jdbc).require(tenant, inode).info());
  }

  /** Opens; a file is held for {@code holder} from then on. */
  NodeInfo open(FilePath path, OpenHow how, Holder holder) {
    return transactions.run(
        jdbc -> {
          NodeTable nodes = new NodeTable(jdbc);
          NodeTable.Found found = nodes.find(path);
          NodeRow node = found.node();
          if (node == null) {
            if (!how.create() || how.directoryOnly()) {
              throw new FileRefusal(FileError.NOT_FOUND, "there is no " + path);
            }
            NodeRow file = make(nodes, found, NodeKind.FILE);
            nodes.hold(file.inode(), holder);
            return file.info();
          }
          if (how.create() && how.exclusive()) {
            throw new FileRefusal(FileError.EXISTS, path + " exists");
          }
          if (node.isDirectory()) {
            if (how.write() || how.create()) {
              throw new FileRefusal(FileError.IS_A_DIRECTORY, path + " is a directory");
            }
            return node.info();
          }
          if (how.directoryOnly()) {
            node.requireDirectory(path);
          }
          NodeRow file = nodes.lock(path.tenant(), node.inode());
          if (file.links() == 0) {
            throw new StaleRow(path.lastName());
          }
          nodes.hold(file.inode(), holder);
          FileTransactions.needNotWaitForDisk(jdbc);
          return file.info();
        });
  }

  /** A file without a name, held for {@code holder}; {@link #putInPlace} gives it one. */
  NodeInfo openNameless(String tenant, Holder holder) {
    FilePath.checkTenant(tenant);
    return transactions.run(
        jdbc -> {
          NodeTable nodes = new NodeTable(jdbc);
          NodeRow file = nodes.insert(tenant, NodeKind.FILE, 0);
          nodes.hold(file.inode(), holder);
          return file.info();
        });
  }

  /** Gives a nameless file the name {@code path}; a file that had it loses it in the same step. */
  NodeInfo putInPlace(long inode, FilePath path) {
    return transactions.run(
        jdbc -> {
          NodeTable nodes = new NodeTable(jdbc);
          NodeTable.Found found = nodes.find(path);
          if (found.node() != null) {
            found.node().requireFile(path);
          }
          NodeRow parent = found.requireParent();
          nodes.lockToChange(parent);
          if (found.node() != null) {
            nodes.removeFile(nodes.lockNamed(path.tenant(), parent, path.lastName(), found.node()));
          }
          nodes.insertName(path.tenant(), parent.inode(), path.lastName(), inode);
          jdbc.sql("UPDATE os_fs.inode SET links = 1, changed_at = now() WHERE inode = ?")
              .param(inode)
              .update();
          return nodes.lock(path.tenant(), inode).info();
        });
  }

  NodeInfo makeDirectory(FilePath path) {
    return transactions.run(
        jdbc -> {
          NodeTable nodes = new NodeTable(jdbc);
          NodeTable.Found found = nodes.find(path);
          if (found.node() != null) {
            throw new FileRefusal(FileError.EXISTS, path + " exists");
          }
          return make(nodes, found, NodeKind.DIRECTORY).info();
        });
  }

  void removeDirectory(FilePath path) {
    transactions.run(
        jdbc -> {
          NodeTable nodes = new NodeTable(jdbc);
          NodeTable.Found found = nodes.find(path);
          NodeRow directory = found.require().requireDirectory(path);
          NodeRow parent = found.requireParent();
          nodes.lockToChange(parent);
          nodes.removeDirectory(nodes.lockNamed(path.tenant(), parent, path.lastName(), directory));
          return Optional.empty();
        });
  }

  void unlink(FilePath path) {
    transactions.run(
        jdbc -> {
          NodeTable nodes = new NodeTable(jdbc);
          NodeTable.Found found = nodes.find(path);
          NodeRow file = found.require().requireFile(path);
          NodeRow parent = found.requireParent();
          nodes.lockToChange(parent);
          nodes.removeFile(nodes.lockNamed(path.tenant(), parent, path.lastName(), file));
          return Optional.empty();
        });
  }

  /** Both paths are of one tenant. */
  void rename(FilePath from, FilePath to) {
    transactions.run(
        jdbc -> {
          NodeTable nodes = new NodeTable(jdbc);
          if (nodes.find(from).require().isDirectory()) {
            nodes.lockTree(from.tenant());
          }
          NodeTable.Found source = nodes.find(from);
          NodeTable.Found target = nodes.find(to);
          NodeRow moved = source.require();
          NodeRow fromParent = source.requireParent();
          NodeRow toParent = target.requireParent();
          NodeRow replaced = target.node();
          if (replaced != null && replaced.inode() == moved.inode()) {
            return Optional.empty();
          }
          lockInOrder(nodes, fromParent, toParent);
          nodes.lockNamed(from.tenant(), fromParent, from.lastName(), moved);
          if (moved.isDirectory() && nodes.isAtOrAbove(moved.inode(), toParent.inode())) {
            throw new FileRefusal(FileError.INVALID, from + " cannot move below itself");
          }
          if (replaced != null) {
            replace(nodes, nodes.lockNamed(to.tenant(), toParent, to.lastName(), replaced), moved);
          }
          nodes.deleteName(moved.inode());
          nodes.insertName(to.tenant(), toParent.inode(), to.lastName(), moved.inode());
          jdbc.sql("UPDATE os_fs.inode SET changed_at = now() WHERE inode = ?")
              .param(moved.inode())
              .update();
          return Optional.empty();
        });
  }

  /** At most {@code max} entries, up to {@link FileCalls#MAX_ENTRIES}. */
  List<Entry> list(String tenant, long directory, long afterInode, int max) {
    FilePath.checkTenant(tenant);
    return transactions.run(
        jdbc -> {
          NodeRow node =
              new NodeTable(jdbc).require(tenant, directory).requireDirectory("what is listed");
          return jdbc.sql(
                  "SELECT d.name, d.inode, i.kind FROM os_fs.dirent d"
                      + " JOIN os_fs.inode i ON i.inode = d.inode"
                      + " WHERE d.tenant = ? AND d.parent = ? AND d.inode > ?"
                      + " ORDER BY d.inode LIMIT ?")
              .params(tenant, node.inode(), afterInode, Math.clamp(max, 1, FileCalls.MAX_ENTRIES))
              .query(
                  (row, number) ->
                      new Entry(
                          row.getString("name"),
                          row.getLong("inode"),
                          row.getString("kind").equals("dir") ? NodeKind.DIRECTORY : NodeKind.FILE))
              .list();
        });
  }

  private static NodeRow make(NodeTable nodes, NodeTable.Found found, NodeKind kind) {
    NodeRow parent = found.requireParent();
    String tenant = found.path().tenant();
    nodes.lockToChange(parent);
    NodeRow node = nodes.insert(tenant, kind, 1);
    nodes.insertName(tenant, parent.inode(), found.path().lastName(), node.inode());
    return node;
  }

  private static void lockInOrder(NodeTable nodes, NodeRow one, NodeRow other) {
    if (one.inode() <= other.inode()) {
      nodes.lockToChange(one);
    }
    if (one.inode() != other.inode()) {
      nodes.lockToChange(other);
    }
    if (one.inode() > other.inode()) {
      nodes.lockToChange(one);
    }
  }

  private static void replace(NodeTable nodes, NodeRow replaced, NodeRow moved) {
    if (moved.isDirectory()) {
      nodes.removeDirectory(replaced.requireDirectory("the new name"));
    } else {
      nodes.removeFile(replaced.requireFile("the new name"));
    }
  }
}
