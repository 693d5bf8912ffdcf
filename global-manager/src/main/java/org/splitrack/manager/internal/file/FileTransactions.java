package org.splitrack.manager.internal.file;

import java.util.function.Function;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.control.ControlFault;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Runs pieces of SQL as transactions. Row locks are taken in no global order, so a deadlock or a
 * row that changed meanwhile is possible and harmless: the piece is run again, a few times.
 */
final class FileTransactions {
  private static final Logger LOG = LoggerFactory.getLogger(FileTransactions.class);

  /** Rows of one number. */
  static final RowMapper<Long> NUMBER = (row, index) -> row.getLong(1);

  private static final int MAX_ATTEMPTS = 8;
  private static final int TIMEOUT_S = 10;

  private final JdbcClient jdbc;
  private final TransactionTemplate transaction;

  FileTransactions(DataSource dataSource) {
    jdbc = JdbcClient.create(dataSource);
    transaction = new TransactionTemplate(new DataSourceTransactionManager(dataSource));
    transaction.setTimeout(TIMEOUT_S);
  }

  /**
   * Runs {@code work}; it must be harmless to run it again after a rollback.
   *
   * @throws FileRefusal from {@code work}; everything is rolled back
   * @throws ControlFault UNAVAILABLE when the database cannot be reached or does not get to it
   */
  <R> R run(Function<JdbcClient, R> work) {
    for (int attempt = 1; ; attempt++) {
      try {
        return transaction.execute(status -> work.apply(jdbc));
      } catch (ConcurrencyFailureException | StaleRow e) {
        if (attempt == MAX_ATTEMPTS) {
          throw new ControlFault(
              ControlFault.Code.UNAVAILABLE, "the file tables are too busy; try again");
        }
      } catch (TransientDataAccessException
          | DataAccessResourceFailureException
          | TransactionException e) {
        LOG.debug("a file transaction failed", e);
        throw new ControlFault(
            ControlFault.Code.UNAVAILABLE, "the file tables cannot be reached at the moment");
      } catch (DataAccessException e) {
        LOG.error("a file transaction failed", e);
        throw new ControlFault(ControlFault.Code.FAILED, "the file tables refuse a statement");
      }
    }
  }

  /**
   * For a transaction that changes only {@code os_fs.holder}: its commit need not wait for the
   * disk, since a server crash that loses an open loses at most data that has no name any more.
   */
  static void needNotWaitForDisk(JdbcClient jdbc) {
    jdbc.sql("SET LOCAL synchronous_commit = off").update();
  }

  /** A row that was read before it was locked has changed; the transaction starts over. */
  static final class StaleRow extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StaleRow(String what) {
      super(what, null, false, false);
    }
  }
}
