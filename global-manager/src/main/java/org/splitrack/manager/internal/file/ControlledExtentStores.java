package org.splitrack.manager.internal.file;

import java.time.Duration;
import java.util.List;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.StorageCalls.CreateExtents;
import org.splitrack.fabric.control.StorageCalls.DeleteExtents;
import org.splitrack.fabric.control.StorageCalls.TrimExtent;

/** Commands sComponents over the control lane. */
public final class ControlledExtentStores implements ExtentStores {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final ControlClient control;

  public ControlledExtentStores(ControlClient control) {
    this.control = control;
  }

  @Override
  public void create(Endpoint store, List<Long> extents) {
    control.call(store, new CreateExtents(extents), TIMEOUT);
  }

  @Override
  public void delete(Endpoint store, List<Long> extents) {
    control.call(store, new DeleteExtents(extents), TIMEOUT);
  }

  @Override
  public void trim(Endpoint store, long extent, long bytes) {
    control.call(store, new TrimExtent(extent, bytes), TIMEOUT);
  }
}
