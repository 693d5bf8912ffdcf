package org.splitrack.fabric.attach;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a process ended.
 *
 * @param state {@code exited}, {@code failed}, {@code lost} or {@code stopped}
 * @param exitCode the program's, or 134 for a trap, 143 stopped, 125 the rack failed or its memory
 *     is lost, 126 not a runnable module
 * @param reason one line; null when it exited by itself
 * @param stats the keys of {@code --stats}
 */
public record ProgramOutcome(
    String state, int exitCode, @Nullable String reason, Map<String, Number> stats) {}
