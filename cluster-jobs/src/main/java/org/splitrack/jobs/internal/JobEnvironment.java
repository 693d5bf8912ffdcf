package org.splitrack.jobs.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.transport.TlsCredentials;
import org.splitrack.fabric.transport.TlsFiles;

/** What the chart tells every container that speaks with components. */
public final class JobEnvironment {
  private JobEnvironment() {}

  /** What the files {@code SPLITRACK_TLS_…_FILE} hold; null where the rack uses no TLS. */
  public static @Nullable TlsCredentials credentials(Function<String, @Nullable String> environment)
      throws IOException {
    if (environment.apply("SPLITRACK_TLS_KEY_FILE") == null) {
      return null;
    }
    return new TlsFiles(
            Path.of(JobFailure.required(environment, "SPLITRACK_TLS_AUTHORITY_FILE")),
            Path.of(JobFailure.required(environment, "SPLITRACK_TLS_CERTIFICATE_FILE")),
            Path.of(JobFailure.required(environment, "SPLITRACK_TLS_KEY_FILE")))
        .read();
  }
}
