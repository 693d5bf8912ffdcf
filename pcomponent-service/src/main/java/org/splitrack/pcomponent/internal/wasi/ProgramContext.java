package org.splitrack.pcomponent.internal.wasi;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * What all threads of a process share when they call out.
 *
 * @param arguments UTF-8 without the closing NUL, the program's name first
 * @param environment {@code NAME=value} likewise
 * @param random safe from any thread
 */
public record ProgramContext(
    List<byte[]> arguments,
    List<byte[]> environment,
    DescriptorTable descriptors,
    ProgramClocks clocks,
    RandomGenerator random) {

  /** Takes arguments and environment as text. */
  public static ProgramContext of(
      List<String> arguments,
      Map<String, String> environment,
      DescriptorTable descriptors,
      ProgramClocks clocks,
      RandomGenerator random) {
    return new ProgramContext(
        arguments.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList(),
        environment.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .map(text -> text.getBytes(StandardCharsets.UTF_8))
            .toList(),
        descriptors,
        clocks,
        random);
  }
}
