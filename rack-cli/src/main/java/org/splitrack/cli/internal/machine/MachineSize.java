package org.splitrack.cli.internal.machine;

import java.time.Duration;
import java.util.List;
import org.splitrack.cli.internal.Progress;
import org.splitrack.cli.internal.access.RackSize;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;

/** The components of a rack on this machine. */
final class MachineSize implements RackSize {
  private static final Duration LOCK_PATIENCE = Duration.ofMinutes(3);

  private final StateDirectory state;
  private final Progress progress;

  MachineSize(StateDirectory state, Progress progress) {
    this.state = state;
    this.progress = progress;
  }

  @Override
  public int of(Role role) {
    return state.running().counts().of(role).size();
  }

  @Override
  public List<ComponentId> running(Role role) {
    return state.running().living().stream()
        .map(RackFile.Component::component)
        .filter(id -> id.role() == role)
        .sorted()
        .toList();
  }

  @Override
  public void grow(Role role, int count) {
    try (var _ = state.lock(progress, LOCK_PATIENCE)) {
      RackFile rack = state.running();
      new RackStart(state, Installation.current(), progress)
          .startMore(rack, rack.counts().with(role, count));
    }
  }

  @Override
  public void shrink(Role role, int count) {
    try (var _ = state.lock(progress, LOCK_PATIENCE)) {
      RackFile rack = state.running();
      List<RackFile.Component> leaving =
          rack.components().stream()
              .filter(one -> one.component().role() == role && one.component().ordinal() >= count)
              .toList();
      RackStop.end(leaving.stream().filter(rack.living()::contains).toList());
      List<RackFile.Component> staying =
          rack.components().stream().filter(one -> !leaving.contains(one)).toList();
      state.write(rack.with(rack.state(), staying).with(rack.counts().with(role, count)));
    }
  }
}
