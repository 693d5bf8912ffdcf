package org.splitrack.pcomponent.internal.excache;

import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;

import org.jspecify.annotations.Nullable;

/** How many frames a process may hold. */
public sealed interface CacheLimit {
  /** Fewer would leave nothing to replace pages with. */
  int MIN_FRAMES = 64;

  /** Frames allowed when the process has touched so many pages; at least {@link #MIN_FRAMES}. */
  int frames(int pagesTouched);

  /** All that the pComponent can give. */
  record All() implements CacheLimit {
    @Override
    public int frames(int pagesTouched) {
      return Integer.MAX_VALUE;
    }
  }

  /** A fixed number of frames. */
  record Frames(int count) implements CacheLimit {
    public Frames {
      if (count < 0) {
        throw new IllegalArgumentException("cache of " + count + " frames");
      }
    }

    @Override
    public int frames(int pagesTouched) {
      return Math.max(MIN_FRAMES, count);
    }
  }

  /** A share of the pages touched so far. */
  record Percent(int percent) implements CacheLimit {
    public Percent {
      if (percent < 1 || percent > 100) {
        throw new IllegalArgumentException("cache " + percent + "% is not within 1% to 100%");
      }
    }

    @Override
    public int frames(int pagesTouched) {
      return Math.max(MIN_FRAMES, (int) ((long) pagesTouched * percent / 100));
    }
  }

  /**
   * {@code 25%}, or a number of bytes; null is {@link All}.
   *
   * @throws IllegalArgumentException in one line when it is neither
   */
  static CacheLimit parse(@Nullable String text) {
    if (text == null) {
      return new All();
    }
    try {
      if (text.endsWith("%")) {
        return new Percent(Integer.parseInt(text.substring(0, text.length() - 1)));
      }
      long bytes = Long.parseLong(text);
      if (bytes < 0) {
        throw new NumberFormatException("negative");
      }
      return new Frames((int) Math.min(Integer.MAX_VALUE, bytes / PAGE_BYTES));
    } catch (NumberFormatException notANumber) {
      throw new IllegalArgumentException(
          "cache '" + text + "' is neither a percentage like 25% nor a number of bytes",
          notANumber);
    }
  }
}
