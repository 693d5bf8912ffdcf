package org.splitrack.manager.internal;

import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.transport.Identity;

/** What a pretended component has to know of the rack that it joins. */
interface FakeRack {
  Identity identity(ComponentId component, BootId boot);

  /** The manager's fabric endpoint. */
  Endpoint endpoint();
}
