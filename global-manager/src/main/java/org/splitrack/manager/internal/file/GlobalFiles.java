package org.splitrack.manager.internal.file;

import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.splitrack.fabric.control.ControlServer;

/**
 * GSM: the files of the rack, as far as the manager knows them. Holds no state that is not in the
 * tables; connects to nothing before it is used.
 */
public final class GlobalFiles implements AutoCloseable {
  private static final long DELETE_PAUSE_MS = 1_000;

  private final FileTransactions transactions;
  private final StorageNodes nodes;
  private final FileNames names;
  private final FileContents contents;
  private final FileHolders holders;
  private final FileCallHandlers handlers;
  private final DeadExtents deadExtents;
  private final ScheduledExecutorService background =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("dead-extents").factory());

  public GlobalFiles(
      DataSource dataSource, StorageNodes nodes, ProcessGate gate, ExtentStores stores) {
    this.nodes = nodes;
    transactions = new FileTransactions(dataSource);
    names = new FileNames(transactions);
    contents =
        new FileContents(transactions, nodes, new NewExtents(transactions, nodes, stores), stores);
    holders = new FileHolders(transactions);
    handlers = new FileCallHandlers(names, contents, holders, nodes, gate);
    deadExtents = new DeadExtents(transactions, nodes, stores);
  }

  /** Answers the file calls from now on. */
  public void register(ControlServer server) {
    handlers.register(server);
  }

  /** Begins to have dead extents deleted; once the tables are there. */
  public void start() {
    var _ =
        background.scheduleWithFixedDelay(
            deadExtents, DELETE_PAUSE_MS, DELETE_PAUSE_MS, TimeUnit.MILLISECONDS);
  }

  /** To be told which processes have ended. */
  public FileHolders holders() {
    return holders;
  }

  /** What lies in a directory, or the one file. */
  List<FileRow> list(FilePath path) {
    return transactions.run(jdbc -> FileRow.list(jdbc, path));
  }

  StorageNodes nodes() {
    return nodes;
  }

  FileNames names() {
    return names;
  }

  FileContents contents() {
    return contents;
  }

  @Override
  public void close() {
    background.shutdownNow();
  }
}
