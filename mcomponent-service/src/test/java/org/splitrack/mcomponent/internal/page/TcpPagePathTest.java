package org.splitrack.mcomponent.internal.page;

import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.transport.Transport;

class TcpPagePathTest extends PagePathContract {
  @Override
  Transport transport() {
    return new TcpTransport();
  }
}
