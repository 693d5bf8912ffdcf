package org.splitrack.manager.internal.memory;

import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.manager.internal.authority.ConfigStore;
import org.splitrack.manager.internal.membership.Member;
import org.splitrack.manager.internal.membership.Membership;
import org.splitrack.manager.internal.report.RackReports;

/**
 * Empties components: nothing new is placed on one that drains, regions leave an mComponent while
 * their programs run, and programs of a pComponent run to their ends. It lasts until the component
 * ends or somebody changes his mind; a new leader has to be asked again. Safe from any thread.
 */
public final class Draining {
  private final ConfigStore store;
  private final Membership membership;
  private final MemoryLedger ledger;
  private final RegionWatch watch;
  private final RackReports reports;

  public Draining(
      ConfigStore store,
      Membership membership,
      MemoryLedger ledger,
      RegionWatch watch,
      RackReports reports) {
    this.store = store;
    this.membership = membership;
    this.ledger = ledger;
    this.watch = watch;
    this.reports = reports;
  }

  /**
   * How far one is.
   *
   * @param state as {@code api.components} has it
   * @param remaining copies of regions, or programs, that are still there
   */
  public record Progress(String component, String state, int remaining) {}

  /**
   * Begins with all of these at once, so that none is emptied onto the next; harmless when
   * repeated.
   *
   * @return how far each is, in their order
   * @throws ControlFault NOT_FOUND, UNAVAILABLE, BAD_REQUEST for another role; FULL when the others
   *     cannot hold what they have; then nothing has changed
   */
  public List<Progress> begin(List<ComponentId> components) {
    List<Member> fresh =
        components.stream().map(this::require).filter(member -> !member.draining()).toList();
    List<Member> memories =
        fresh.stream().filter(member -> member.hasRole(Role.MCOMPONENT)).toList();
    String shortage = memories.isEmpty() ? null : shortage(memories);
    if (shortage != null) {
      throw new ControlFault(
          Code.FULL,
          memories.stream()
                  .map(member -> member.component().toString())
                  .collect(Collectors.joining(" and "))
              + " cannot be emptied: "
              + shortage);
    }
    for (Member member : fresh) {
      if (!member.answers()) {
        throw new ControlFault(
            Code.UNAVAILABLE, member.component() + " is " + member.state().text());
      }
    }
    for (Member member : fresh) {
      exclude(member.component(), true, "is being emptied");
    }
    fresh.forEach(member -> empty(member, true));
    return components.stream().map(this::progress).toList();
  }

  /**
   * Places something on it again; what has left does not come back by itself.
   *
   * @throws ControlFault NOT_FOUND, UNAVAILABLE, BAD_REQUEST for another role
   */
  public Progress end(ComponentId component) {
    Member member = require(component);
    if (member.draining()) {
      exclude(component, false, "is no longer being emptied");
      empty(member, false);
    }
    return progress(component);
  }

  /**
   * How far it is.
   *
   * @throws ControlFault NOT_FOUND, UNAVAILABLE
   */
  public Progress progress(ComponentId component) {
    Member member = require(component);
    int remaining =
        member.hasRole(Role.MCOMPONENT)
            ? watch.copiesOn(component)
            : (int)
                store.runningProcesses().stream()
                    .filter(row -> row.runsAt(component, member.boot()))
                    .count();
    return new Progress(component.toString(), member.shownState().text(), remaining);
  }

  /**
   * Places nothing new on it, or does again; what it has stays.
   *
   * @param what happens to it, one clause for the event
   * @throws ControlFault NOT_FOUND; UNAVAILABLE when it does not answer
   */
  void exclude(ComponentId component, boolean excluded, String what) {
    membership
        .drain(component, excluded)
        .forEach(
            change -> {
              reports.component(change.member());
              var _ =
                  reports.event(
                      excluded ? "component_draining" : "component_undrained",
                      null,
                      null,
                      null,
                      component + " " + what,
                      Map.of("component", component.toString()));
            });
  }

  /** Lets regions leave it, or no longer. */
  void empty(Member member, boolean emptied) {
    if (member.hasRole(Role.MCOMPONENT)) {
      watch.drain(member.component(), emptied);
    }
  }

  private Member require(ComponentId component) {
    if (component.role() != Role.MCOMPONENT && component.role() != Role.PCOMPONENT) {
      throw new ControlFault(
          Code.BAD_REQUEST, component + " is neither an mComponent nor a pComponent");
    }
    return membership
        .member(component)
        .orElseThrow(() -> new ControlFault(Code.NOT_FOUND, "there is no component " + component));
  }

  /** Why the other mComponents cannot hold what these have, one clause; null when they can. */
  @Nullable String shortage(List<Member> leaving) {
    Set<ComponentId> names =
        leaving.stream().map(Member::component).collect(Collectors.toUnmodifiableSet());
    List<Member> others =
        membership.up(Role.MCOMPONENT).stream()
            .filter(member -> !names.contains(member.component()))
            .toList();
    int copies = 0;
    long neededPages = 0;
    for (RegionConfig row : store.regions()) {
      long there =
          Stream.concat(Stream.of(row.home()), row.members().stream())
              .filter(place -> names.contains(place.component()))
              .count();
      if (there > 0) {
        copies = Math.max(copies, row.ack().copiesWanted());
        neededPages += there * row.reservedPages();
      }
    }
    if (others.size() < copies) {
      return "%s regions want %d mComponents and there would be %d"
          .formatted(leaving.size() == 1 ? "its" : "their", copies, others.size());
    }
    long freePages = others.stream().mapToLong(ledger::freePages).sum();
    return freePages >= neededPages
        ? null
        : "%s %d pages and the others have %d free, %d MiB too few"
            .formatted(
                leaving.size() == 1 ? "it holds" : "they hold",
                neededPages,
                freePages,
                mib(neededPages - freePages));
  }

  private static long mib(long pages) {
    return Math.ceilDiv(pages * PAGE_BYTES, 1L << 20);
  }
}
