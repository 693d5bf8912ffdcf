package org.splitrack.manager.internal.memory;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.fabric.control.MemoryCalls.InstallRegion;
import org.splitrack.manager.internal.authority.ProcessRow;
import org.splitrack.manager.internal.membership.Membership;
import org.splitrack.manager.internal.memory.RegionPlacement.Choice;
import org.splitrack.manager.internal.memory.RegionPlacement.Room;

/**
 * Installs regions at the places that were chosen for them; where a place turns out to be full or
 * silent, at the next. Several at once, because each is a round trip.
 */
public final class RegionInstaller {
  /** Installs in flight, over all growths. */
  private static final int MAX_IN_FLIGHT = 16;

  private static final Duration CALL_LIMIT = Duration.ofSeconds(2);

  private final ControlClient control;
  private final Membership membership;
  private final MemoryLedger ledger;
  private final RegionReleases releases;
  private final Semaphore inFlight = new Semaphore(MAX_IN_FLIGHT);

  public RegionInstaller(
      ControlClient control, Membership membership, MemoryLedger ledger, RegionReleases releases) {
    this.control = control;
    this.membership = membership;
    this.ledger = ledger;
    this.releases = releases;
  }

  /** A region to install; the pages are set aside in the ledger for the first candidate. */
  public record Order(RegionId region, Choice choice) {}

  /** What became of an order. */
  public sealed interface Outcome {
    /** Installed there, and the ledger counts it there. */
    record Placed(Order order, Room room) implements Outcome {}

    /** Installed nowhere; nothing is counted for it but what is being released. */
    record Refused(ControlFault fault) implements Outcome {}
  }

  /** Carries out all orders; the outcomes in their order. */
  public List<Outcome> installAll(ProcessRow row, List<Order> orders) {
    if (orders.size() == 1) {
      return List.of(place(row, orders.getFirst()));
    }
    List<Future<Outcome>> running;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      running = orders.stream().map(order -> threads.submit(() -> place(row, order))).toList();
    }
    return running.stream().map(Future::resultNow).toList();
  }

  private Outcome place(ProcessRow row, Order order) {
    int pages = order.choice().wanted().pages();
    ControlFault fault = new ControlFault(Code.FULL, "no mComponent has room for it");
    boolean first = true;
    for (Room room : order.choice().candidates()) {
      if (!first && !reserve(room, pages)) {
        continue;
      }
      first = false;
      try {
        install(row, room.endpoint(), order.region(), order.choice().wanted().index(), pages);
        return new Outcome.Placed(order, room);
      } catch (ControlFault e) {
        if (e.code() == Code.FULL) {
          ledger.release(room.boot(), pages);
        } else {
          // It may have been installed all the same.
          releases.add(room.component(), room.boot(), order.region(), pages);
          fault = new ControlFault(Code.UNAVAILABLE, room.component() + ": " + e.getMessage());
        }
      }
    }
    return new Outcome.Refused(fault);
  }

  private boolean reserve(Room room, int pages) {
    return membership
        .member(room.component())
        .filter(member -> member.isUp() && member.boot().equals(room.boot()))
        .filter(member -> ledger.tryReserve(member, pages))
        .isPresent();
  }

  /** Installs one region, or raises its reservation. */
  void install(ProcessRow row, Endpoint home, RegionId region, int index, int pages) {
    inFlight.acquireUninterruptibly();
    try {
      control.call(
          home,
          new InstallRegion(region, 1, row.process(), row.incarnation(), index, pages),
          CALL_LIMIT);
    } finally {
      inFlight.release();
    }
  }
}
