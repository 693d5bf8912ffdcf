package org.splitrack.mcomponent.internal.page;

import org.splitrack.fabric.Role;
import org.splitrack.fabric.transport.JvmTransport;
import org.splitrack.fabric.transport.Transport;

class JvmPagePathTest extends PagePathContract {
  private static final Transport NETWORK = new JvmTransport();

  @Override
  Transport transport(Role role) {
    return NETWORK;
  }
}
