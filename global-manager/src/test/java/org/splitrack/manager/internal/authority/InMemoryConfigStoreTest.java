package org.splitrack.manager.internal.authority;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.splitrack.fabric.ProcessId;

class InMemoryConfigStoreTest extends ConfigStoreContract {
  private final InMemoryConfigStore store = new InMemoryConfigStore();

  @Override
  ConfigStore store() {
    return store;
  }

  @Test
  void shouldKeepOnlyTheNewestEndedProcesses() {
    // given
    ProcessRow running = process(1);
    store.addProcess(running);
    // when
    for (int i = 2; i <= InMemoryConfigStore.MAX_ENDED + 2; i++) {
      ProcessRow row = process(i);
      store.addProcess(row);
      store.expel(row, row.ended(end(0)));
    }
    // then
    assertThat(store.process(running.process())).isPresent();
    assertThat(store.process(new ProcessId(2))).isEmpty();
    assertThat(store.processes()).hasSize(InMemoryConfigStore.MAX_ENDED + 1);
  }
}
