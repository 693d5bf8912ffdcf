package org.splitrack.fabric.control;

import org.splitrack.fabric.Role;
import org.splitrack.fabric.control.ComponentCalls.ChangeCuts;
import org.splitrack.fabric.control.ComponentCalls.Cuts;
import org.splitrack.fabric.transport.LinkShim;
import org.splitrack.fabric.transport.Peer;
import org.splitrack.fabric.transport.Transport;

/** Lets the command line cut and heal the links of a component while it runs. */
public final class LinkFaults {
  private LinkFaults() {}

  /** From now on {@code server} answers {@link ChangeCuts} for the links of {@code transport}. */
  public static void register(ControlServer server, Transport transport) {
    server.register(ChangeCuts.class, (request, _, peer) -> change(transport, request, peer));
  }

  private static Cuts change(Transport transport, ChangeCuts request, Peer peer) {
    if (peer.component().role() != Role.CLI) {
      throw new ControlFault(
          ControlFault.Code.DENIED, "only the rack command cuts links, not " + peer.component());
    }
    if (!(transport instanceof LinkShim shim)) {
      throw new ControlFault(ControlFault.Code.FAILED, "the links of this component cannot be cut");
    }
    shim.changeCuts(request.cut(), request.heal());
    return new Cuts(shim.cutPeers().stream().sorted().toList());
  }
}
