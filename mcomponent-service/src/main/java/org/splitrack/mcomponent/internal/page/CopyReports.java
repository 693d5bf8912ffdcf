package org.splitrack.mcomponent.internal.page;

import org.splitrack.fabric.control.ControlReply;
import org.splitrack.fabric.control.ControlRequest;

/** Where the page agent's news for the global manager go: told and forgotten, never waited for. */
public interface CopyReports {
  void tell(ControlRequest<ControlReply.Done> news);
}
