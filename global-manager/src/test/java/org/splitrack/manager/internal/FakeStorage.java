package org.splitrack.manager.internal;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.control.ControlReply.Done;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.control.StorageCalls.FencePeer;

/** An sComponent without extents: it knows whom it refuses. */
final class FakeStorage extends FakeComponent {
  final Set<BootId> fenced = ConcurrentHashMap.newKeySet();

  FakeStorage(FakeRack rack, int ordinal) throws IOException {
    super(rack, ComponentId.parse("scomponent-" + ordinal), BootId.random(), 1 << 20);
    start();
  }

  @Override
  void registerHandlers(ControlServer server) {
    server.register(
        FencePeer.class,
        (request, bytes, peer) -> {
          if (request.fenced()) {
            fenced.add(request.boot());
          } else {
            fenced.remove(request.boot());
          }
          return new Done();
        });
  }
}
