package org.splitrack.cli.internal.command;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.access.RackSize;
import org.splitrack.cli.internal.manager.ManagerClient;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

@Command(
    name = "scale",
    description = {
      "Change how many components of a role there are while programs run; returns when it is done.",
      "New ones are used at once. Those that go, the ones with the highest numbers, are emptied",
      "first: regions go elsewhere, programs run to their ends. What would not fit is refused."
    })
final class ScaleCommand implements Callable<Integer> {
  private static final Duration HEARD_PATIENCE = Duration.ofSeconds(30);
  private static final long POLL_MS = 100;

  private final Context context;

  @Parameters(
      paramLabel = "ROLE",
      converter = RoleName.class,
      description = "processor, memory or storage")
  private @Nullable Role role;

  @Parameters(paramLabel = "N", description = "how many there are to be")
  private int count;

  ScaleCommand(Context context) {
    this.context = context;
  }

  /** Reads {@code memory}. */
  static final class RoleName implements ITypeConverter<Role> {
    @Override
    public Role convert(String text) {
      return switch (text) {
        case "processor" -> Role.PCOMPONENT;
        case "memory" -> Role.MCOMPONENT;
        case "storage" -> Role.SCOMPONENT;
        default ->
            throw new TypeConversionException(
                "'" + text + "' is none of processor, memory and storage");
      };
    }
  }

  @Override
  public Integer call() throws InterruptedException {
    Role scaled = Objects.requireNonNull(role);
    ManagerClient manager = context.manager();
    RackSize size = context.access().size();
    int before = size.of(scaled);
    if (count < 1) {
      throw RackFailure.usage("a rack has at least one of each role");
    }
    if (count > before) {
      size.grow(scaled, count);
      awaitHeard(manager, scaled, before);
    } else if (count < before) {
      shrink(manager, size, scaled);
    }
    context.progress.say(
        before == count
            ? "there are %d %s already".formatted(count, plural(scaled))
            : "%d %s, %d before".formatted(count, plural(scaled), before));
    context.sync(manager);
    return ExitCode.DONE;
  }

  private static String plural(Role role) {
    return role.prefix().replaceFirst("c", "C") + "s";
  }

  private void shrink(ManagerClient manager, RackSize size, Role scaled)
      throws InterruptedException {
    if (scaled == Role.SCOMPONENT) {
      throw RackFailure.failed(
          "sComponents cannot leave in this version: files have one copy, which would be lost");
    }
    List<ComponentId> leaving =
        size.running(scaled).stream().filter(id -> id.ordinal() >= count).toList();
    if (!leaving.isEmpty()) {
      manager.drainAll(leaving);
    }
    try {
      for (ComponentId component : leaving) {
        Emptied.await(context, manager, component);
      }
    } catch (RackFailure e) {
      leaving.forEach(component -> takeBack(manager, component));
      throw e;
    }
    size.shrink(scaled, count);
  }

  private void takeBack(ManagerClient manager, ComponentId component) {
    try {
      manager.undrain(component);
    } catch (RackFailure e) {
      context.progress.say(component + " may still be emptied: " + RackFailure.reason(e));
    }
  }

  /** Something may be placed on a new one as soon as the manager has heard of it. */
  private void awaitHeard(ManagerClient manager, Role scaled, int before)
      throws InterruptedException {
    Set<String> fresh =
        IntStream.range(before, count)
            .mapToObj(number -> new ComponentId(scaled, number).toString())
            .collect(Collectors.toCollection(TreeSet::new));
    long startNs = System.nanoTime();
    while (true) {
      manager
          .components()
          .valueStream()
          .filter(component -> component.path("state").asString().equals("up"))
          .forEach(component -> fresh.remove(component.path("component").asString()));
      if (fresh.isEmpty()) {
        return;
      }
      if (System.nanoTime() - startNs > HEARD_PATIENCE.toNanos()) {
        throw RackFailure.failed(
            "the manager has not heard of %s after %d s: ./rack components shows how it is"
                .formatted(String.join(" and ", fresh), HEARD_PATIENCE.toSeconds()));
      }
      Thread.sleep(POLL_MS);
    }
  }
}
