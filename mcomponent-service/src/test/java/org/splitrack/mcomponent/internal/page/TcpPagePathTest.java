package org.splitrack.mcomponent.internal.page;

import org.splitrack.fabric.Role;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.transport.Transport;

class TcpPagePathTest extends PagePathContract {
  @Override
  Transport transport(Role role) {
    return new TcpTransport();
  }
}
