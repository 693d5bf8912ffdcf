package org.splitrack.manager.internal;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the manager still waits for, each in one line. Safe from any thread. */
public final class Readiness {
  private static final Logger LOG = LoggerFactory.getLogger(Readiness.class);

  private final Map<String, String> reasons = new ConcurrentHashMap<>();

  /**
   * @param needs names of what has to be there; none is yet
   */
  Readiness(String... needs) {
    for (String need : needs) {
      reasons.put(need, "not asked yet");
    }
  }

  void fulfilled(String need) {
    if (reasons.remove(need) != null) {
      LOG.info("{} is there", need);
    }
  }

  void missing(String need, String reason) {
    if (!reason.equals(reasons.put(need, reason))) {
      LOG.warn("waiting for {}: {}", need, reason);
    }
  }

  boolean isThere(String need) {
    return !reasons.containsKey(need);
  }

  public boolean isReady() {
    return reasons.isEmpty();
  }

  /** What is missing, and why. */
  public Map<String, String> reasons() {
    return new TreeMap<>(reasons);
  }
}
