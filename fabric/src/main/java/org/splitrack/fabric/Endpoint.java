package org.splitrack.fabric;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.net.InetSocketAddress;

/** Where a component listens. */
public record Endpoint(String host, int port) {
  /** Reads {@code host:port}. */
  @JsonCreator
  public static Endpoint parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon <= 0) {
      throw new IllegalArgumentException("'" + text + "' is not host:port");
    }
    return new Endpoint(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
  }

  /** Resolved now, so that a pod's new address is seen at the next connection. */
  public InetSocketAddress address() {
    return new InetSocketAddress(host, port);
  }

  @Override
  @JsonValue
  public String toString() {
    return host + ":" + port;
  }
}
