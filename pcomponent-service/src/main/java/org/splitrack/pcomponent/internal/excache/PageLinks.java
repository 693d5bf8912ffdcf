package org.splitrack.pcomponent.internal.excache;

import org.splitrack.fabric.memory.PageFetcher;
import org.splitrack.fabric.memory.PageWriter;

/** Where the pages of one process come from and go to. */
public interface PageLinks {
  /** Called on the program thread that will own the fetcher. */
  PageFetcher newFetcher();

  /** Called once, on the process's write-back thread. */
  PageWriter newWriter();
}
