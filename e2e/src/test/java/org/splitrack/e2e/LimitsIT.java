package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The manager's limits on one machine, where they are said when it starts. */
class LimitsIT {
  @Test
  void shouldTellTheManagerTheLimitsThatTheEnvironmentNames() throws IOException {
    try (Rack rack = Rack.down()) {
      Rack.Outcome up =
          rack.commandIn(
              Map.of("SPLITRACK_LIMITS_MOVES_AT_ONCE", "3"),
              "up",
              "--processors",
              "1",
              "--memories",
              "1",
              "--storages",
              "1");

      assertThat(up.exitCode()).as(up.err()).isZero();
      assertThat(Files.readString(rack.state().resolve("logs/global-manager-0.log")))
          .contains("at most 3 regions move at once and at most 16 lost copies are made again");
    }
  }
}
