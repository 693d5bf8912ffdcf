package org.splitrack.fabric.region;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;

/**
 * What a manager knows about the components that hold copies. A start that is <i>gone</i> is known
 * to be over; a <i>silent</i> one has not answered several probes in turn and may come back, which
 * is why nothing rests on it: fences do.
 */
final class Hosts {
  /** Probes in turn without an answer after which a component counts as silent. */
  static final int UNANSWERED_PROBES = 3;

  private static final int MAX_GONE = 4_096;

  private final StewardEffects effects;
  private final TreeMap<ComponentId, Host> hosts = new TreeMap<>();
  private final Set<BootId> gone = new LinkedHashSet<>();
  private final Set<ComponentId> draining = new TreeSet<>();

  Hosts(StewardEffects effects) {
    this.effects = effects;
  }

  private static final class Host {
    CopyPlace place;

    /** It spoke; else only rows name it, and they may name several starts of it. */
    boolean heard;

    boolean suspected;
    int unanswered;

    /** It fell silent while most others answered, and has not answered since. */
    boolean missing;

    Host(CopyPlace place) {
      this.place = place;
    }
  }

  /** Returns the start that was known before. */
  @Nullable CopyPlace present(CopyPlace place) {
    if (gone.contains(place.boot())) {
      return null;
    }
    Host host = hosts.get(place.component());
    if (host != null && host.place.boot().equals(place.boot())) {
      host.heard = true;
      return place;
    }
    Host now = new Host(place);
    now.heard = true;
    hosts.put(place.component(), now);
    judgeSilence();
    if (host == null) {
      return null;
    }
    forgetBoot(host.place.boot());
    return host.place;
  }

  /** What was found out while another led, or long ago, does not count. */
  void beginAnew() {
    for (Host host : hosts.values()) {
      host.heard = false;
      host.suspected = true;
      host.unanswered = 0;
      host.missing = false;
      effects.probe(host.place);
    }
  }

  /**
   * A row names it; whether it is there is to be found out. A start that was never heard of may be
   * newer than the one that was: whoever made the row may have heard more.
   */
  void assume(CopyPlace place) {
    if (gone.contains(place.boot())) {
      return;
    }
    Host host = hosts.get(place.component());
    if (host == null) {
      host = new Host(place);
      host.suspected = true;
      hosts.put(place.component(), host);
    } else if (!host.place.boot().equals(place.boot())) {
      host.heard = false;
      host.suspected = true;
    }
  }

  void gone(CopyPlace place) {
    forgetBoot(place.boot());
    Host host = hosts.get(place.component());
    if (host != null && host.place.boot().equals(place.boot())) {
      hosts.remove(place.component());
      judgeSilence();
    }
  }

  private void forgetBoot(BootId boot) {
    if (gone.size() >= MAX_GONE) {
      gone.remove(gone.iterator().next());
    }
    gone.add(boot);
  }

  void suspect(CopyPlace place) {
    Host host = host(place);
    if (host != null && !host.suspected) {
      host.suspected = true;
      effects.probe(place);
    }
  }

  /** Whether anything is to be decided because of it. */
  boolean probed(CopyPlace place, boolean answered) {
    Host host = host(place);
    if (host == null || (answered && !host.suspected)) {
      return false;
    }
    boolean wasGone = isGone(place);
    if (answered) {
      host.suspected = false;
      host.unanswered = 0;
      host.missing = false;
    } else {
      host.suspected = true;
      host.unanswered++;
    }
    judgeSilence();
    return wasGone != isGone(place) || answered;
  }

  /** Probes those that are suspected, and more seldom those that are known to be silent. */
  void onTick(int tick) {
    for (Host host : hosts.values()) {
      if (host.suspected && (!isSilent(host) || tick % RegionSteward.RETRY_TICKS == 0)) {
        effects.probe(host.place);
      }
    }
  }

  void drain(ComponentId component, boolean isDraining) {
    if (isDraining) {
      draining.add(component);
    } else {
      draining.remove(component);
    }
  }

  boolean isDraining(ComponentId component) {
    return draining.contains(component);
  }

  /** It answers, as far as is known, and was not replaced. */
  boolean isUsable(CopyPlace place) {
    Host host = host(place);
    return host != null && !host.suspected;
  }

  /** It answers, or is suspected and has not been asked for long; and was not replaced. */
  boolean mayAnswer(CopyPlace place) {
    Host host = host(place);
    return host != null && host.unanswered == 0;
  }

  boolean isProvenGone(CopyPlace place) {
    if (gone.contains(place.boot())) {
      return true;
    }
    Host host = hosts.get(place.component());
    return host != null && host.heard && !host.place.boot().equals(place.boot());
  }

  /** Proven gone, or silent since most others were not. */
  boolean isGone(CopyPlace place) {
    if (isProvenGone(place)) {
      return true;
    }
    Host host = hosts.get(place.component());
    return host != null && host.missing;
  }

  /** Components on which no new copy may be placed. */
  Set<ComponentId> unusable() {
    Set<ComponentId> unusable = new TreeSet<>(draining);
    for (Host host : hosts.values()) {
      if (host.suspected) {
        unusable.add(host.place.component());
      }
    }
    return unusable;
  }

  /**
   * Whoever is silent is missing, unless most are: when so many fall silent at once, it is this
   * manager that does not hear. Those that are missing already say nothing about that.
   */
  private void judgeSilence() {
    int counted = 0;
    int silent = 0;
    for (Host host : hosts.values()) {
      if (!host.missing) {
        counted++;
        silent += host.unanswered > 0 ? 1 : 0;
      }
    }
    if (2 * silent > counted) {
      return;
    }
    for (Host host : hosts.values()) {
      host.missing |= isSilent(host);
    }
  }

  private static boolean isSilent(Host host) {
    return host.unanswered >= UNANSWERED_PROBES;
  }

  private @Nullable Host host(CopyPlace place) {
    Host host = hosts.get(place.component());
    return host != null && host.place.boot().equals(place.boot()) ? host : null;
  }
}
