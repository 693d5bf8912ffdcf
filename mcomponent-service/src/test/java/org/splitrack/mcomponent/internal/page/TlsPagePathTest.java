package org.splitrack.mcomponent.internal.page;

import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.testkit.TestCertificates;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.transport.TlsTransport;
import org.splitrack.fabric.transport.Transport;

class TlsPagePathTest extends PagePathContract {
  @Override
  Transport transport(Role role) {
    return new TlsTransport(new TcpTransport(), TestCertificates.of(role));
  }

  @Override
  @Test
  @Disabled("the JDK's TLS allocates for each record")
  void shouldAllocateNothingForAMissOnceWarm() {}
}
