package org.splitrack.simulation;

import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.splitrack.simulation.internal.Plant;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/**
 * {@code rack simulate}: progress on stderr, the last line on stdout is {@code seeds N violations
 * V}. Ends at the first violation with exit code 1 and its {@code seed=S}.
 */
@Command(
    name = "rack simulate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Run the classes of the page protocol under thousands of seeded faults, on a virtual clock,",
      "network and disk. Ends with 1 at the first violation of an invariant, and its seed.",
      ""
    })
public final class RackSimulate implements Callable<Integer> {
  private static final long PROGRESS_NS = 5_000_000_000L;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      required = true,
      converter = AtLeastOne.class,
      description = "how many seeds in turn")
  private long seeds;

  @Option(
      names = "--first-seed",
      paramLabel = "S",
      description = "the first of them (default: ${DEFAULT-VALUE})")
  private long firstSeed = 1;

  @Option(
      names = "--plant",
      paramLabel = "BUG",
      converter = PlantName.class,
      completionCandidates = PlantName.class,
      description = "with a bug in the protocol, which is to be found: ${COMPLETION-CANDIDATES}")
  private Plant plant = Plant.NONE;

  @Option(names = "--trace", description = "say on stderr what happens")
  private boolean trace;

  private RackSimulate() {}

  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new RackSimulate())
            .setUsageHelpWidth(100)
            .setParameterExceptionHandler(
                (e, _) -> {
                  System.err.println(
                      "rack: " + e.getMessage() + "; ./rack simulate --help explains it");
                  return ExitCode.USAGE;
                })
            .execute(arguments));
  }

  /** Reads a count. */
  private static final class AtLeastOne implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      long count;
      try {
        count = Long.parseLong(text);
      } catch (NumberFormatException e) {
        throw new TypeConversionException("'" + text + "' is not a number");
      }
      if (count < 1) {
        throw new TypeConversionException(text + " is less than 1");
      }
      return count;
    }
  }

  /** The names of bugs as they are written here. */
  private static final class PlantName implements ITypeConverter<Plant>, Iterable<String> {
    @Override
    public Plant convert(String text) {
      return Arrays.stream(Plant.values())
          .filter(plant -> name(plant).equals(text))
          .findFirst()
          .orElseThrow(
              () -> new TypeConversionException("there is no bug '" + text + "' to plant"));
    }

    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(Plant.values()).map(PlantName::name).iterator();
    }

    private static String name(Plant plant) {
      return plant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @Override
  public Integer call() {
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
