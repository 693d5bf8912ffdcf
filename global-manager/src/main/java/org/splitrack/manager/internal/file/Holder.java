package org.splitrack.manager.internal.file;

import org.splitrack.fabric.control.FileCalls.Caller;

/** Who has a file open: an incarnation of a process, or the manager itself. */
record Holder(long process, int incarnation) {
  /** An upload or download by the manager; forgotten when it starts anew. */
  static final Holder MANAGER = new Holder(0, 0);

  static Holder of(Caller caller) {
    return new Holder(caller.process().value(), caller.incarnation());
  }
}
