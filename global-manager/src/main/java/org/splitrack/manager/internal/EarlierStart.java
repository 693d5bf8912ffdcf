package org.splitrack.manager.internal;

import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.report.StateChange.ProcessState;
import org.splitrack.fabric.report.StateChange.RegionState;
import org.splitrack.manager.internal.authority.NumberSupply;
import org.splitrack.manager.internal.authority.ProcessStatus;
import org.splitrack.manager.internal.authority.Tables;
import org.splitrack.manager.internal.memory.RegionReleases;
import org.splitrack.manager.internal.process.ExitCodes;
import org.splitrack.manager.internal.report.RackReports;

/**
 * Ends in the tables what an earlier start of the manager left as running: such processes are lost,
 * their regions are released. They are known by their numbers, all below the first of this start.
 *
 * <p>Looked for again and again, because the mirror may still be behind when the manager starts.
 */
final class EarlierStart {
  private final Tables tables;
  private final NumberSupply processNumbers;
  private final NumberSupply regionNumbers;
  private final RegionReleases releases;
  private final RackReports reports;
  private final InstantSource clock;
  private final Set<Long> processesEnded = new HashSet<>();
  private final Set<Long> regionsEnded = new HashSet<>();

  EarlierStart(
      Tables tables,
      NumberSupply processNumbers,
      NumberSupply regionNumbers,
      RegionReleases releases,
      RackReports reports,
      InstantSource clock) {
    this.tables = tables;
    this.processNumbers = processNumbers;
    this.regionNumbers = regionNumbers;
    this.releases = releases;
    this.reports = reports;
    this.clock = clock;
  }

  /**
   * One look; always called by the same thread, when both kinds of numbers are in stock.
   *
   * @throws ControlFault UNAVAILABLE when the tables cannot be read
   */
  void end() {
    tables.runningBelow(processNumbers.first().orElseThrow()).stream()
        .filter(state -> processesEnded.add(state.process()))
        .forEach(this::end);
    tables.regionsBelow(regionNumbers.first().orElseThrow()).stream()
        .filter(state -> regionsEnded.add(state.region()))
        .forEach(this::end);
  }

  private void end(ProcessState state) {
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
    releases.addOld(ComponentId.parse(state.home()), new RegionId(state.region()));
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
