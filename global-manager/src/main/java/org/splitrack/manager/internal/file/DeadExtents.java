package org.splitrack.manager.internal.file;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.manager.internal.file.StorageNodes.StorageNode;

/**
 * Has extents that no file holds any more deleted by their sComponents. The rows are the queue: one
 * goes when its sComponent has answered, so neither end's restart forgets an extent.
 */
final class DeadExtents implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(DeadExtents.class);
  private static final int BATCH = 512;

  private final FileTransactions transactions;
  private final StorageNodes nodes;
  private final ExtentStores stores;

  DeadExtents(FileTransactions transactions, StorageNodes nodes, ExtentStores stores) {
    this.transactions = transactions;
    this.nodes = nodes;
    this.stores = stores;
  }

  /** One round over the sComponents that are up; called every second, by one thread. */
  @Override
  public void run() {
    for (StorageNode node : nodes.up()) {
      try {
        while (deleteSome(node) == BATCH) {
          LOG.debug("more dead extents on {}", node.component());
        }
      } catch (ControlFault e) {
        LOG.debug("dead extents of {} wait: {}", node.component(), e.getMessage());
      } catch (RuntimeException e) {
        LOG.error("dead extents of {} cannot be deleted", node.component(), e);
      }
    }
  }

  private int deleteSome(StorageNode node) {
    List<Long> extents =
        transactions.run(
            jdbc ->
                jdbc.sql("SELECT extent FROM os_fs.dead_extent WHERE scomponent = ? LIMIT ?")
                    .params(node.component().toString(), BATCH)
                    .query(FileTransactions.NUMBER)
                    .list());
    if (!extents.isEmpty()) {
      stores.delete(node.endpoint(), extents);
      transactions.run(
          jdbc ->
              jdbc.sql("DELETE FROM os_fs.dead_extent WHERE extent IN (:extents)")
                  .param("extents", extents)
                  .update());
    }
    return extents.size();
  }
}
