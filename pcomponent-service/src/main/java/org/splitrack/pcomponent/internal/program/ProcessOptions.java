package org.splitrack.pcomponent.internal.program;

import static org.splitrack.fabric.control.ControlFault.Code.BAD_REQUEST;

import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ProcessSpec;
import org.splitrack.pcomponent.internal.excache.CacheLimit;
import org.splitrack.pcomponent.internal.excache.Eviction;
import org.splitrack.pcomponent.internal.excache.Prefetch;

/** The words of {@code rack run} and {@code rack set}; a wrong one is refused as BAD_REQUEST. */
final class ProcessOptions {
  /** Of arguments and environment together; both live in the program's memory as well. */
  static final int MAX_TEXT_CHARS = 1 << 20;

  private ProcessOptions() {}

  /** Refuses a process that could not be started as asked. */
  static void check(ProcessSpec spec) {
    cache(spec.cache() == null ? "100%" : spec.cache());
    eviction(spec.evict());
    prefetch(spec.prefetch());
    long chars = 0;
    for (String argument : spec.args()) {
      chars += argument.length();
      requireNoNul(argument);
    }
    for (var variable : spec.environment().entrySet()) {
      chars += variable.getKey().length() + variable.getValue().length();
      requireNoNul(variable.getKey());
      requireNoNul(variable.getValue());
      if (variable.getKey().isEmpty() || variable.getKey().indexOf('=') >= 0) {
        throw new ControlFault(
            BAD_REQUEST, "'" + variable.getKey() + "' is no name of an environment variable");
      }
    }
    if (chars > MAX_TEXT_CHARS) {
      throw new ControlFault(
          BAD_REQUEST,
          "arguments and environment of "
              + chars
              + " characters; "
              + MAX_TEXT_CHARS
              + " are allowed");
    }
  }

  private static void requireNoNul(String text) {
    if (text.indexOf('\0') >= 0) {
      throw new ControlFault(BAD_REQUEST, "an argument or variable holds a NUL character");
    }
  }

  static CacheLimit cache(String text) {
    try {
      return CacheLimit.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ControlFault(BAD_REQUEST, String.valueOf(e.getMessage()));
    }
  }

  static Eviction eviction(String text) {
    return switch (text) {
      case "clock" -> Eviction.CLOCK;
      case "fifo" -> Eviction.FIFO;
      case "random" -> Eviction.RANDOM;
      default ->
          throw new ControlFault(
              BAD_REQUEST, "eviction '" + text + "' is none of clock, fifo, random");
    };
  }

  static Prefetch prefetch(String text) {
    return switch (text) {
      case "leap" -> Prefetch.LEAP;
      case "next" -> Prefetch.NEXT;
      case "off" -> Prefetch.OFF;
      default ->
          throw new ControlFault(BAD_REQUEST, "prefetch '" + text + "' is none of leap, next, off");
    };
  }
}
