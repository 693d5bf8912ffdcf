package org.splitrack.fabric.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import org.junit.jupiter.api.Test;

class EmbeddedPostgresIT {
  @Test
  void shouldAnswerAgainAfterItWasKilledAndRestarted() throws IOException {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
      connect(postgres.port());

      postgres.kill();
      assertThatThrownBy(() -> connect(postgres.port())).isInstanceOf(IOException.class);

      postgres.restart();
      connect(postgres.port());
      assertThat(postgres.url()).endsWith(postgres.port() + "/splitrack");
    }
  }

  private static void connect(int port) throws IOException {
    new Socket(InetAddress.getLoopbackAddress(), port).close();
  }
}
