package org.splitrack.pcomponent.internal.file;

import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.control.ProcessSpec;

/** Gives every process its own view of its tenant's files. Safe from any thread. */
public interface FileService {
  /**
   * The directories that {@code spec} names; closed by the process's end.
   *
   * @throws FileFault when a directory of the list is missing or the files cannot be reached; its
   *     message is one line that names it
   */
  FileSystem open(ProcessId process, int incarnation, ProcessSpec spec);
}
