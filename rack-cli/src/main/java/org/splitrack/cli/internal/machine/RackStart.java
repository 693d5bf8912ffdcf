package org.splitrack.cli.internal.machine;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.Progress;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.RackId;
import org.splitrack.fabric.Role;

/**
 * {@code rack up}: whatever the state directory holds, a rack with these counts runs afterwards, or
 * nothing that this started does. Components that run already are left alone; those that died are
 * started again.
 */
public final class RackStart {
  /** Of everything that is built together. */
  public static final String VERSION = "0.1.0";

  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final StateDirectory state;
  private final Installation installation;
  private final Progress progress;

  public RackStart(StateDirectory state, Installation installation, Progress progress) {
    this.state = state;
    this.installation = installation;
    this.progress = progress;
  }

  /**
   * Returns when all components are ready.
   *
   * @param wanted what the command line says; what it leaves out is as it was, or the default
   * @param transport the same; null = left out
   * @throws RackFailure in one line; everything that this started has ended then
   */
  public RackFile up(WantedCounts wanted, @Nullable LinkSecurity transport) {
    state.prepare();
    try (var _ = state.lock(progress, PATIENCE)) {
      RackFile rack = upWhileHeld(wanted, transport);
      new AotCaches(installation, progress)
          .make(List.of(new CommandTraining(installation.launcherClassPath(), state.path())));
      return rack;
    }
  }

  /**
   * {@code rack start C}: starts one component of a running rack that has died, with the ports that
   * it had. Returns when it is ready.
   *
   * @throws RackFailure in one line; the component does not run then
   */
  void startOne(RackFile rack, ComponentId id) {
    List<RackFile.Component> others =
        rack.components().stream().filter(other -> !other.component().equals(id)).toList();
    try (FreePorts ports = FreePorts.take()) {
      new Startup(state, rack, others, progress).run(plan(rack, ports, id::equals));
    }
  }

  /**
   * {@code rack scale}: starts those that a running rack has not got yet. Returns when all of them
   * are ready.
   *
   * @param counts none of them lower than the rack's
   * @throws RackFailure in one line; the rack is as it was then
   */
  void startMore(RackFile rack, RackCounts counts) {
    try (FreePorts ports = FreePorts.take()) {
      List<ComponentLaunch> launches = plan(rack.with(counts), ports, id -> !rack.has(id));
      RackFile grown = new Startup(state, rack, rack.components(), progress).run(launches);
      state.write(grown.with(counts));
    }
  }

  private RackFile upWhileHeld(WantedCounts wanted, @Nullable LinkSecurity asked) {
    Optional<RackFile> before = state.read();
    RackCounts counts = wanted.over(before.map(RackFile::counts).orElse(RackCounts.DEFAULT));
    LinkSecurity transport =
        asked != null
            ? asked
            : before.filter(RackFile::usesTls).isPresent() ? LinkSecurity.MTLS : LinkSecurity.PLAIN;
    List<RackFile.Component> living = before.map(RackFile::living).orElse(List.of());
    if (before.isPresent() && !living.isEmpty()) {
      return goOn(before.get(), living, counts, transport);
    }
    try (FreePorts ports = FreePorts.take()) {
      return start(fresh(before, counts, transport, ports), List.of(), ports);
    }
  }

  private RackFile goOn(
      RackFile rack, List<RackFile.Component> living, RackCounts counts, LinkSecurity transport) {
    if (rack.usesTls() != (transport == LinkSecurity.MTLS)) {
      throw RackFailure.failed(
          "the rack in %s does not run with --transport %s: end it with ./rack down first"
              .formatted(state.path(), transport));
    }
    if (!counts.equals(rack.counts())) {
      throw RackFailure.failed(
          "a rack with %s and %d bytes of memory each runs in %s: change it with ./rack scale, or end it with ./rack down"
              .formatted(rack.counts().describe(), rack.counts().memoryLimit(), state.path()));
    }
    if (rack.complete() && rack.state().equals(RackFile.UP)) {
      progress.say("the rack is up: " + rack.counts().describe());
      return rack;
    }
    try (FreePorts ports = FreePorts.take()) {
      return start(rack, living, ports);
    }
  }

