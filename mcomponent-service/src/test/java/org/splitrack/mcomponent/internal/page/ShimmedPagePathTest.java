package org.splitrack.mcomponent.internal.page;

import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.transport.LinkProfile;
import org.splitrack.fabric.transport.LinkShim;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.transport.Transport;

class ShimmedPagePathTest extends PagePathContract {
  @Override
  Transport transport(Role role) {
    return new LinkShim(new TcpTransport(), new LinkProfile(100_000, 0, false));
  }

  @Override
  @Test
  @Disabled("the emulation itself allocates")
  void shouldAllocateNothingForAMissOnceWarm() {}

  @Override
  @Test
  @Disabled("the emulation buffers for both ends")
  void shouldNotLetAPeerThatDoesNotReadTakeMemoryOrHoldUpOthers() {}
}
