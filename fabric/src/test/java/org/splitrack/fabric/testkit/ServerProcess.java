package org.splitrack.fabric.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A server that a test started: it dies when told, and with the test's JVM, and its folder goes
 * with it.
 */
final class ServerProcess implements AutoCloseable {
  private static final long DEATH_LIMIT_S = 30;

  private final Path folder;
  private final Thread hook = new Thread(this::end, "server-end");
  private @Nullable Process process;

  ServerProcess(Path folder) {
    this.folder = folder;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  synchronized void start(ProcessBuilder command) {
    if (process != null) {
      throw new IllegalStateException("it runs already, as " + process.pid());
    }
    try {
      process = command.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** At once, as SIGKILL does, with its children. */
  synchronized void kill() {
    var running = process;
    process = null;
    if (running == null) {
      return;
    }
    running.descendants().forEach(ProcessHandle::destroyForcibly);
    running.destroyForcibly();
    try {
      if (!running.waitFor(DEATH_LIMIT_S, TimeUnit.SECONDS)) {
        throw new IllegalStateException("process " + running.pid() + " does not die");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    end();
    Runtime.getRuntime().removeShutdownHook(hook);
  }

  private void end() {
    kill();
    TestFolders.delete(folder);
  }
}
