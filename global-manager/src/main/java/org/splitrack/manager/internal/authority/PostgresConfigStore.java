package org.splitrack.manager.internal.authority;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.fabric.region.ConfigChange;
import org.splitrack.fabric.region.RegionConfig;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The rows in PostgreSQL. Each change is one transaction of the row, its history and the check that
 * this manager still leads; it is made here only when that is on disk. The leader is the only
 * writer, so it reads from a copy in memory, which {@link #open} fills: reads ask no database, and
 * what only reads goes on while that is away.
 *
 * <p>A change whose answer does not come is repeated until it does, at most for a while: a
 * repetition finds either the row as expected or the change made.
 */
public final class PostgresConfigStore implements ConfigStore {
  /** How long a change waits for a database that is away. */
  public static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Duration RETRY_PAUSE = Duration.ofMillis(50);
  private static final int TRANSACTION_LIMIT_S = 10;
  private static final Logger LOG = LoggerFactory.getLogger(PostgresConfigStore.class);

  private final JdbcClient jdbc;
  private final TransactionTemplate transaction;
  private final Guard guard;
  private final Duration patience;
  private volatile @Nullable InMemoryConfigStore rows;

  /**
   * @param dataSource of sessions whose commits are on disk when they return
   */
  public PostgresConfigStore(DataSource dataSource, Guard guard, Duration patience) {
    this.jdbc = JdbcClient.create(dataSource);
    this.transaction = new TransactionTemplate(new DataSourceTransactionManager(dataSource));
    this.transaction.setTimeout(TRANSACTION_LIMIT_S);
    this.guard = guard;
    this.patience = patience;
  }

  /**
   * Begins to lead with a term that was won: reads all rows.
   *
   * @throws ControlFault UNAVAILABLE when the database does not answer; then nothing has begun
   */
  public void open(long term) {
    InMemoryConfigStore read =
        guard.call(
            () ->
                transaction.execute(
                    status -> {
                      ProcessRows.prune(jdbc, InMemoryConfigStore.MAX_ENDED);
                      InMemoryConfigStore all = new InMemoryConfigStore(term);
                      ProcessRows.readAll(jdbc, InMemoryConfigStore.MAX_ENDED).forEach(all::put);
                      RegionRows.readAll(jdbc).forEach(all::put);
                      return all;
                    }));
    LOG.info(
        "term {}: {} processes run, {} regions are granted",
        term,
        read.runningProcesses().size(),
        read.regions().size());
    rows = read;
  }

  /** Ends leading: another manager does, or this one stops. */
  public void close() {
    rows = null;
  }

  private InMemoryConfigStore rows() {
    InMemoryConfigStore present = rows;
    if (present == null) {
      throw new ControlFault(
          Code.UNAVAILABLE, "this manager does not lead yet: it waits for PostgreSQL and its term");
    }
    return present;
  }

  @Override
  public long term() {
    InMemoryConfigStore present = rows;
    return present == null ? 0 : present.term();
  }

  @Override
  public Optional<ProcessRow> process(ProcessId process) {
    return rows().process(process);
  }

  @Override
  public Collection<ProcessRow> runningProcesses() {
    return rows().runningProcesses();
  }

  @Override
  public Collection<ProcessRow> processes() {
    return rows().processes();
  }

  @Override
  public boolean addProcess(ProcessRow row) {
    InMemoryConfigStore present = rows();
    if (present.process(row.process()).isPresent()) {
      return false;
    }
    return stored(
        new ProcessChange(present, row, () -> {}) {
          @Override
          boolean make() {
            return ProcessRows.insert(jdbc, present.term(), row);
          }
        });
  }

  @Override
  public boolean replaceProcess(ProcessRow expected, ProcessRow next) {
    InMemoryConfigStore present = rows();
    return isHere(present, expected)
        && stored(
            new ProcessChange(present, next, () -> {}) {
              @Override
              boolean make() {
                return ProcessRows.update(jdbc, present.term(), expected, next);
              }
            });
  }

  @Override
  public Optional<List<RegionConfig>> expel(ProcessRow expected, ProcessRow next) {
    InMemoryConfigStore present = rows();
    if (!isHere(present, expected)) {
      return Optional.empty();
    }
    List<RegionConfig> gone = present.regionsOf(next.process());
    Runnable forgetRegions = () -> gone.forEach(config -> present.remove(config.region()));
    boolean stored =
        stored(
            new ProcessChange(present, next, forgetRegions) {
              @Override
              boolean make() {
                RegionRows.removeAll(jdbc, next.process());
                return ProcessRows.update(jdbc, present.term(), expected, next);
              }
            });
    return stored ? Optional.of(gone) : Optional.empty();
  }

  @Override
  public Optional<RegionConfig> region(RegionId region) {
    return rows().region(region);
  }

  @Override
  public List<RegionConfig> regionsOf(ProcessId process) {
    return rows().regionsOf(process);
  }

  @Override
  public Collection<RegionConfig> regions() {
    return rows().regions();
  }

  @Override
  public List<RegionConfig> reread(List<RegionId> regions) {
    InMemoryConfigStore present = rows();
    return guard.call(
        () -> {
          regions.forEach(region -> readAgain(present, region));
          return present.reread(regions);
        });
  }

  @Override
  public boolean addRegions(List<RegionConfig> configs, String reason) {
    InMemoryConfigStore present = rows();
    return configs.stream().allMatch(config -> present.region(config.region()).isEmpty())
        && stored(
            present,
            configs.stream().map(config -> new RegionChange(null, config, reason)).toList());
  }

  @Override
  public boolean change(List<ConfigChange> changes) {
    InMemoryConfigStore present = rows();
    return changes.stream()
            .allMatch(
                change ->
                    present.region(change.next().region()).equals(Optional.of(change.expected())))
        && stored(present, changes.stream().map(RegionChange::of).toList());
  }

  private void readAgain(InMemoryConfigStore present, RegionId region) {
    RegionRows.read(jdbc, region).ifPresentOrElse(present::put, () -> present.remove(region));
  }

  private boolean stored(InMemoryConfigStore present, List<RegionChange> changes) {
    return stored(
        new Change() {
          @Override
          boolean make() {
            return RegionRows.change(jdbc, present.term(), changes) == changes.size();
          }

          @Override
          boolean isMade() {
            return changes.stream()
                .map(RegionChange::next)
                .allMatch(next -> RegionRows.read(jdbc, next.region()).equals(Optional.of(next)));
          }

          @Override
          void adopt() {
            changes.forEach(change -> present.put(change.next()));
          }

          @Override
          void readAgain() {
            changes.forEach(
                change -> PostgresConfigStore.this.readAgain(present, change.next().region()));
          }
        });
  }

  private static boolean isHere(InMemoryConfigStore present, ProcessRow expected) {
    return present.process(expected.process()).equals(Optional.of(expected));
  }

  /** What one transaction changes. */
  private abstract static class Change {
    /** Changes the rows in the database; false: they are not as expected. */
    abstract boolean make();

    /** Whether the database has it already: from an attempt whose answer never came. */
    abstract boolean isMade();

    /** Does the same to the rows in memory. */
    abstract void adopt();

    /** Reads the rows that turned out to be others. */
    abstract void readAgain();
  }

  private abstract class ProcessChange extends Change {
    private final InMemoryConfigStore present;
    private final ProcessRow next;
    private final Runnable forgetRegions;

    ProcessChange(InMemoryConfigStore present, ProcessRow next, Runnable forgetRegions) {
      this.present = present;
      this.next = next;
      this.forgetRegions = forgetRegions;
    }

    /** Times come back from the database a little coarser, so they are not compared. */
    @Override
    boolean isMade() {
      return ProcessRows.read(jdbc, next.process())
          .filter(
              there ->
                  there.incarnation() == next.incarnation()
                      && there.place().equals(next.place())
                      && there.ticket().equals(next.ticket())
                      && there.effectsLeft() == next.effectsLeft()
                      && there.status() == next.status())
          .isPresent();
    }

    @Override
    void adopt() {
      forgetRegions.run();
      present.put(next);
    }

    @Override
    void readAgain() {
      ProcessRows.read(jdbc, next.process()).ifPresent(present::put);
    }
  }

  /** Makes a change as one transaction; false: the rows are others, and have been read again. */
  private boolean stored(Change change) {
    long startNs = System.nanoTime();
    while (true) {
      try {
        boolean done = guard.call(() -> inTransaction(change) || change.isMade());
        if (done) {
          change.adopt();
        } else {
          guard.call(
              () -> {
                change.readAgain();
                return true;
              });
        }
        return done;
      } catch (ControlFault e) {
        if (System.nanoTime() - startNs > patience.toNanos() || !pause()) {
          throw e;
        }
      }
    }
  }

  private boolean inTransaction(Change change) {
    return Boolean.TRUE.equals(
        transaction.execute(
            status -> {
              boolean made = change.make();
              if (!made) {
                status.setRollbackOnly();
              }
              return made;
            }));
  }

  private static boolean pause() {
    try {
      Thread.sleep(RETRY_PAUSE);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
