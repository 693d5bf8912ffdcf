package org.splitrack.manager.internal.process;

import java.util.Map;
import java.util.Optional;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.fabric.control.ProcessCalls.FirstEffect;
import org.splitrack.manager.internal.authority.ConfigStore;
import org.splitrack.manager.internal.authority.ProcessRow;
import org.splitrack.manager.internal.report.EventLinks;
import org.splitrack.manager.internal.report.RackReports;

/**
 * Notes, before it happens, that something leaves a process: from then on it cannot be run again as
 * if nothing had been. Safe from any thread.
 */
public final class ProcessEffects {
  private final ConfigStore store;
  private final RackReports reports;
  private final EventLinks links;

  public ProcessEffects(ConfigStore store, RackReports reports, EventLinks links) {
    this.store = store;
    this.reports = reports;
    this.links = links;
  }

  /**
   * Returns when it is noted for good.
   *
   * @throws ControlFault DENIED when the caller does not run that incarnation, UNAVAILABLE when the
   *     authority does not answer
   */
  public void on(FirstEffect effect, ComponentId caller) {
    while (true) {
      ProcessRow row =
          running(effect, caller)
              .orElseThrow(
                  () ->
                      new ControlFault(
                          Code.DENIED,
                          "process "
                              + effect.process()
                              + " incarnation "
                              + effect.incarnation()
                              + " does not run on "
                              + caller));
      if (row.effectsLeft()) {
        return;
      }
      if (store.replaceProcess(row, row.withEffects())) {
        reports.event(
            "process_effect",
            row.process(),
            null,
            links.ofProcess(row.process()),
            "Process "
                + row.process()
                + " is not restarted from now on: "
                + effect.what()
                + " leaves it.",
            Map.of("effect", effect.what()));
        return;
      }
    }
  }

  private Optional<ProcessRow> running(FirstEffect effect, ComponentId caller) {
    return store
        .process(effect.process())
        .filter(row -> row.isRunning() && row.incarnation() == effect.incarnation())
        .filter(row -> row.component().equals(caller));
  }
}
