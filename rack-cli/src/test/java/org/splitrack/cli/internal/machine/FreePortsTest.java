package org.splitrack.cli.internal.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FreePortsTest {
  @Test
  void shouldGiveEachPortOnceEvenToTwoStartsAtOnce() {
    try (FreePorts one = FreePorts.take();
        FreePorts two = FreePorts.take()) {
      Set<Integer> given = new HashSet<>();
      for (int i = 0; i < 60; i++) {
        assertThat(given.add(one.next())).isTrue();
        assertThat(given.add(two.next())).isTrue();
      }
    }
  }

  @Test
  void shouldSkipPortsThatAreTaken() throws IOException {
    List<ServerSocket> taken = new ArrayList<>();
    try (FreePorts ports = FreePorts.take()) {
      // given
      int first = ports.next();
      for (int port = first + 1; port <= first + 3; port++) {
        if (FreePorts.isFree(port)) {
          taken.add(new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1")));
        }
      }

      // when, then
      assertThat(ports.next()).isGreaterThan(first + 3);
    } finally {
      for (ServerSocket socket : taken) {
        socket.close();
      }
    }
  }
}
