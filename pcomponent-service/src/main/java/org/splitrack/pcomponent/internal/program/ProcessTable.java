package org.splitrack.pcomponent.internal.program;

import static org.splitrack.fabric.control.ControlFault.Code.BAD_REQUEST;
import static org.splitrack.fabric.control.ControlFault.Code.EXISTS;
import static org.splitrack.fabric.control.ControlFault.Code.FAILED;
import static org.splitrack.fabric.control.ControlFault.Code.FULL;
import static org.splitrack.fabric.control.ControlFault.Code.NOT_FOUND;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ProcessCalls.StartProcess;
import org.splitrack.pcomponent.internal.excache.ProgramStopped;
import org.splitrack.pcomponent.internal.wasm.BadModule;
import org.splitrack.pcomponent.internal.wasm.ProgramModule;

/**
 * The processes of a pComponent: at most {@value #MAX_RUNNING} that run, and the last {@value
 * #MAX_ENDED} that have ended, for their kept output. Safe from any thread.
 */
public final class ProcessTable implements AutoCloseable {
  public static final int MAX_RUNNING = 64;
  static final int MAX_ENDED = 256;

  private static final long CLOSE_LIMIT_MS = 800;

  private final ProcessSite site;
  private final Map<ProcessId, ProgramProcess> running = new LinkedHashMap<>();
  private final Map<ProcessId, ProgramProcess> ended = new LinkedHashMap<>();
  private final ReentrantLock compiling = new ReentrantLock();
  private boolean closed;

  /**
   * Begins without processes; output that an earlier start of the component kept is deleted.
   *
   * @throws UncheckedIOException when the folder for kept output cannot be made
   */
  public ProcessTable(ProcessSite site) {
    this.site = site;
    try {
      emptyFolder(site.outputFolder());
    } catch (IOException e) {
      throw new UncheckedIOException("the folder for kept output cannot be made", e);
    }
  }

  private static void emptyFolder(Path folder) throws IOException {
    Files.createDirectories(folder);
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, "*.log")) {
      for (Path path : left) {
        Files.delete(path);
      }
    }
  }

  /**
   * Starts a process; whether its program can run is part of its outcome. Repeating it changes
   * nothing.
   *
   * @param octets the module, or null when it is expected to be known
   */
  public void start(StartProcess request, byte @Nullable [] octets) {
    ProcessOptions.check(request.spec());
    ModuleSource module = moduleSource(request.spec().programDigest(), octets);
    ProgramProcess process;
    synchronized (this) {
      ProgramProcess present = at(request.process());
      if (present != null) {
        if (present.incarnation() == request.incarnation()) {
          return;
        }
        throw new ControlFault(EXISTS, "process " + request.process() + " is here already");
      }
      if (closed || running.size() == MAX_RUNNING) {
        throw new ControlFault(
            FULL, site.component() + " runs " + running.size() + " processes and takes no more");
      }
      process = new ProgramProcess(request, site, newLog(request.process()), this::hasEnded);
      running.put(process.id(), process);
    }
    process.start(module);
  }

  private ModuleSource moduleSource(String digest, byte @Nullable [] octets) {
    if (octets == null) {
      ProgramModule kept = site.compiler().kept(digest);
      if (kept == null) {
        throw new ControlFault(NOT_FOUND, site.component() + " does not have module " + digest);
      }
      return () -> kept;
    }
    String actual = sha256(octets);
    if (!actual.equals(digest)) {
      throw new ControlFault(
          BAD_REQUEST, "the module has digest " + actual + ", not " + digest + " as announced");
    }
    return () -> compile(octets);
  }

  /** One at a time: compiling takes many times the module's size of heap. */
  private ProgramModule compile(byte[] octets) throws BadModule {
    try {
      compiling.lockInterruptibly();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new ProgramStopped("stopped before its module was compiled");
    }
    try {
      return site.compiler().load(octets);
    } finally {
      compiling.unlock();
    }
  }

  private static String sha256(byte[] octets) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK lacks SHA-256", e);
    }
  }

  private ProcessLog newLog(ProcessId process) {
    try {
      return ProcessLog.create(site.outputFolder().resolve("process-" + process + ".log"));
    } catch (IOException e) {
      throw new ControlFault(
          FAILED, site.component() + " cannot keep output in its folder: " + e.getMessage());
    }
  }

  private synchronized void hasEnded(ProgramProcess process) {
    running.remove(process.id());
    ended.put(process.id(), process);
    if (ended.size() > MAX_ENDED) {
      Iterator<ProgramProcess> oldest = ended.values().iterator();
      oldest.next().log().close();
      oldest.remove();
    }
    notifyAll();
  }

  /** A process that runs or has ended lately, or null. */
  synchronized @Nullable ProgramProcess at(ProcessId id) {
    ProgramProcess process = running.get(id);
    return process != null ? process : ended.get(id);
  }

  /** The same, for calls. */
  ProgramProcess require(ProcessId id) {
    ProgramProcess process = at(id);
    if (process == null) {
      throw new ControlFault(NOT_FOUND, "process " + id + " is not on " + site.component());
    }
    return process;
  }

  /** Ids of the processes that run now. */
  public synchronized List<Long> runningIds() {
    return running.keySet().stream().map(ProcessId::value).toList();
  }

  /** Stops all processes and waits a moment until they have ended. */
  @Override
  public void close() {
    List<ProgramProcess> all;
    synchronized (this) {
      closed = true;
      all = new ArrayList<>(running.values());
    }
    all.forEach(process -> process.stop(site.component() + " shuts down"));
    long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CLOSE_LIMIT_MS);
    synchronized (this) {
      long restMs;
      while (!running.isEmpty()
          && (restMs = TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime())) > 0) {
        try {
          wait(restMs);
        } catch (InterruptedException _) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }
}
