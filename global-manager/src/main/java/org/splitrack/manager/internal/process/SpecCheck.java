package org.splitrack.manager.internal.process;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.fabric.control.ProcessSpec;
import org.splitrack.fabric.control.ProcessSpec.Directory;

/** What a {@link ProcessSpec} may say. Every refusal is one line for the person who typed it. */
final class SpecCheck {
  static final int MAX_ARGS = 4_096;
  static final int MAX_TEXT_BYTES = 128 << 10;
  private static final int MAX_DIRECTORIES = 32;
  private static final int MAX_NAME_LENGTH = 200;
  private static final Pattern TENANT = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  private static final Pattern CACHE =
      Pattern.compile("([1-9][0-9]?|100)%|[1-9][0-9]{0,17}", Pattern.CASE_INSENSITIVE);
  private static final Set<String> ACKS = Set.of("none", "lego", "safe");
  private static final Set<String> FAILURES = Set.of("fail", "restart");
  private static final Set<String> PREFETCHES = Set.of("leap", "next", "off");
  private static final Set<String> EVICTIONS = Set.of("clock", "fifo", "random");

  private SpecCheck() {}

  /**
   * @throws ControlFault BAD_REQUEST
   */
  static void require(ProcessSpec spec) {
    ProgramStore.requireDigest(spec.programDigest());
    requireThat(
        !spec.name().isBlank() && spec.name().length() <= MAX_NAME_LENGTH,
        "a name has 1 to " + MAX_NAME_LENGTH + " characters");
    requireThat(spec.args().size() <= MAX_ARGS, "more than " + MAX_ARGS + " arguments");
    requireThat(
        textBytes(spec) <= MAX_TEXT_BYTES,
        "arguments and environment are longer than " + MAX_TEXT_BYTES + " bytes");
    requireThat(
        TENANT.matcher(spec.tenant()).matches(),
        "tenant '" + spec.tenant() + "' is not 1 to 63 of a-z, 0-9 and -");
    requireCache(spec.cache() == null ? "100%" : spec.cache());
    requireThat(
        !spec.ack().equals("logged"),
        "ack 'logged' needs a log on sComponents, which this version does not have; try safe");
    requireThat(ACKS.contains(spec.ack()), "ack '" + spec.ack() + "' is not none, lego or safe");
    requireThat(
        !spec.strict() || spec.ack().equals("safe"),
        "strict has nothing to insist on with ack '" + spec.ack() + "'; it needs safe");
    requireThat(
        !spec.onFailure().equals("resume"),
        "on-failure 'resume' needs a log of the program's calls, which this version does not"
            + " have; try restart");
    requireThat(
        FAILURES.contains(spec.onFailure()),
        "on-failure '" + spec.onFailure() + "' is not fail or restart");
    requireThat(
        PREFETCHES.contains(spec.prefetch()),
        "prefetch '" + spec.prefetch() + "' is not leap, next or off");
    requireThat(
        EVICTIONS.contains(spec.evict()),
        "evict '" + spec.evict() + "' is not clock, fifo or random");
    requireThat(
        spec.directories().size() <= MAX_DIRECTORIES,
        "more than " + MAX_DIRECTORIES + " directories");
    for (Directory directory : spec.directories()) {
      requireThat(
          directory.path().startsWith("/"), "directory '" + directory.path() + "' is not absolute");
    }
  }

  /** Settings of {@code rack set}. */
  static void requireSettings(Map<String, String> settings) {
    requireThat(!settings.isEmpty(), "nothing to set; try cache=25%");
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      requireThat(
          setting.getKey().equals("cache"),
          "'" + setting.getKey() + "' cannot be set; only cache can");
      requireCache(setting.getValue());
    }
  }

  private static void requireCache(String cache) {
    requireThat(
        CACHE.matcher(cache).matches(), "cache '" + cache + "' is neither 1% to 100% nor bytes");
  }

  private static long textBytes(ProcessSpec spec) {
    long bytes = 0;
    for (String arg : spec.args()) {
      bytes += arg.getBytes(StandardCharsets.UTF_8).length;
    }
    for (Map.Entry<String, String> variable : spec.environment().entrySet()) {
      bytes += variable.getKey().getBytes(StandardCharsets.UTF_8).length;
      bytes += variable.getValue().getBytes(StandardCharsets.UTF_8).length;
    }
    return bytes;
  }

  private static void requireThat(boolean holds, String otherwise) {
    if (!holds) {
      throw new ControlFault(Code.BAD_REQUEST, otherwise);
    }
  }
}
