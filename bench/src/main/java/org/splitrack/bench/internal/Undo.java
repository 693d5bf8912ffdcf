package org.splitrack.bench.internal;

/**
 * What has to be undone once: when it is closed, or when the command is ended from outside before.
 */
final class Undo implements AutoCloseable {
  private final Runnable action;
  private final Thread onSignal;
  private boolean done;

  Undo(String name, Runnable action) {
    this.action = action;
    this.onSignal = new Thread(this::once, name);
    Runtime.getRuntime().addShutdownHook(onSignal);
  }

  private synchronized void once() {
    if (!done) {
      done = true;
      action.run();
    }
  }

  @Override
  public void close() {
    once();
    try {
      Runtime.getRuntime().removeShutdownHook(onSignal);
    } catch (IllegalStateException ending) {
      // It has run by now, or finds nothing left to do.
    }
  }
}
