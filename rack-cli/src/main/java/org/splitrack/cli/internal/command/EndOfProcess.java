package org.splitrack.cli.internal.command;

import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.Progress;
import tools.jackson.databind.JsonNode;

/**
 * How a process ended, as a command passes it on.
 *
 * @param exitCode what the command ends with
 * @param reason null when the program ended by itself
 */
record EndOfProcess(long process, String state, int exitCode, @Nullable String reason) {
  /** From the manager's view of a process that has ended. */
  static EndOfProcess of(JsonNode view) {
    String state = view.path("state").asString("lost");
    int known = view.path("exit_code").asInt(-1);
    JsonNode reason = view.path("reason");
    return new EndOfProcess(
        view.path("process").asLong(),
        state,
        known >= 0 ? known : withoutCode(state),
        reason.isString() ? reason.asString() : null);
  }

  private static int withoutCode(String state) {
    return switch (state) {
      case "lost" -> ExitCode.COMPONENT_DIED;
      case "stopped" -> ExitCode.STOPPED;
      default -> ExitCode.RACK_FAILED;
    };
  }

  void explain(Progress progress) {
    if (reason != null) {
      progress.say("process " + process + " " + state + ": " + reason);
    } else if (state.equals("lost")) {
      progress.say("process " + process + " is lost: its pComponent died");
    }
  }
}
