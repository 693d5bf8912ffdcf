package org.splitrack.fabric.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Ports of loopback that nobody listens on. */
public final class FreePorts {
  private FreePorts() {}

  /** One that was free a moment ago. */
  public static int next() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
