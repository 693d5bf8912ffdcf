package org.splitrack.fabric.region;

import java.util.List;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.Role;

/** Places and configurations for the tests of this package. */
final class Places {
  static final CopyPlace A = place(Role.MCOMPONENT, 0, 10);
  static final CopyPlace B = place(Role.MCOMPONENT, 1, 11);
  static final CopyPlace C = place(Role.MCOMPONENT, 2, 12);
  static final CopyPlace LOG = place(Role.SCOMPONENT, 0, 20);
  static final CopyPlace OTHER_LOG = place(Role.SCOMPONENT, 1, 21);
  static final RegionId REGION = new RegionId(7);
  static final int PAGES = 512;
  static final int INCARNATION = 3;

  private Places() {}

  static CopyPlace place(Role role, int ordinal, long boot) {
    return new CopyPlace(
        new ComponentId(role, ordinal), new BootId(boot), new Endpoint("127.0.0.1", 1));
  }

  static RegionConfig first(AckMode ack, CopyPlace home, CopyPlace... secondaries) {
    return first(ack, false, home, secondaries);
  }

  static RegionConfig first(AckMode ack, boolean strict, CopyPlace home, CopyPlace... secondaries) {
    return RegionConfig.first(
        REGION,
        new ProcessId(1),
        INCARNATION,
        0,
        1,
        home,
        List.of(secondaries),
        PAGES,
        ack,
        strict);
  }
}
