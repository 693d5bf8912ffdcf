package org.splitrack.pcomponent.internal.program;

import java.security.SecureRandom;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.attach.ProgramOutcome;
import org.splitrack.fabric.control.ProcessCalls.ProcessEnded;
import org.splitrack.fabric.control.ProcessCalls.StartProcess;
import org.splitrack.fabric.control.ProcessSpec;
import org.splitrack.fabric.memory.RegionTable;
import org.splitrack.fabric.region.AccessGrant;
import org.splitrack.fabric.report.StateChange;
import org.splitrack.pcomponent.internal.excache.AddressSpace;
import org.splitrack.pcomponent.internal.excache.AddressSpaceSettings;
import org.splitrack.pcomponent.internal.excache.CacheLimit;
import org.splitrack.pcomponent.internal.excache.PageStatistics;
import org.splitrack.pcomponent.internal.file.Errno;
import org.splitrack.pcomponent.internal.file.FileSystem;
import org.splitrack.pcomponent.internal.wasi.DescriptorTable;
import org.splitrack.pcomponent.internal.wasi.HostCallSeam;
import org.splitrack.pcomponent.internal.wasi.HostThread;
import org.splitrack.pcomponent.internal.wasi.ProgramContext;
import org.splitrack.pcomponent.internal.wasm.BadModule;
import org.splitrack.pcomponent.internal.wasm.MemoryShape;
import org.splitrack.pcomponent.internal.wasm.ProgramModule;

/**
 * One process: a program from its loading to its end. Its threads are platform threads; the first
 * one loads the module and runs {@code _start}. A trap or exit in any of them ends them all. When
 * all have left, a thread of the monitor's closes what the process had and tells its end.
 *
 * <p>Safe from any thread. The end begins once, and its first cause counts; from then on no call of
 * the program has an effect.
 */
final class ProgramProcess implements HostCallSeam.Gate {
  static final int MAX_THREADS = 64;

  private static final Logger LOG = LoggerFactory.getLogger(ProgramProcess.class);
  private static final SecureRandom RANDOM = new SecureRandom();

  /** Of a process that ended before it had memory. */
  private static final PageStatistics NO_PAGES =
      new PageStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  /** Deep recursion is for the first thread; of others there may be many. */
  private static final long FIRST_STACK_BYTES = 8 << 20;

  private static final long FURTHER_STACK_BYTES = 1 << 20;

  /** Numbers of threads have 29 bits in wasi-threads. */
  private static final int MAX_THREAD_NUMBER = 0x1FFF_FFFF;

  /** An interrupt may come between two waits; so it is repeated. */
  private static final long LEAVE_PAUSE_MS = 20;

  private final StartProcess request;
  private final ProcessSite site;
  private final Consumer<ProgramProcess> onEnd;
  private final ProcessMemory memory;
  private final EffectGate effects;
  private final ProcessLog log;
  private final InputPipe input = new InputPipe();
  private final OutputQueue output = new OutputQueue();
  private final OutputPump pump;
  private final CpuTimes cpu = new CpuTimes();
  private final ProcessClocks clocks = new ProcessClocks(cpu);
  private final HostCallSeam.Counts calls = new HostCallSeam.Counts();

  // Guarded by this.
  private ProcessState state = new ProcessState.Starting();
  private final Map<Integer, Thread> live = new HashMap<>();
  private int lastThread;
  private int threadsStarted;
  private long loadMs;
  private @Nullable ProgramSetting setting;
  private CacheLimit cacheLimit;

  /** Set when the end begins; read at every host call. */
  private volatile @Nullable EndCause ending;

  ProgramProcess(
      StartProcess request, ProcessSite site, ProcessLog log, Consumer<ProgramProcess> onEnd) {
    this.request = request;
    this.site = site;
    this.log = log;
    this.onEnd = onEnd;
    this.memory = site.memory().open(request.process(), request.incarnation(), this::expel);
    this.effects =
        site.effects()
            .open(
                request.process(),
                request.incarnation(),
                request.spec().onFailure().equals("restart"),
                this::expel);
    this.pump =
        new OutputPump(
            request.process(), output, log, request.spec().detached(), effects, this::stop);
    this.cacheLimit = CacheLimit.parse(request.spec().cache());
    if (request.spec().detached()) {
      input.end();
    }
  }

  ProcessId id() {
    return request.process();
  }

  int incarnation() {
    return request.incarnation();
  }

  String ticket() {
    return request.ticket();
  }

  boolean detached() {
    return request.spec().detached();
  }

  InputPipe input() {
    return input;
  }

  OutputPump pump() {
    return pump;
  }

  ProcessLog log() {
    return log;
  }

  synchronized boolean hasEnded() {
    return state instanceof ProcessState.Ended;
  }

  /** Begins in the background. */
  void start(ModuleSource module) {
    Thread.ofVirtual().name(threadName("output")).start(pump);
    synchronized (this) {
      launch(0, FIRST_STACK_BYTES, () -> runFirst(module));
    }
  }

  /** Newer grants of its regions, from the manager. */
  void updateGrants(List<AccessGrant> grants) {
    grants.forEach(memory.regions()::put);
  }

