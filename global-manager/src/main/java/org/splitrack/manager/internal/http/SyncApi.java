package org.splitrack.manager.internal.http;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.splitrack.manager.internal.MirrorSync;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** {@code /v1/sync}: waits until the tables show what happened before. */
@RestController
final class SyncApi {
  private static final long DEFAULT_MS = 2_000;
  private static final long MAX_MS = 60_000;

  private final MirrorSync sync;

  SyncApi(MirrorSync sync) {
    this.sync = sync;
  }

  record SyncRequest(@Nullable Long timeoutMs) {}

  @PostMapping("/v1/sync")
  MirrorSync.Synced sync(@RequestBody(required = false) @Nullable SyncRequest request) {
    Long timeoutMs = request == null ? null : request.timeoutMs();
    return sync.sync(
        Duration.ofMillis(Math.clamp(timeoutMs == null ? DEFAULT_MS : timeoutMs, 1, MAX_MS)));
  }
}
