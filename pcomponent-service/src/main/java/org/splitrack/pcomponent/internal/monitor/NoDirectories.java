package org.splitrack.pcomponent.internal.monitor;

import java.util.List;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.control.ProcessSpec;
import org.splitrack.pcomponent.internal.file.FileService;
import org.splitrack.pcomponent.internal.file.FileSystem;

/** Gives processes no directories. */
final class NoDirectories implements FileService {
  @Override
  public FileSystem open(ProcessId process, int incarnation, ProcessSpec spec) {
    return new FileSystem() {
      @Override
      public List<Preopened> preopened() {
        return List.of();
      }

      @Override
      public void close() {}
    };
  }
}
