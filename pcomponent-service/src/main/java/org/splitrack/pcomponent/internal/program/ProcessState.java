package org.splitrack.pcomponent.internal.program;

import org.splitrack.fabric.attach.ProgramOutcome;

/** Where a process is in its life; the methods are the only transitions. */
sealed interface ProcessState {
  /** Its module is being loaded and its memory reserved. */
  record Starting() implements ProcessState {
    Running running(ProgramSetting setting) {
      return new Running(setting);
    }

    Ending ending(EndCause cause) {
      return new Ending(cause);
    }
  }

  /** Its program runs. */
  record Running(ProgramSetting setting) implements ProcessState {
    Ending ending(EndCause cause) {
      return new Ending(cause);
    }
  }

  /** Its threads are leaving; nothing that they do has an effect any more. */
  record Ending(EndCause cause) implements ProcessState {
    Ended ended(ProgramOutcome outcome) {
      return new Ended(outcome);
    }
  }

  /** All threads have left, and its memory is given back. */
  record Ended(ProgramOutcome outcome) implements ProcessState {}
}
