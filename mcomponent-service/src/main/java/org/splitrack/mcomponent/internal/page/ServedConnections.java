package org.splitrack.mcomponent.internal.page;

import java.util.ArrayList;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.transport.Connection;
import org.splitrack.fabric.wire.Lane;

/** The connections that are served, by number, without boxing. Owned by the page agent. */
final class ServedConnections {
  /** More than a server ever has open. A power of two. */
  private static final int MAX_SLOTS = 4096;

  private final ArrayList<@Nullable ServedConnection> slots = new ArrayList<>();
  private long serial;
  private int count;

  /** Null when there are too many. */
  @Nullable ServedConnection add(Connection connection) {
    int slot = slots.indexOf(null);
    if (slot < 0) {
      slot = slots.size();
      if (slot == MAX_SLOTS) {
        return null;
      }
      slots.add(null);
    }
    serial++;
    ServedConnection added = new ServedConnection(connection, serial * MAX_SLOTS + slot);
    slots.set(slot, added);
    count++;
    return added;
  }

  /** The connection with that number, or null when it is gone. */
  @Nullable ServedConnection find(long origin) {
    ServedConnection found = slots.get((int) (origin & (MAX_SLOTS - 1)));
    return found != null && found.origin() == origin ? found : null;
  }

  /** False when it was not there any more. */
  boolean remove(ServedConnection gone) {
    if (find(gone.origin()) == null) {
      return false;
    }
    slots.set((int) (gone.origin() & (MAX_SLOTS - 1)), null);
    count--;
    return true;
  }

  boolean hasAnyOf(Lane lane) {
    for (ServedConnection connection : slots) {
      if (connection != null && connection.lane() == lane) {
        return true;
      }
    }
    return false;
  }

  int count() {
    return count;
  }

  /** Places that {@link #at} looks at; some are empty. */
  int slotCount() {
    return slots.size();
  }

  @Nullable ServedConnection at(int slot) {
    return slots.get(slot);
  }
}
