package org.splitrack.mcomponent.internal.page;

import org.splitrack.fabric.transport.JvmTransport;
import org.splitrack.fabric.transport.Transport;

class JvmPagePathTest extends PagePathContract {
  @Override
  Transport transport() {
    return new JvmTransport();
  }
}
