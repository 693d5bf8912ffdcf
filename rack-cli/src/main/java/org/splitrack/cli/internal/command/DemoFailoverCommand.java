package org.splitrack.cli.internal.command;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.demo.FailoverStep;
import org.splitrack.cli.internal.output.ListingWriter;
import org.splitrack.cli.internal.output.OutputFormat;
import org.splitrack.fabric.ComponentId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "failover",
    description = {
      "What happens when an mComponent dies under a running program, step by step, each with its time",
      "and the SQL row that proves it; then the same with one copy of memory, and what is lost."
    })
final class DemoFailoverCommand implements Callable<Integer> {
  private final Context outer;

  @Option(names = "--auto", description = "do not wait for Enter between the steps")
  private boolean auto;

  @Option(names = "--keep", description = "leave the rack up")
  private boolean keep;

  DemoFailoverCommand(Context outer) {
    this.outer = outer;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    DemoRack rack = DemoRack.prepare(outer);
    rack.up();
    Context context = rack.context;

    heading(context, "A program whose memory is in two mComponents (--ack safe)");
    say(context, "It writes a pattern all over 64 MiB, moves it about, and verifies every byte;");
    say(context, "a quarter of it fits into its cache. The home of most of it is killed.");
    FailoverScene safe = new FailoverScene(context, "safe");
    safe.play();
    show(context, safe);
    boolean survived = safe.endedRight();
    say(
        context,
        survived
            ? "The program went on and its memory was right: every byte that was acknowledged had a second copy."
            : "The program did NOT end right: " + safe.ending());

    ComponentId victim = safe.victim();
    context.progress.say("starting " + victim + " again");
    context.faults().start(victim);

    heading(context, "The same with one copy (--ack none)");
    FailoverScene single = new FailoverScene(context, "none");
    single.play();
    show(context, single);
    boolean lost = !single.endedRight();
    say(
        context,
        lost
            ? "What lay on %s alone is lost: %s.".formatted(single.victim(), single.ending())
            : "Nothing that the program needed was lost this time.");
    context.out.flush();
    if (keep) {
      rack.keep();
    }
    return survived && lost && safe.isProven() && single.isProven()
        ? ExitCode.DONE
        : ExitCode.FAILED;
  }

  private void show(Context context, FailoverScene scene) throws IOException {
    Instant kill = scene.killedAt();
    int number = 1;
    for (FailoverStep step : scene.steps()) {
      awaitEnter(context);
      context.out.println();
      context.out.printf("%9s  %d. %s%n", time(kill, step), number++, step.title());
      context.out.println("           rack sql \"" + step.sql() + "\"");
      if (step.isProven()) {
        new ListingWriter(OutputFormat.TABLE, context.out).write(step.proof());
      } else {
        context.out.println("           (the tables do not show it)");
      }
    }
    context.out.println();
  }

  private static String time(Instant kill, FailoverStep step) {
    if (step.at() == null) {
      return "";
    }
    return String.format(Locale.ROOT, "%+.3f s", Duration.between(kill, step.at()).toNanos() / 1e9);
  }

  /** Without a person at the other end it just goes on. */
  private void awaitEnter(Context context) throws IOException {
    if (auto || Optional.ofNullable(System.console()).filter(Console::isTerminal).isEmpty()) {
      return;
    }
    context.progress.say("Enter for the next step");
    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
  }

  private static void heading(Context context, String text) {
    context.out.println();
    context.out.println(text);
    context.out.println("=".repeat(text.length()));
  }

  private static void say(Context context, String text) {
    context.out.println(text);
  }
}
