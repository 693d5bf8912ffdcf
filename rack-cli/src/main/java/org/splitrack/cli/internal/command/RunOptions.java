package org.splitrack.cli.internal.command;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.RackFailure;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a program is to be run. What this version does not have is refused, naming what there is. */
final class RunOptions {
  private static final Pattern PERCENT = Pattern.compile("([1-9]|[1-9][0-9]|100)%");

  @Option(
      names = "--cache",
      paramLabel = "25%|BYTES",
      description =
          "how much of its memory the pComponent keeps: a share of the pages that it has touched, or bytes"
              + " (default: all of the pComponent's)")
  private @Nullable String cache;

  @Option(
      names = "--ack",
      paramLabel = "none|lego|safe",
      defaultValue = "safe",
      description = {
        "when a write-back counts as done (default: ${DEFAULT-VALUE}):",
        "none: it is in one mComponent; lego: as none, and a second one gets it if it can;",
        "safe: it is in two, and no single kill loses it"
      })
  private String ack = "safe";

  @Option(
      names = "--env",
      paramLabel = "K=V",
      description = "a variable of the program's environment; may be repeated")
  private List<String> environment = List.of();

  @Option(
      names = "--dir",
      paramLabel = "/PATH[:ro]",
      description = "a directory of the rack's files that the program may use (default: /)")
  private List<String> directories = List.of();

  @Option(
      names = "--timeout",
      paramLabel = "T",
      converter = DurationText.class,
      description = "end it after this time, with exit code 124")
  @Nullable Duration timeout;

  @Option(
      names = "--name",
      paramLabel = "N",
      description = "how it is listed (default: the file's name)")
  private @Nullable String name;

  @Mixin final TenantOption tenant = new TenantOption();

  @Option(
      names = "--detach",
      description = "print its process number and return; see rack logs, wait, stop")
  boolean detach;

  @Option(
      names = "--strict",
      description = "with --ack safe: wait rather than go on with one copy of memory")
  private boolean strict;

  @Option(
      names = "--on-failure",
      paramLabel = "fail|restart",
      defaultValue = "fail",
      description = {
        "when its pComponent dies (default: ${DEFAULT-VALUE}): end with 137, or start again on",
        "another one as long as it has written nothing and changed no file"
      })
  private String onFailure = "fail";

  @Option(
      names = "--prefetch",
      paramLabel = "leap|next|off",
      defaultValue = "leap",
      description = "which pages are fetched ahead (default: ${DEFAULT-VALUE})")
  private String prefetch = "leap";

  @Option(
      names = "--evict",
      paramLabel = "clock|fifo|random",
      defaultValue = "clock",
      description = "which page leaves the cache (default: ${DEFAULT-VALUE})")
  private String evict = "clock";

  @Option(names = "--safety", paramLabel = "NAME", defaultValue = "default", hidden = true)
  private String safety = "default";

  @Option(
      names = "--stats",
      paramLabel = "FILE",
      description = "write its statistics there as JSON; - for standard output")
  @Nullable Path stats;

  /**
   * Whether this can be asked for at all, whatever the program.
   *
   * @throws RackFailure with exit code 2 when it cannot
   */
  void check() {
    refuseWhatComesLater();
    oneOf("--prefetch", prefetch, "leap", "next", "off");
    oneOf("--evict", evict, "clock", "fifo", "random");
    if (detach && (timeout != null || stats != null)) {
      throw RackFailure.usage(
          "--detach does not go with --timeout or --stats: nobody waits for its end");
    }
    if (timeout != null && timeout.isZero()) {
      throw RackFailure.usage("--timeout is not positive");
    }
    if (cache != null) {
      cache(cache);
    }
    variables();
    directories();
    tenant.name();
  }

  /**
   * What {@code POST /v1/processes} takes.
   *
   * @param programName the program's own name, without folders
   */
  Map<String, Object> spec(String programName, String digest, List<String> arguments) {
    List<String> all = new ArrayList<>(List.of(programName));
    all.addAll(arguments);
    Map<String, Object> spec = new LinkedHashMap<>();
    spec.put("name", name != null ? name : programName);
    spec.put("program_digest", digest);
    spec.put("args", all);
    spec.put("environment", variables());
    spec.put("directories", directories());
    spec.put("tenant", tenant.name());
    spec.put("owner", System.getProperty("user.name", ""));
    if (cache != null) {
      spec.put("cache", cache(cache));
    }
    spec.put("ack", ack);
    spec.put("on_failure", onFailure);
    spec.put("prefetch", prefetch);
    spec.put("evict", evict);
    spec.put("safety", safety);
    spec.put("strict", strict);
    spec.put("detached", detach);
    return spec;
  }

  private void refuseWhatComesLater() {
    if (ack.equals("logged")) {
      throw RackFailure.usage(
          "--ack logged: this version has no memory logs on sComponents; --ack safe keeps two copies in memory");
    }
    oneOf("--ack", ack, "none", "lego", "safe");
    if (strict && !ack.equals("safe")) {
      throw RackFailure.usage(
          "--strict insists on two copies, and --ack %s does not wait for the second"
              .formatted(ack));
    }
    if (onFailure.equals("resume")) {
      throw RackFailure.usage(
          "--on-failure resume: this version keeps no journal to resume from; it has fail, restart");
    }
    oneOf("--on-failure", onFailure, "fail", "restart");
    oneOf("--safety", safety, "default");
  }

  private static void oneOf(String option, String value, String... allowed) {
    if (!List.of(allowed).contains(value)) {
      throw RackFailure.usage(
          "%s %s: this version has %s".formatted(option, value, String.join(", ", allowed)));
    }
  }

  /** Whether it is to start again when its pComponent dies. */
  boolean restarts() {
    return onFailure.equals("restart");
  }

  /** As {@code --cache} would say it; null for all. */
  void cacheBytes(@Nullable Long bytes) {
    cache = bytes == null ? null : Long.toString(bytes);
  }

  /** A cache size as a percentage, or in bytes whatever unit it was said in. */
  static String cache(String text) {
    if (PERCENT.matcher(text).matches()) {
      return text;
    }
    OptionalLong bytes = BytesText.parse(text);
    if (bytes.isEmpty() || bytes.getAsLong() == 0) {
      throw RackFailure.usage(
          "cache " + text + " is neither a percentage such as 25% nor a number of bytes");
    }
    return Long.toString(bytes.getAsLong());
  }

  private Map<String, String> variables() {
    Map<String, String> variables = new LinkedHashMap<>();
    for (String variable : environment) {
      int equals = variable.indexOf('=');
      if (equals < 1) {
        throw RackFailure.usage("--env " + variable + " is not K=V");
      }
      variables.put(variable.substring(0, equals), variable.substring(equals + 1));
    }
    return variables;
  }

  private List<Map<String, Object>> directories() {
    List<Map<String, Object>> preopened = new ArrayList<>();
    for (String directory : directories.isEmpty() ? List.of("/") : directories) {
      boolean readOnly = directory.endsWith(":ro");
      String path = readOnly ? directory.substring(0, directory.length() - 3) : directory;
      preopened.add(Map.of("path", RackPath.of(path), "read_only", readOnly));
    }
    return preopened;
  }
}
