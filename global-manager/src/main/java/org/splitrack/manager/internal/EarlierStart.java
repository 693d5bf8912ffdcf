package org.splitrack.manager.internal;

import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.report.StateChange.ProcessState;
import org.splitrack.fabric.report.StateChange.RegionState;
import org.splitrack.manager.internal.authority.ConfigStore;
import org.splitrack.manager.internal.authority.NumberSupply;
import org.splitrack.manager.internal.authority.ProcessRow;
import org.splitrack.manager.internal.authority.ProcessStatus;
import org.splitrack.manager.internal.authority.Tables;
import org.splitrack.manager.internal.process.ExitCodes;
import org.splitrack.manager.internal.report.RackReports;

/**
 * Ends in the mirror what the authority knows to be over and an earlier start of the manager did
 * not come to say. Such rows are known by their numbers, all below the first of this start.
 *
 * <p>Looked for again and again, because the mirror may still be behind when the manager starts.
 */
final class EarlierStart {
  private final Tables tables;
  private final ConfigStore store;
  private final NumberSupply processNumbers;
  private final NumberSupply regionNumbers;
  private final RackReports reports;
  private final InstantSource clock;
  private final Set<Long> processesEnded = new HashSet<>();
  private final Set<Long> regionsEnded = new HashSet<>();

  EarlierStart(
      Tables tables,
      ConfigStore store,
      NumberSupply processNumbers,
      NumberSupply regionNumbers,
      RackReports reports,
      InstantSource clock) {
    this.tables = tables;
    this.store = store;
    this.processNumbers = processNumbers;
    this.regionNumbers = regionNumbers;
    this.reports = reports;
    this.clock = clock;
  }

  /**
   * One look; always called by the same thread, when both kinds of numbers are in stock.
   *
   * @throws ControlFault UNAVAILABLE when the tables cannot be read
   */
  void end() {
    tables.runningBelow(processNumbers.first().orElseThrow()).forEach(this::end);
    tables.regionsBelow(regionNumbers.first().orElseThrow()).forEach(this::end);
  }

  private void end(ProcessState state) {
    Optional<ProcessRow> row = store.process(new ProcessId(state.process()));
    if (row.filter(ProcessRow::isRunning).isPresent() || !processesEnded.add(state.process())) {
      return;
    }
    if (row.isPresent()) {
      reports.process(row.get());
      return;
    }
    reports.process(
        new ProcessState(
            state.process(),
            state.name(),
            state.program(),
            state.programDigest(),
            state.args(),
            state.tenant(),
            state.owner(),
            state.component(),
            ProcessStatus.LOST.text(),
            ExitCodes.RACK_FAILED,
            state.ack(),
            state.safety(),
            state.startedAt(),
            clock.instant(),
            Map.of()));
    reports.event(
        "process_lost",
        new ProcessId(state.process()),
        null,
        null,
        "Process "
            + state.process()
            + " ("
            + state.name()
            + ") is lost: the rack was started anew while it ran.",
        Map.of());
  }

  private void end(RegionState state) {
    if (store.region(new RegionId(state.region())).isPresent()
        || !regionsEnded.add(state.region())) {
      return;
    }
    reports.region(
        new RegionState(
            state.region(),
            state.process(),
            state.index(),
            state.home(),
            List.copyOf(state.secondaries()),
            state.epoch(),
            state.term(),
            state.mode(),
            state.pages(),
            state.copies(),
            state.copiesWanted(),
            state.protection(),
            state.moving(),
            true));
  }
}
