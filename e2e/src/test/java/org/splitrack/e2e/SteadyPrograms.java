package org.splitrack.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Keeps a rack busy: some programs at a time, each followed by the next, until closed. Each has to
 * print what it prints when it runs alone with all its memory resident.
 */
final class SteadyPrograms implements AutoCloseable {
  private static final int ITS_PCOMPONENT_DIED = 137;

  private final Rack rack;
  private final List<Sort> sorts;
  private final List<Thread> threads = new ArrayList<>();
  private final List<RunningProgram> running = new CopyOnWriteArrayList<>();
  private final Set<String> excused = ConcurrentHashMap.newKeySet();
  private final List<String> wrong = new CopyOnWriteArrayList<>();
  private final AtomicInteger right = new AtomicInteger();
  private final ReentrantReadWriteLock starts = new ReentrantReadWriteLock(true);
  private volatile boolean closing;

  private record Sort(List<String> words, String plain) {}

  /** Runs each once to know what it prints. */
  SteadyPrograms(Rack rack, List<List<String>> programs) {
    this.rack = rack;
    this.sorts = programs.stream().map(words -> new Sort(words, plain(rack, words))).toList();
  }

  /** Begins, with {@code width} at a time. */
  void begin(int width) {
    closing = false;
    for (int worker = 0; worker < width; worker++) {
      int first = worker;
      threads.add(Thread.ofPlatform().name("programs-" + worker).start(() -> keepRunning(first)));
    }
  }

  private static String plain(Rack rack, List<String> words) {
    List<String> line = new ArrayList<>(List.of("run"));
    line.addAll(words);
    Rack.Outcome outcome = rack.command(line.toArray(String[]::new));
    if (outcome.exitCode() != 0 || outcome.out().isBlank()) {
      throw new AssertionError(words + " alone: " + outcome);
    }
    return outcome.out();
  }

  private void keepRunning(int first) {
    for (int number = first; !closing; number++) {
      Sort sort = sorts.get(number % sorts.size());
      try {
        RunningProgram program = start(sort);
        running.add(program);
        Rack.Outcome end = program.end();
        running.remove(program);
        judge(sort, program, end);
      } catch (RuntimeException | AssertionError e) {
        wrong.add(sort.words() + ": " + e);
        return;
      }
    }
  }

  private RunningProgram start(Sort sort) {
    List<String> words = new ArrayList<>(List.of("--on-failure", "restart"));
    words.addAll(sort.words());
    starts.readLock().lock();
    try {
      return RunningProgram.start(rack, "safe", words.toArray(String[]::new));
    } finally {
      starts.readLock().unlock();
    }
  }

  private void judge(Sort sort, RunningProgram program, Rack.Outcome end) {
    if (end.exitCode() == 0 && end.out().equals(sort.plain())) {
      right.incrementAndGet();
    } else if (end.exitCode() != ITS_PCOMPONENT_DIED || !excused.contains(program.process())) {
      wrong.add("process " + program.process() + ", " + sort.words() + ": " + end);
    }
  }

  /** Those that run now. */
  List<RunningProgram> running() {
    return running.stream().filter(RunningProgram::runs).toList();
  }

  /** Nothing is started until {@link #goOnStarting}; what is being started is waited for. */
  void holdStarts() {
    starts.writeLock().lock();
  }

  void goOnStarting() {
    starts.writeLock().unlock();
  }

  /** These may end with their pComponent, if something has left them by then. */
  void excuse(String process) {
    excused.add(process);
  }

  /** How many have ended as they should. */
  int right() {
    return right.get();
  }

  /** What those that did not had to say. */
  List<String> wrong() {
    return wrong;
  }

  /** Lets those that run come to their ends; it can begin again then. */
  @Override
  public void close() {
    closing = true;
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
    threads.clear();
  }
}