  /** The manager has given this incarnation up: nothing that it did and nobody saw yet counts. */
  void expel() {
    output.discard();
    stop("the rack has given it up: its pComponent was silent for too long");
  }

  /** Ends it from outside; when the end has begun already nothing changes. */
  void stop(String reason) {
    end(EndCause.stopped(reason));
  }

  /** Ends it because memory of it is gone. */
  void lose(String reason) {
    end(EndCause.lost(reason));
  }

  /** {@code rack set P cache=25%}; false when it is ending. */
  synchronized boolean setCache(CacheLimit limit) {
    if (ending != null) {
      return false;
    }
    cacheLimit = limit;
    if (setting != null) {
      setting.space().setCacheLimit(limit);
    }
    return true;
  }

  // ---- called by its threads ----

  HostCallSeam seam(HostThread thread) {
    return new HostCallSeam(id(), incarnation(), thread, this, calls);
  }

  @Override
  public void admit(HostCallSeam.Passage passage) {
    checkStop();
  }

  EffectGate effects() {
    return effects;
  }

  void checkStop() {
    EndCause cause = ending;
    if (cause != null) {
      throw ProgramThread.stopped(cause);
    }
  }

  /** {@code thread-spawn}: the new thread's number, or a negative error. */
  synchronized int spawn(int argument) {
    if (!(state instanceof ProcessState.Running running)) {
      return -Errno.AGAIN.code();
    }
    ProgramSetting shared = running.setting();
    if (!shared.module().exportsFunction(ProgramThread.THREAD_START)) {
      return -Errno.NOTSUP.code();
    }
    if (live.size() >= MAX_THREADS || lastThread == MAX_THREAD_NUMBER) {
      return -Errno.AGAIN.code();
    }
    int number = ++lastThread;
    try {
      launch(
          number,
          FURTHER_STACK_BYTES,
          () -> {
            new ProgramThread(this, number).runSpawned(shared, argument);
            return null;
          });
    } catch (OutOfMemoryError noThreads) {
      live.remove(number);
      return -Errno.AGAIN.code();
    }
    return number;
  }

  /** What a thread does; the cause of the process's end, or null when only the thread ends. */
  private interface ThreadBody {
    @Nullable EndCause run() throws BadModule;
  }

  // Guarded by this.
  private void launch(int number, long stackBytes, ThreadBody body) {
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name(threadName("thread-" + number))
            .stackSize(stackBytes)
            .unstarted(() -> runThread(number, body));
    live.put(number, thread);
    thread.start();
    threadsStarted++;
    report(number, "running");
  }

  private void runThread(int number, ThreadBody body) {
    cpu.join();
    EndCause cause = null;
    try {
      cause = body.run();
    } catch (Throwable thrown) {
      cause = ThreadEnd.causeOf(thrown, loaded(), memoryFailure());
    } finally {
      cpu.leave();
      leave(number, cause);
    }
  }

  private void leave(int number, @Nullable EndCause cause) {
    if (cause != null) {
      end(cause);
    }
    report(number, "ended");
    synchronized (this) {
      live.remove(number);
      notifyAll();
    }
  }

  private void report(int thread, String threadState) {
    site.reporter()
        .report(
            new StateChange.ThreadState(
                id().value(), thread, site.component().toString(), threadState));
  }

  private synchronized @Nullable ProgramModule loaded() {
    return setting == null ? null : setting.module();
  }

  private synchronized @Nullable Throwable memoryFailure() {
    return setting == null ? null : setting.space().failure();
  }

  // ---- beginning ----

  private EndCause runFirst(ModuleSource source) throws BadModule {
    ProgramModule module = source.load();
    ProgramImports.check(module);
    reportLoaded(module);
    FileSystem files = site.files().open(id(), incarnation(), request.spec());
    AddressSpace space;
    try {
      space = site.cache().open(spaceSettings(module.shape()), memory.links(), memory.growth());
    } catch (Throwable failed) {
      files.close();
      throw failed;
    }
    ProcessSpec spec = request.spec();
    DescriptorTable descriptors =
        new DescriptorTable(
            input,
            output.stream(OutputQueue.Stream.OUTPUT),
            output.stream(OutputQueue.Stream.ERROR),
            files);
    ProgramContext context =
        ProgramContext.of(spec.args(), spec.environment(), descriptors, clocks, RANDOM);
    ProgramSetting shared = new ProgramSetting(module, space, files, context);
    run(shared);
    new ProgramThread(this, 0).runFirst(shared);
    return EndCause.exited(0);
  }

  private void reportLoaded(ProgramModule module) {
    long ms = clocks.monotonicNs() / 1_000_000;
    synchronized (this) {
      loadMs = ms;
    }
    List<String> interpreted = module.interpretedFunctions();
    site.reporter()
        .report(
            new StateChange.Event(
                "program_loaded",
                id().value(),
                null,
                null,
                "Process "
                    + id()
                    + " loaded "
                    + request.spec().name()
                    + " in "
                    + ms
                    + " ms; "
                    + interpreted.size()
                    + " of its functions are interpreted.",
                Map.of("load_ms", ms, "interpreted_functions", interpreted)));
  }

