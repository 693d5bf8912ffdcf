package org.splitrack.manager.internal;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.control.ControlReply.Done;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.control.StorageCalls.AskFences;
import org.splitrack.fabric.control.StorageCalls.Fence;
import org.splitrack.fabric.control.StorageCalls.FencePeer;
import org.splitrack.fabric.control.StorageCalls.Fences;

/** An sComponent without extents: it knows whom it refuses. */
final class FakeStorage extends FakeComponent {
  final Map<BootId, ComponentId> fenced = new ConcurrentHashMap<>();

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
            fenced.put(request.boot(), request.component());
          } else {
            fenced.remove(request.boot());
          }
          return new Done();
        });
    server.register(
        AskFences.class,
        (request, bytes, peer) ->
            new Fences(
                fenced.entrySet().stream()
                    .map(entry -> new Fence(entry.getValue(), entry.getKey()))
                    .toList()));
  }
}
