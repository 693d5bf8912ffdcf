package org.splitrack.simulation.internal;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Which kinds of message, and which moves, met which fault, over all seeds of a run. */
public final class Coverage {
  /** What can happen to a message. */
  enum Fault {
    DROPPED,
    DUPLICATED,
    DELAYED,
    /** One of its ends was killed as it was sent or received. */
    KILLED
  }

  /** What a rack has to go through besides. */
  enum Event {
    GROWN,
    GROWTH_REFUSED,
    /** A copy without room for a growth went elsewhere. */
    RELIEVED,
    /** An incarnation was given up, and its regions with it. */
    EXPELLED,
    /** An expelled incarnation went on with requests. */
    EXPELLED_AWAKE,
    /** A home left requests alone for want of room. */
    WINDOW_FULL,
    /** A home could not send a page, for there was no room on the link. */
    LINK_FULL,
    /** A region that had lost its log was given another. */
    LOGGED_AGAIN,
    /** All copies in memory were killed, and a log was left. */
    LEFT_TO_A_LOG,
    /** A component was emptied to the end. */
    DRAINED,
    /** A kill of the authority undid a transaction that it had begun. */
    COMMIT_LOST,
    /** A kill of the authority came between a transaction and its answer. */
    COMMIT_UNANSWERED
  }

  private final Set<Event> happened = EnumSet.noneOf(Event.class);
  private final Set<Kind> sent = EnumSet.noneOf(Kind.class);
  private final Map<Fault, Set<Kind>> met = new EnumMap<>(Fault.class);
  private final Map<Moves.State, Set<Moves.Fate>> moves = new EnumMap<>(Moves.State.class);

  public Coverage() {
    for (Fault fault : Fault.values()) {
      met.put(fault, EnumSet.noneOf(Kind.class));
    }
    for (Moves.State state : Moves.State.values()) {
      moves.put(state, EnumSet.noneOf(Moves.Fate.class));
    }
  }

  void happened(Event event) {
    happened.add(event);
  }

  void sent(Kind kind) {
    sent.add(kind);
  }

  void count(Kind kind, Fault fault) {
    kinds(fault).add(kind);
  }

  void moveMet(Moves.State state, Moves.Fate fate) {
    fates(state).add(fate);
  }

  private Set<Moves.Fate> fates(Moves.State state) {
    return moves.getOrDefault(state, Set.of());
  }

  private Set<Kind> kinds(Fault fault) {
    return met.getOrDefault(fault, Set.of());
  }

  /** Lines such as {@code HANDOFF was never dropped}. */
  public List<String> uncovered() {
    List<String> lines = new ArrayList<>();
    for (Event event : Event.values()) {
      if (!happened.contains(event)) {
        lines.add(event + " never happened");
      }
    }
    for (Moves.State state : Moves.State.values()) {
      for (Moves.Fate fate : Moves.Fate.values()) {
        if (!fates(state).contains(fate)) {
          lines.add("a move was never " + state + " and " + fate);
        }
      }
    }
    for (Kind kind : Kind.values()) {
      if (!sent.contains(kind)) {
        lines.add(kind + " was never sent");
      }
      for (Fault fault : Fault.values()) {
        if (!kinds(fault).contains(kind)) {
          lines.add(kind + " was never " + fault.name().toLowerCase(Locale.ROOT));
        }
      }
    }
    return lines;
  }
}
