package org.splitrack.manager.internal.file;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.FileCalls.FileError;
import org.splitrack.manager.internal.file.StorageNodes.StorageNode;

/** Makes extents on an sComponent that has room for them. Safe from any thread. */
final class NewExtents {
  private static final Logger LOG = LoggerFactory.getLogger(NewExtents.class);

  private final FileTransactions transactions;
  private final StorageNodes nodes;
  private final ExtentStores stores;
  private final ExtentPlacement placement = new ExtentPlacement();

  NewExtents(FileTransactions transactions, StorageNodes nodes, ExtentStores stores) {
    this.transactions = transactions;
    this.nodes = nodes;
    this.stores = stores;
  }

  /** Empty extents of one sComponent, in no table yet. */
  record Batch(ComponentId component, Endpoint endpoint, List<Long> extents) {}

  /**
   * Makes {@code count} extents, or one where no sComponent has room for so many.
   *
   * @throws FileRefusal NO_SPACE when all that are up are full
   * @throws ControlFault UNAVAILABLE when those that might have room do not answer
   */
  Batch make(int count) {
    List<Long> extents =
        transactions.run(
            jdbc ->
                jdbc.sql("SELECT nextval('os_fs.extent_id') FROM generate_series(1, ?)")
                    .param(count)
                    .query(FileTransactions.NUMBER)
                    .list());
    List<StorageNode> candidates = placement.candidates(nodes.up());
    boolean allAnswered = !candidates.isEmpty();
    for (List<Long> wanted :
        count == 1 ? List.of(extents) : List.of(extents, extents.subList(0, 1))) {
      for (StorageNode node : candidates) {
        try {
          stores.create(node.endpoint(), wanted);
          placement.given(node, wanted.size());
          return new Batch(node.component(), node.endpoint(), wanted);
        } catch (ControlFault e) {
          allAnswered &= e.code() == ControlFault.Code.FULL;
        }
      }
    }
    if (allAnswered) {
      throw new FileRefusal(FileError.NO_SPACE, "every sComponent is full");
    }
    throw new ControlFault(
        ControlFault.Code.UNAVAILABLE, "no sComponent with room answers at the moment");
  }

  /** Removes extents that came into no table. What cannot be reached keeps an empty file. */
  void giveBack(Batch batch, List<Long> unused) {
    if (unused.isEmpty()) {
      return;
    }
    try {
      stores.delete(batch.endpoint(), unused);
    } catch (ControlFault e) {
      LOG.info("{} keeps {} empty extents: {}", batch.component(), unused.size(), e.getMessage());
    }
  }
}
