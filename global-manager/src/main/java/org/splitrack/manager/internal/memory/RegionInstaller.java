package org.splitrack.manager.internal.memory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.fabric.control.MemoryCalls;
import org.splitrack.fabric.control.MemoryCalls.InstallRegions;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.InstallAnswer;
import org.splitrack.fabric.region.RegionConfig;

/**
 * Installs configurations at the copies that they name: first at those that are not home, since a
 * home counts on them. Components are called side by side. Safe from any thread.
 */
public final class RegionInstaller {
  private static final Duration CALL_LIMIT = Duration.ofSeconds(2);

  private final ControlClient control;

  public RegionInstaller(ControlClient control) {
    this.control = control;
  }

  /** What became of the configurations of one growth. */
  public static final class Outcome {
    private final Map<RegionId, Map<CopyPlace, ControlFault>> faults = new ConcurrentHashMap<>();

    private void failed(RegionConfig config, CopyPlace place, ControlFault fault) {
      faults.computeIfAbsent(config.region(), key -> new ConcurrentHashMap<>()).put(place, fault);
    }

    /** Whether every copy has it. */
    public boolean isInstalled(RegionConfig config) {
      return !faults.containsKey(config.region());
    }

    /** Copies that refused it, or did not answer; FULL: it is certainly not there. */
    public Map<CopyPlace, ControlFault> faults(RegionConfig config) {
      return faults.getOrDefault(config.region(), Map.of());
    }
  }

  /** Installs at all copies; homes only where all other copies have it. */
  public Outcome installAll(long term, List<RegionConfig> configs) {
    Outcome outcome = new Outcome();
    install(term, byPlace(configs, RegionConfig::members), outcome);
    List<RegionConfig> ready = configs.stream().filter(outcome::isInstalled).toList();
    install(term, byPlace(ready, config -> List.of(config.home())), outcome);
    return outcome;
  }

  private static Map<CopyPlace, List<RegionConfig>> byPlace(
      List<RegionConfig> configs, Function<RegionConfig, List<CopyPlace>> places) {
    Map<CopyPlace, List<RegionConfig>> byPlace = new LinkedHashMap<>();
    for (RegionConfig config : configs) {
      for (CopyPlace place : places.apply(config)) {
        byPlace.computeIfAbsent(place, key -> new ArrayList<>()).add(config);
      }
    }
    return byPlace;
  }

  private void install(long term, Map<CopyPlace, List<RegionConfig>> byPlace, Outcome outcome) {
    if (byPlace.size() == 1) {
      byPlace.forEach((place, configs) -> install(term, place, configs, outcome));
    } else {
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        byPlace.forEach(
            (place, configs) -> threads.execute(() -> install(term, place, configs, outcome)));
      }
    }
  }

  private void install(long term, CopyPlace place, List<RegionConfig> configs, Outcome outcome) {
    for (int from = 0; from < configs.size(); from += MemoryCalls.MAX_REGIONS) {
      List<RegionConfig> batch =
          configs.subList(from, Math.min(from + MemoryCalls.MAX_REGIONS, configs.size()));
      try {
        List<InstallAnswer> answers = call(term, place, batch);
        for (int i = 0; i < batch.size(); i++) {
          InstallAnswer.Kind kind = answers.get(i).kind();
          if (kind != InstallAnswer.Kind.INSTALLED) {
            outcome.failed(batch.get(i), place, refusal(place, batch.get(i), kind));
          }
        }
      } catch (ControlFault e) {
        ControlFault fault =
            new ControlFault(Code.UNAVAILABLE, place.component() + ": " + e.getMessage());
        batch.forEach(config -> outcome.failed(config, place, fault));
      }
    }
  }

  /**
   * One call; an answer for each configuration.
   *
   * @throws ControlFault when it is not that start of the component, or does not answer
   */
  List<InstallAnswer> call(long term, CopyPlace place, List<RegionConfig> configs) {
    List<InstallAnswer> answers =
        control
            .call(place.endpoint(), new InstallRegions(place.boot(), term, configs), CALL_LIMIT)
            .answers();
    if (answers.size() != configs.size()) {
      throw new ControlFault(
          Code.FAILED, answers.size() + " answers to " + configs.size() + " configurations");
    }
    return answers;
  }

  private static ControlFault refusal(
      CopyPlace place, RegionConfig config, InstallAnswer.Kind kind) {
    return kind == InstallAnswer.Kind.FULL
        ? new ControlFault(Code.FULL, place.component() + " is full")
        : new ControlFault(
            Code.UNAVAILABLE,
            place.component() + " does not take region " + config.region() + ": " + kind);
  }
}
