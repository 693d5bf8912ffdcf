package org.splitrack.pcomponent.internal.excache;

/**
 * Chooses what to prefetch for one program thread from its faults. A thread that walks through
 * several arrays at once makes several streams; faults near to each other belong to one. Within a
 * stream the stride is the majority of its recent ones (Boyer-Moore vote, as in Leap, USENIX ATC
 * 2020, section 3), so that a stray access does not end it; the window grows while prefetched pages
 * are used and shrinks when they are not.
 */
final class PrefetchStreams {
  static final int MAX_WINDOW = 32;

  private static final int STREAMS = 8;
  private static final int STRIDES = 8;

  /** A fault this far from a stream's last one starts a stream of its own. */
  private static final int REACH_PAGES = 512;

  private static final int FIRST_WINDOW = 4;

  private final Prefetch mode;
  private final int[] last = new int[STREAMS];
  private final int[][] strides = new int[STREAMS][STRIDES];
  private final int[] seen = new int[STREAMS];
  private final int[] trend = new int[STREAMS];
  private final int[] window = new int[STREAMS];
  private final int[] nextAhead = new int[STREAMS];
  private final long[] usedAt = new long[STREAMS];
  private long faults;

  private final int[] candidates = new int[MAX_WINDOW];
  private int candidateCount;

  PrefetchStreams(Prefetch mode) {
    this.mode = mode;
  }

  /** Pages chosen by the last {@link #fault}, the most urgent first. */
  int candidate(int index) {
    return candidates[index];
  }

  int candidateCount() {
    return candidateCount;
  }

  /**
   * Takes in a fault and chooses.
   *
   * @param page that the program waits for, or a prefetched one that it has reached
   * @param reached it had been prefetched
   * @param maxWindow pages that may be ahead at once
   */
  void fault(int page, boolean reached, int maxWindow) {
    candidateCount = 0;
    switch (mode) {
      case OFF -> {}
      case NEXT -> {
        if (maxWindow > 0) {
          candidates[candidateCount++] = page + 1;
        }
      }
      case LEAP -> follow(page, reached, Math.min(maxWindow, MAX_WINDOW));
    }
  }

  private void follow(int page, boolean reached, int maxWindow) {
    faults++;
    int stream = streamOf(page);
    int stride = page - last[stream];
    if (stride == 0) {
      return;
    }
    last[stream] = page;
    strides[stream][seen[stream] % STRIDES] = stride;
    seen[stream]++;
    int majority = majority(stream);
    if (majority == 0) {
      window[stream] = 0;
      return;
    }
    int distance = (nextAhead[stream] - page) / majority;
    boolean onTrack =
        trend[stream] == majority
            && distance > 0
            && distance <= MAX_WINDOW + 1
            && (nextAhead[stream] - page) % majority == 0;
    if (!onTrack) {
      trend[stream] = majority;
      nextAhead[stream] = page + majority;
      distance = 1;
      window[stream] = window[stream] == 0 ? FIRST_WINDOW : Math.max(2, window[stream] / 2);
    } else if (reached) {
      window[stream] = Math.min(MAX_WINDOW, window[stream] + 2);
    }
    int wanted = Math.min(window[stream], maxWindow);
    // Half a window at a time, so that requests go out in batches.
    if (distance - 1 > wanted / 2) {
      return;
    }
    while (distance <= wanted && candidateCount < MAX_WINDOW) {
      candidates[candidateCount++] = nextAhead[stream];
      nextAhead[stream] += majority;
      distance++;
    }
  }

  private int streamOf(int page) {
    int nearest = -1;
    int nearestDistance = REACH_PAGES + 1;
    int oldest = 0;
    for (int i = 0; i < STREAMS; i++) {
      if (usedAt[i] != 0) {
        int distance = Math.abs(page - last[i]);
        // A stride that fits exactly wins over a stream that happens to be nearer.
        if (trend[i] != 0 && page - last[i] == trend[i]) {
          distance = 0;
        }
        if (distance < nearestDistance) {
          nearestDistance = distance;
          nearest = i;
        }
      }
      if (usedAt[i] < usedAt[oldest]) {
        oldest = i;
      }
    }
    if (nearest < 0) {
      nearest = oldest;
      last[nearest] = page;
      seen[nearest] = 0;
      trend[nearest] = 0;
      window[nearest] = 0;
      nextAhead[nearest] = page;
    }
    usedAt[nearest] = faults;
    return nearest;
  }

  /** The stride of more than half of the last two, else four, else eight; 0 when there is none. */
  private int majority(int stream) {
    int known = Math.min(seen[stream], STRIDES);
    for (int span = 2; span <= STRIDES; span *= 2) {
      if (known < span) {
        return 0;
      }
      int leader = 0;
      int votes = 0;
      for (int i = 1; i <= span; i++) {
        int stride = strides[stream][(seen[stream] - i) % STRIDES];
        if (votes == 0) {
          leader = stride;
          votes = 1;
        } else {
          votes += stride == leader ? 1 : -1;
        }
      }
      int count = 0;
      for (int i = 1; i <= span; i++) {
        if (strides[stream][(seen[stream] - i) % STRIDES] == leader) {
          count++;
        }
      }
      if (count > span / 2) {
        return leader;
      }
    }
    return 0;
  }
}