  /** Throws when the end came before the beginning. */
  private synchronized void run(ProgramSetting shared) {
    setting = shared;
    shared.space().setCacheLimit(cacheLimit);
    if (state instanceof ProcessState.Starting starting) {
      state = starting.running(shared);
    }
    checkStop();
  }

  private AddressSpaceSettings spaceSettings(MemoryShape shape) {
    ProcessSpec spec = request.spec();
    return new AddressSpaceSettings(
        threadName("write-back"),
        shape.minPages(),
        shape.maxPages(),
        shape.shared(),
        new CacheLimit.All(),
        ProcessOptions.eviction(spec.evict()),
        ProcessOptions.prefetch(spec.prefetch()));
  }

  private String threadName(String part) {
    return "process-" + id() + "-" + part;
  }

  // ---- end ----

  private void end(EndCause cause) {
    ProgramSetting present;
    synchronized (this) {
      switch (state) {
        case ProcessState.Starting starting -> state = starting.ending(cause);
        case ProcessState.Running running -> state = running.ending(cause);
        case ProcessState.Ending _, ProcessState.Ended _ -> {
          return;
        }
      }
      ending = cause;
      present = setting;
    }
    if (present != null) {
      present.space().stop(cause.reason() == null ? "the program has exited" : cause.reason());
    }
    Thread.ofVirtual().name(threadName("end")).start(() -> finish(cause));
  }

  private void finish(EndCause cause) {
    try {
      awaitThreads();
      ProgramOutcome outcome = close(cause);
      LOG.info(
          "process {} ({}) {} with code {}{}",
          id(),
          request.spec().name(),
          outcome.state(),
          outcome.exitCode(),
          outcome.reason() == null ? "" : ": " + outcome.reason());
      site.endReports()
          .accept(
              new ProcessEnded(
                  id(),
                  incarnation(),
                  outcome.state(),
                  outcome.exitCode(),
                  outcome.reason(),
                  outcome.stats()));
      pump.sendOutcome(outcome);
    } catch (InterruptedException | RuntimeException e) {
      LOG.error("process {} could not be ended in order", id(), e);
    } finally {
      onEnd.accept(this);
    }
  }

  private synchronized void awaitThreads() throws InterruptedException {
    while (!live.isEmpty()) {
      live.values().forEach(Thread::interrupt);
      wait(LEAVE_PAUSE_MS);
    }
  }

  private ProgramOutcome close(EndCause cause) {
    ProgramSetting last;
    synchronized (this) {
      last = setting;
    }
    Map<String, Number> stats = stats(last);
    if (last != null) {
      last.space().close();
      last.files().close();
    }
    input.discard();
    output.end();
    ProgramOutcome outcome =
        new ProgramOutcome(cause.state(), cause.exitCode(), cause.reason(), stats);
    synchronized (this) {
      setting = null;
      if (state instanceof ProcessState.Ending beginning) {
        state = beginning.ended(outcome);
      }
    }
    return outcome;
  }

  private Map<String, Number> stats(@Nullable ProgramSetting last) {
    Map<String, Number> stats = new LinkedHashMap<>();
    stats.put("wall_ms", clocks.monotonicNs() / 1_000_000);
    stats.put("cpu_ms", cpu.totalNs() / 1_000_000);
    putPages(stats, last == null ? NO_PAGES : last.space().statistics());
    Set<String> homes = new TreeSet<>();
    int regions = 0;
    for (int i = 0; i < RegionTable.MAX_REGIONS; i++) {
      AccessGrant grant = memory.regions().at(i);
      if (grant != null) {
        regions++;
        homes.add(grant.home().component().toString());
      }
    }
    stats.put("regions", regions);
    stats.put("mcomponents", homes.size());
    synchronized (this) {
      stats.put("load_ms", loadMs);
      stats.put("threads", threadsStarted);
    }
    stats.put("host_calls", calls.total());
    List<String> interpreted = last == null ? List.of() : last.module().interpretedFunctions();
    stats.put("interpreted_functions", interpreted.size());
    return stats;
  }

  private static void putPages(Map<String, Number> stats, PageStatistics pages) {
    stats.put("pages_touched", pages.pagesTouched());
    stats.put("cache_pages", pages.cachePages());
    stats.put("hits", pages.hits());
    stats.put("misses", pages.misses());
    stats.put("zero_fills", pages.zeroFills());
    stats.put("prefetch_used", pages.prefetchUsed());
    stats.put("prefetch_wasted", pages.prefetchWasted());
    stats.put("write_backs", pages.writeBacks());
    stats.put("bytes_in", pages.bytesIn());
    stats.put("bytes_out", pages.bytesOut());
    stats.put("miss_us_p50", pages.missUsP50());
    stats.put("miss_us_p90", pages.missUsP90());
    stats.put("miss_us_p99", pages.missUsP99());
    stats.put("miss_us_max", pages.missUsMax());
    stats.put("stall_ms_max", pages.stallMsMax());
  }
}
