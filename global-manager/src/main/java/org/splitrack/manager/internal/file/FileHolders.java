package org.splitrack.manager.internal.file;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.splitrack.fabric.ProcessId;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Who has which files open, and what happens when nobody has any more. Safe from any thread. */
public final class FileHolders {
  private final FileTransactions transactions;

  FileHolders(FileTransactions transactions) {
    this.transactions = transactions;
  }

  /** Gives back {@code count} opens of a file. */
  void close(long inode, Holder holder, int count) {
    transactions.run(
        jdbc -> {
          FileTransactions.needNotWaitForDisk(jdbc);
          int left =
              jdbc.sql(
                      "UPDATE os_fs.holder SET opens = opens - ?"
                          + " WHERE inode = ? AND process = ? AND incarnation = ? AND opens > ?")
                  .params(count, inode, holder.process(), holder.incarnation(), count)
                  .update();
          if (left == 0) {
            jdbc.sql(
                    "DELETE FROM os_fs.holder"
                        + " WHERE inode = ? AND process = ? AND incarnation = ?")
                .params(inode, holder.process(), holder.incarnation())
                .update();
            purge(jdbc, List.of(inode));
          }
          return left;
        });
  }

  /** A process has ended, whatever it had open; repeating it changes nothing. */
  public void release(ProcessId process) {
    releaseAll(process.value());
  }

  /**
   * At the manager's start: only these processes still run. Ends also the uploads and downloads of
   * the manager's last start.
   */
  public void retainOnly(Collection<ProcessId> running) {
    List<Long> processes =
        transactions.run(
            jdbc ->
                new ArrayList<>(
                    jdbc.sql("SELECT DISTINCT process FROM os_fs.holder")
                        .query(FileTransactions.NUMBER)
                        .list()));
    processes.removeIf(process -> process > 0 && running.contains(new ProcessId(process)));
    processes.forEach(this::releaseAll);
  }

  private void releaseAll(long process) {
    transactions.run(
        jdbc -> {
          List<Long> inodes =
              jdbc.sql("DELETE FROM os_fs.holder WHERE process = ? RETURNING inode")
                  .param(process)
                  .query(FileTransactions.NUMBER)
                  .list();
          purge(jdbc, inodes);
          return inodes.size();
        });
  }

  /**
   * Removes those without a name that nobody has open. Locks them first, so that of two that close
   * last, at the same time, the second sees the first.
   */
  private static void purge(JdbcClient jdbc, List<Long> inodes) {
    if (inodes.isEmpty()) {
      return;
    }
    NodeTable nodes = new NodeTable(jdbc);
    jdbc.sql(
            "SELECT inode FROM os_fs.inode WHERE inode IN (:inodes) AND links = 0"
                + " ORDER BY inode FOR UPDATE")
        .param("inodes", inodes)
        .query(FileTransactions.NUMBER)
        .list()
        .forEach(nodes::purgeUnlessHeld);
  }
}
