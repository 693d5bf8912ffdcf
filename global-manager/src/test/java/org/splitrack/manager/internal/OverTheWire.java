package org.splitrack.manager.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.ProcessId;

/** A manager with one pComponent and three mComponents of sixteen regions, over real calls. */
abstract class OverTheWire {
  static final Duration SOON = Duration.ofSeconds(30);
  static final int REGION = PageGeometry.REGION_PAGES;

  @TempDir private Path folder;
  TestManager manager;
  FakeProcessor processor;
  final List<FakeMemory> memories = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    manager = new TestManager(folder);
    processor = new FakeProcessor(manager, 0);
    for (int i = 0; i < 3; i++) {
      memories.add(new FakeMemory(manager, i, 16L * REGION));
    }
  }

  @AfterEach
  void stop() {
    memories.forEach(FakeComponent::close);
    processor.close();
    manager.close();
  }

  final ProcessId run(String ack) {
    return manager.parts.starts().start(manager.program("a", ack, "fail")).process();
  }
}
