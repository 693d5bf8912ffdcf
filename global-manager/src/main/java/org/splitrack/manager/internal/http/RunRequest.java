package org.splitrack.manager.internal.http;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.fabric.control.ProcessSpec;
import org.splitrack.fabric.control.ProcessSpec.Directory;

/** {@link ProcessSpec} as a command sends it: all but the program may be left out. */
record RunRequest(
    @Nullable String name,
    @Nullable String programDigest,
    @Nullable List<@Nullable String> args,
    @Nullable Map<String, @Nullable String> environment,
    @Nullable List<@Nullable DirectoryRequest> directories,
    @Nullable String tenant,
    @Nullable String owner,
    @Nullable String cache,
    @Nullable String ack,
    @Nullable String prefetch,
    @Nullable String evict,
    @Nullable String safety,
    @Nullable Boolean strict,
    @Nullable String onFailure,
    @Nullable Boolean detached) {

  record DirectoryRequest(@Nullable String path, @Nullable Boolean readOnly) {}

  /**
   * With the contract's defaults.
   *
   * @throws ControlFault BAD_REQUEST when something is null that may not be
   */
  ProcessSpec spec() {
    String digest = required("program_digest", programDigest);
    String name = Objects.requireNonNullElse(name(), digest);
    return new ProcessSpec(
        name,
        digest,
        args == null || args.isEmpty()
            ? List.of(name)
            : args.stream().map(arg -> required("args", arg)).toList(),
        variables(),
        directories == null
            ? List.of(new Directory("/", false))
            : directories.stream().map(RunRequest::directory).toList(),
        Objects.requireNonNullElse(tenant, "default"),
        Objects.requireNonNullElse(owner, ""),
        cache,
        Objects.requireNonNullElse(ack, "safe"),
        Objects.requireNonNullElse(prefetch, "leap"),
        Objects.requireNonNullElse(evict, "clock"),
        Objects.requireNonNullElse(safety, "default"),
        Boolean.TRUE.equals(strict),
        Objects.requireNonNullElse(onFailure, "fail"),
        Boolean.TRUE.equals(detached));
  }

  private Map<String, String> variables() {
    if (environment == null) {
      return Map.of();
    }
    Map<String, String> variables = new LinkedHashMap<>();
    environment.forEach((key, value) -> variables.put(key, required("environment", value)));
    return variables;
  }

  private static Directory directory(@Nullable DirectoryRequest request) {
    DirectoryRequest present = required("directories", request);
    return new Directory(required("path", present.path()), Boolean.TRUE.equals(present.readOnly()));
  }

  private static <T> T required(String key, @Nullable T value) {
    if (value == null) {
      throw new ControlFault(Code.BAD_REQUEST, "'" + key + "' is missing");
    }
    return value;
  }
}
