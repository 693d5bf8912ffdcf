package org.splitrack.mcomponent.internal.page;

import org.splitrack.fabric.transport.JvmTransport;
import org.splitrack.fabric.transport.Transport;

class JvmReplicationTest extends ReplicationContract {
  @Override
  Transport transport() {
    return new JvmTransport();
  }
}
