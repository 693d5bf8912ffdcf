package org.splitrack.mcomponent.internal.page;

import org.splitrack.fabric.Role;
import org.splitrack.fabric.transport.JvmTransport;
import org.splitrack.fabric.transport.Transport;

class JvmReplicationTest extends ReplicationContract {
  private static final Transport NETWORK = new JvmTransport();

  @Override
  Transport transport(Role role) {
    return NETWORK;
  }
}
