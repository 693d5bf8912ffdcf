package org.splitrack.e2e;

import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** What {@code rack events -f} tells, until closed. */
final class FollowedEvents implements AutoCloseable {
  private final Process command;
  private final List<String> lines = new CopyOnWriteArrayList<>();

  private FollowedEvents(Process command) {
    this.command = command;
    Thread.ofVirtual()
        .start(() -> command.inputReader(StandardCharsets.UTF_8).lines().forEach(lines::add));
  }

  /** Returns when it has told what was before, so that the rest is told as it happens. */
  static FollowedEvents start(Rack rack, String... options) {
    List<String> words = new ArrayList<>(List.of("events", "-f"));
    words.addAll(List.of(options));
    FollowedEvents events = new FollowedEvents(rack.start(words.toArray(String[]::new)));
    events.first(_ -> true);
    return events;
  }

  /** The first line of this kind, which it waits for. */
  String first(Predicate<String> kind) {
    await().atMost(Duration.ofSeconds(60)).until(() -> lines.stream().anyMatch(kind));
    return lines.stream().filter(kind).findFirst().orElseThrow();
  }

  /** Its streams stay open: the thread that reads them finds their end. */
  @Override
  public void close() {
    command.toHandle().destroy();
  }
}
