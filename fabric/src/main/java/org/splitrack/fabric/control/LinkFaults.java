package org.splitrack.fabric.control;

import java.util.concurrent.TimeUnit;
import org.splitrack.fabric.control.ComponentCalls.ChangeCuts;
import org.splitrack.fabric.control.ComponentCalls.Cuts;
import org.splitrack.fabric.control.ComponentCalls.EmulateLinks;
import org.splitrack.fabric.control.ComponentCalls.Halt;
import org.splitrack.fabric.transport.LinkProfile;
import org.splitrack.fabric.transport.LinkShim;
import org.splitrack.fabric.transport.Transport;

/**
 * Lets the command line cut, heal and slow the links of a component while it runs, and end it
 * without a word.
 */
public final class LinkFaults {
  /** What a shell calls the end by SIGKILL. */
  private static final int KILLED = 137;

  private LinkFaults() {}

  /** From now on {@code server} answers these calls for the links of {@code transport}. */
  public static void register(ControlServer server, Transport transport) {
    register(server, transport, () -> Runtime.getRuntime().halt(KILLED));
  }

  static void register(ControlServer server, Transport transport, Runnable halt) {
    server.register(
        Halt.class,
        (_, _, _) -> {
          halt.run();
          return new ControlReply.Done();
        });
    server.register(ChangeCuts.class, (request, _, _) -> change(shim(transport), request));
    server.register(EmulateLinks.class, (request, _, _) -> slow(shim(transport), request));
  }

  private static Cuts change(LinkShim shim, ChangeCuts request) {
    shim.changeCuts(request.cut(), request.heal());
    return new Cuts(shim.cutPeers().stream().sorted().toList());
  }

  private static ControlReply.Done slow(LinkShim shim, EmulateLinks request) {
    if (request.delayUs() < 0 || request.bytesPerSecond() < 0) {
      throw new ControlFault(
          ControlFault.Code.BAD_REQUEST,
          "no link has a delay of %d us and %d bytes/s"
              .formatted(request.delayUs(), request.bytesPerSecond()));
    }
    shim.profile(
        new LinkProfile(
            TimeUnit.MICROSECONDS.toNanos(request.delayUs()), request.bytesPerSecond(), false));
    return new ControlReply.Done();
  }

  private static LinkShim shim(Transport transport) {
    if (transport instanceof LinkShim shim) {
      return shim;
    }
    throw new ControlFault(
        ControlFault.Code.FAILED, "the links of this component cannot be changed");
  }
}
