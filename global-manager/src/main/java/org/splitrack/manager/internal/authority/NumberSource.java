package org.splitrack.manager.internal.authority;

import java.util.List;

/** Where numbers that are never handed out twice come from. */
@FunctionalInterface
public interface NumberSource {
  /**
   * Takes {@code count} numbers, in ascending order, for good.
   *
   * @throws RuntimeException when the source cannot be reached
   */
  List<Long> take(int count);
}
