package org.splitrack.simulation;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.splitrack.simulation.internal.Plant;

/**
 * {@code rack simulate --seeds N [--first-seed S] [--plant BUG] [--trace]}: progress on stderr, the
 * last line on stdout is {@code seeds N violations V}. Ends at the first violation with exit code 1
 * and its {@code seed=S}.
 */
public final class RackSimulate {
  private static final int WRONG_USAGE = 2;
  private static final long PROGRESS_NS = 5_000_000_000L;

  private final long seeds;
  private final long firstSeed;
  private final Plant plant;
  private final boolean trace;

  private RackSimulate(long seeds, long firstSeed, Plant plant, boolean trace) {
    this.seeds = seeds;
    this.firstSeed = firstSeed;
    this.plant = plant;
    this.trace = trace;
  }

  public static void main(String[] arguments) {
    RackSimulate command;
    try {
      command = parse(List.of(arguments));
    } catch (IllegalArgumentException e) {
      System.err.println("rack: " + e.getMessage());
      System.exit(WRONG_USAGE);
      return;
    }
    System.exit(command.run());
  }

  private static RackSimulate parse(List<String> arguments) {
    long seeds = 0;
    long firstSeed = 1;
    Plant plant = Plant.NONE;
    boolean trace = false;
    for (int i = 0; i < arguments.size(); i++) {
      switch (arguments.get(i)) {
        case "--seeds" -> seeds = number(arguments, ++i);
        case "--first-seed" -> firstSeed = number(arguments, ++i);
        case "--plant" -> plant = plant(argument(arguments, ++i));
        case "--trace" -> trace = true;
        default ->
            throw new IllegalArgumentException(
                "simulate does not know " + arguments.get(i) + "; it takes " + usage());
      }
    }
    if (seeds < 1) {
      throw new IllegalArgumentException("simulate takes " + usage());
    }
    return new RackSimulate(seeds, firstSeed, plant, trace);
  }

  private static String usage() {
    return "--seeds N [--first-seed S] [--plant BUG] [--trace]";
  }

  private static long number(List<String> arguments, int at) {
    String text = argument(arguments, at);
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is not a number", e);
    }
  }

  private static String argument(List<String> arguments, int at) {
    if (at >= arguments.size()) {
      throw new IllegalArgumentException(arguments.get(at - 1) + " wants a value");
    }
    return arguments.get(at);
  }

  private static Plant plant(String name) {
    String wanted = name.toUpperCase(Locale.ROOT).replace('-', '_');
    for (Plant plant : Plant.values()) {
      if (plant.name().equals(wanted)) {
        return plant;
      }
    }
    StringBuilder known = new StringBuilder();
    for (Plant plant : Plant.values()) {
      known.append(known.isEmpty() ? "" : ", ");
      known.append(plant.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }
    throw new IllegalArgumentException(
        "there is no bug '" + name + "' to plant; there are " + known);
  }

  private int run() {
    Simulation simulation = new Simulation(plant);
    long startNs = System.nanoTime();
    long toldNs = startNs;
    long operations = 0;
    long events = 0;
    int kills = 0;
    int migrations = 0;
    Optional<Simulation.Outcome> broken = Optional.empty();
    long done = 0;
    while (done < seeds && broken.isEmpty()) {
      Simulation.Outcome outcome =
          trace
              ? simulation.run(firstSeed + done, System.err::println)
              : simulation.run(firstSeed + done);
      done++;
      operations += outcome.operations();
      events += outcome.events();
      kills += outcome.kills();
      migrations += outcome.migrations();
      if (outcome.violation().isPresent()) {
        broken = Optional.of(outcome);
      }
      if (System.nanoTime() - toldNs > PROGRESS_NS) {
        toldNs = System.nanoTime();
        System.err.println("rack: " + done + " of " + seeds + " seeds");
      }
    }
    if (broken.isEmpty()) {
      simulation.uncovered().forEach(line -> System.err.println("rack: not covered: " + line));
    }
    System.err.printf(
        "rack: %d events, %d reads and writes, %d kills, %d migrations in %.1f s%n",
        events, operations, kills, migrations, (System.nanoTime() - startNs) / 1e9);
    broken.ifPresent(
        outcome ->
            System.out.println("seed=" + outcome.seed() + " " + outcome.violation().orElse("")));
    System.out.println("seeds " + done + " violations " + (broken.isPresent() ? 1 : 0));
    return broken.isPresent() ? 1 : 0;
  }
}