  private RackFile fresh(
      Optional<RackFile> before, RackCounts counts, LinkSecurity transport, FreePorts ports) {
    RackId id = before.map(RackFile::rackId).orElseGet(RackStart::newRackId);
    return new RackFile(
        id,
        VERSION,
        RackFile.STARTING,
        Instant.now().truncatedTo(ChronoUnit.MILLIS),
        StateDirectory.machineBoot(),
        List.of(),
        new RackFile.PostgresPorts(ports.next()),
        new RackFile.KafkaPorts(ports.next(), ports.next()),
        new RackFile.Manager(
            new Endpoint("127.0.0.1", ports.next()), new Endpoint("127.0.0.1", ports.next())),
        counts,
        transport);
  }

  private static RackId newRackId() {
    return new RackId(new SecureRandom().nextLong());
  }

  private RackFile start(RackFile rack, List<RackFile.Component> living, FreePorts ports) {
    Instant begin = Instant.now();
    Set<ComponentId> alive = new java.util.HashSet<>();
    living.forEach(component -> alive.add(component.component()));
    List<ComponentLaunch> launches = plan(rack, ports, id -> !alive.contains(id));
    Startup startup = new Startup(state, rack, living, progress);
    RackFile up = startup.run(launches);
    progress.say(
        "the rack is up after %.1f s: %s"
            .formatted(
                Duration.between(begin, Instant.now()).toMillis() / 1000.0,
                up.counts().describe()));
    return up;
  }

  /** As before its end, like a pod's address; others know it. */
  private static int fabricPort(RackFile rack, ComponentId id, FreePorts ports) {
    return rack.find(id).map(RackFile.Component::fabricPort).orElseGet(ports::next);
  }

  private static int httpPort(RackFile rack, ComponentId id, FreePorts ports) {
    return rack.find(id).map(RackFile.Component::httpPort).orElseGet(ports::next);
  }

  /** Only what is wanted is prepared: the folders of what runs are its own. */
  private List<ComponentLaunch> plan(
      RackFile rack, FreePorts ports, Predicate<ComponentId> wanted) {
    ServiceLauncher services = new ServiceLauncher(state, rack);
    List<ServiceLauncher.Kind> kinds =
        RackCounts.SERVICES.stream().map(role -> services.kind(role, installation)).toList();
    Installation.ClassPath kafka =
        installation.classPath("rack-cli").librariesAs("kafka", installation.home());
    AotCaches.Training kafkaTraining = KafkaBroker.training(kafka);
    AotCaches caches = new AotCaches(installation, progress);
    List<AotCaches.Training> trainings = new ArrayList<>(List.of(kafkaTraining));
    kinds.forEach(kind -> trainings.add(kind.training()));
    caches.make(trainings);

    List<ComponentLaunch> launches = new ArrayList<>();
    if (wanted.test(PostgresServer.ID)) {
      launches.add(
          new PostgresServer(state, PostgresServer.install(), rack.postgres().port())
              .prepare(progress));
    }
    if (wanted.test(KafkaBroker.ID)) {
      launches.add(
          new KafkaBroker(
                  kafka,
                  state.data(KafkaBroker.ID.toString()),
                  state.log(KafkaBroker.ID.toString()),
                  rack.kafka())
              .prepare(caches.option(kafkaTraining)));
    }
    for (ServiceLauncher.Kind kind : kinds) {
      List<String> aotOption = caches.option(kind.training());
      for (ComponentId id : rack.counts().of(kind.role()).stream().filter(wanted).toList()) {
        boolean manager = id.role() == Role.GLOBAL_MANAGER;
        launches.add(
            services.launch(
                id,
                kind,
                aotOption,
                manager ? rack.manager().fabric().port() : fabricPort(rack, id, ports),
                manager && !rack.usesTls()
                    ? rack.manager().http().port()
                    : httpPort(rack, id, ports)));
      }
    }
    return launches;
  }
}
