package org.splitrack.bench.internal;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What powers nodes off and on: {@code COMMAND kill N} and {@code COMMAND boot N}. */
record NodePower(List<String> command) {
  static final String VARIABLE = "SPLITRACK_NODE_FAULTS";

  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** The command that the environment names. */
  static Optional<NodePower> ofEnvironment() {
    return Optional.ofNullable(System.getenv(VARIABLE))
        .filter(command -> !command.isBlank())
        .map(command -> new NodePower(List.of(command.strip().split(" +", -1))));
  }

  void off(String node) throws IOException, InterruptedException {
    run("kill", node);
  }

  void on(String node) throws IOException, InterruptedException {
    run("boot", node);
  }

  /** The number at the end of a node's name. */
  static String number(String node) {
    String number = node.replaceAll(".*?([0-9]*)$", "$1");
    if (number.isEmpty()) {
      throw new IllegalArgumentException("the node " + node + " has no number");
    }
    return number;
  }

  private void run(String fault, String node) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(command);
    words.addAll(List.of(fault, number(node)));
    LocalCommand.succeed(LIMIT, words);
  }
}
