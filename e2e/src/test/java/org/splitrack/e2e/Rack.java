package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.RackId;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.SharedSecret;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One rack in a state directory of its own, used only through the launcher script, as a person
 * does.
 */
final class Rack implements AutoCloseable {
  /** The mComponents of a rack that nobody has asked for more or fewer. */
  static final List<String> MEMORIES = List.of("mcomponent-0", "mcomponent-1", "mcomponent-2");

  /** No command of these tests takes longer; one that does hangs, which is what is being tested. */
  private static final long COMMAND_LIMIT_S = 600;

  private static final JsonMapper JSON = JsonMapper.shared();

  private final Path state;

  /** What every command of this rack begins with. */
  private final List<String> prefix;

  private final Set<String> succeeded = ConcurrentHashMap.newKeySet();
  private String tables = "";
  private @Nullable Process forward;

  private Rack(Path state, List<String> prefix) {
    this.state = state;
    this.prefix = prefix;
  }

  /** A rack that is up; {@code options} as for {@code rack up}. */
  static Rack up(String... options) {
    Rack rack = down();
    List<String> words = new ArrayList<>(List.of("up"));
    words.addAll(List.of(options));
    Outcome up = rack.command(words.toArray(String[]::new));
    if (up.exitCode() != 0) {
      throw new IllegalStateException("rack up: " + up);
    }
    return rack;
  }

  /** A state directory without a running rack. */
  static Rack down() {
    try {
      return new Rack(Files.createTempDirectory("splitrack-e2e-"), List.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The rack of a Helm release in the current kube context; it is neither started nor ended here.
   */
  static Rack onCluster(String namespace, String release) {
    try {
      return new Rack(
          Files.createTempDirectory("splitrack-e2e-"),
          List.of("--kube", namespace + "/" + release));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path state() {
    return state;
  }

  /** Runs {@code rack WORDS…} to its end. */
  Outcome command(String... words) {
    return commandWithInput(new byte[0], words);
  }

  /** Runs it with something on standard input. */
  Outcome commandWithInput(byte[] input, String... words) {
    return commandIn(Map.of(), input, words);
  }

  /** Runs it with these variables besides. */
  Outcome commandIn(Map<String, String> environment, String... words) {
    return commandIn(environment, new byte[0], words);
  }

  private Outcome commandIn(Map<String, String> environment, byte[] input, String... words) {
    if (words[0].equals("up")) {
      // It may listen on another port from now on.
      forgetTables();
    }
    try {
      Path out = Files.createTempFile("splitrack-e2e-", ".out");
      Path err = Files.createTempFile("splitrack-e2e-", ".err");
      Path in = Files.createTempFile("splitrack-e2e-", ".in");
      Files.write(in, input);
      ProcessBuilder builder = builder(words);
      builder.environment().putAll(environment);
      Process process =
          builder
              .redirectInput(in.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      if (!process.waitFor(COMMAND_LIMIT_S, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("hangs: rack " + Arrays.toString(words));
      }
      Outcome outcome =
          new Outcome(
              process.exitValue(),
              Files.readString(out, StandardCharsets.ISO_8859_1),
              Files.readString(err));
      Files.delete(out);
      Files.delete(err);
      Files.delete(in);
      if (outcome.exitCode() == 0) {
        succeeded.add(words[0]);
      }
      return outcome;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Runs it to its end, which is to be a good one. */
  void succeed(String... words) {
    Outcome outcome = command(words);
    assertThat(outcome.exitCode()).as(String.join(" ", words) + ": " + outcome.err()).isZero();
  }

  /** Waits until the tables show that a component is up. */
  void awaitUp(String component) {
    awaitRow(
        "SELECT 1 FROM api.components WHERE state = 'up' AND component = '%s'"
            .formatted(component));
  }

  /** Waits until a query has a row: the tables follow what happens. */
  void awaitRow(String query) {
    await().alias(query).atMost(Duration.ofSeconds(30)).until(() -> !rows(query).isEmpty());
  }

  /** Starts it and leaves it running. */
  Process start(String... words) {
    succeeded.add(words[0]);
    try {
      return builder(words).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs a query as reader; the rows as JSON objects. */
  JsonNode sql(String query) {
    return list("sql", query);
  }

  /** What a command that lists has to list; the rows as JSON objects. */
  JsonNode list(String... words) {
    List<String> line = new ArrayList<>(List.of(words));
    line.addAll(1, List.of("-o", "json"));
    Outcome outcome = command(line.toArray(String[]::new));
    if (outcome.exitCode() != 0) {
      throw new AssertionError(line + ": " + outcome);
    }
    return JSON.readTree(outcome.out());
  }

  /**
   * The rows that {@link #sql} would give, without a command each time, for what is asked again and
   * again.
   */
  synchronized JsonNode rows(String query) {
    String wrapped = "SELECT coalesce(json_agg(asked), '[]') FROM (" + query + ") asked";
    try (Connection connection = DriverManager.getConnection(tables());
        Statement statement = connection.createStatement();
        ResultSet answer = statement.executeQuery(wrapped)) {
      answer.next();
      return JSON.readTree(answer.getString(1));
    } catch (SQLException e) {
      forgetTables();
      throw new AssertionError(query, e);
    }
  }

  /** All that hold a copy of anything of a process. */
  Set<String> holdersOf(String process) {
    return rows("""
            SELECT DISTINCT unnest(secondaries || home) AS holder FROM api.regions
             WHERE process = %s
            """
            .formatted(process))
        .valueStream()
        .map(row -> row.path("holder").asString())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Where the tables are; on a cluster for as long as the port there is forwarded. */
  private String tables() {
    if (tables.isEmpty() && prefix.isEmpty()) {
      Outcome url = command("url");
      assertThat(url.exitCode()).as(url.err()).isZero();
      tables = url.out().strip();
    } else if (tables.isEmpty()) {
      Process forwarding = start("url");
      forward = forwarding;
      try {
        String url = forwarding.inputReader(StandardCharsets.UTF_8).readLine();
        assertThat(url).as("rack url").startsWith("jdbc:");
        tables = url;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return tables;
  }

  private void forgetTables() {
    Process forwarding = forward;
    if (forwarding != null) {
      forwarding.destroy();
      forward = null;
    }
    tables = "";
  }

  /** Runs a program with {@code --stats} and gives its figures. */
  JsonNode stats(String... runWords) {
    Path file = state.resolve("stats.json");
    List<String> words = new ArrayList<>(List.of("run", "--stats", file.toString()));
    words.addAll(List.of(runWords));
    Outcome outcome = command(words.toArray(String[]::new));
    if (outcome.exitCode() != 0) {
      throw new AssertionError(Arrays.toString(runWords) + ": " + outcome);
    }
    try {
      return JSON.readTree(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What {@code rack up} wrote down about itself. */
  JsonNode description() {
    try {
      return JSON.readTree(Files.readString(state.resolve("rack.json")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The process of a component. */
  ProcessHandle processOf(String component) {
    return ProcessHandle.of(descriptionOf(component).path("pid").asLong()).orElseThrow();
  }

  /** What the present start of a component writes its log to. */
  Path logOf(String component) {
    return state.resolve(descriptionOf(component).path("log").asString());
  }

  /** What a component says of itself on its health page. */
  JsonNode health(String component) {
    int port = descriptionOf(component).path("http_port").asInt();
    URI page = URI.create("http://127.0.0.1:" + port + "/actuator/health");
    try (HttpClient http = HttpClient.newHttpClient()) {
      String body = http.send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString()).body();
      return JSON.readTree(body).path("components").path("rack").path("details");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Where a component takes calls and pages. */
  Endpoint fabricOf(String component) {
    return new Endpoint("127.0.0.1", descriptionOf(component).path("fabric_port").asInt());
  }

  /** Somebody who knows the rack's secret. */
  Identity newIdentity(ComponentId component) {
    try {
      return new Identity(
          RackId.parse(description().path("rack_id").asString()),
          component,
          BootId.random(),
          SharedSecret.read(state.resolve("secrets/rack-secret")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JsonNode descriptionOf(String component) {
    for (JsonNode row : description().path("components")) {
      if (row.path("component").asString().equals(component)) {
        return row;
      }
    }
    throw new IllegalArgumentException("no " + component + " in rack.json");
  }

  /** SIGKILL, for what does not last as long as a command takes. */
  void killAtOnce(String component) {
    ProcessHandle process = processOf(component);
    assertThat(process.destroyForcibly()).as(component).isTrue();
    await().atMost(Duration.ofSeconds(30)).until(() -> !runs(process));
  }

  /** SIGSTOP, likewise; {@code rack resume} wakes it. */
  void pauseAtOnce(String component) {
    ProcessHandle process = processOf(component);
    signal("-STOP", Stream.of(process));
    // It starts no more children now.
    signal("-STOP", Stream.concat(Stream.of(process), process.descendants()));
  }

  /** SIGCONT to what {@link #pauseAtOnce} has stopped. */
  void resumeAtOnce(String component) {
    ProcessHandle process = processOf(component);
    signal("-CONT", Stream.concat(Stream.of(process), process.descendants()));
  }

  private static void signal(String signal, Stream<ProcessHandle> processes) {
    List<String> line = new ArrayList<>(List.of("kill", signal));
    processes.forEach(process -> line.add(Long.toString(process.pid())));
    try {
      assertThat(new ProcessBuilder(line).start().waitFor()).as(line.toString()).isZero();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** A process that has ended is still listed until its parent takes note; it does nothing. */
  static boolean runs(ProcessHandle process) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
    } catch (IOException gone) {
      return false;
    }
  }

  @Override
  public void close() {
    forgetTables();
    if (prefix.isEmpty()) {
      command("down", "--purge");
    }
  }

  /** A file of the checkout. */
  static String file(String relative) {
    return checkout().resolve(relative).toString();
  }

  /** An example program's module. */
  static String example(String name) {
    return file("examples/" + name + ".wasm");
  }

  /** What the example prints with its default parameters. */
  static String expected(String name) {
    try {
      return Files.readString(checkout().resolve("examples/expected/" + name + ".txt"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The commands that were run to a good end, or started. */
  Set<String> succeeded() {
    return succeeded;
  }

  private ProcessBuilder builder(String... words) {
    List<String> line = new ArrayList<>(List.of(file("rack")));
    line.addAll(prefix);
    line.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().put("SPLITRACK_STATE", state.toString());
    return builder;
  }

  static Path checkout() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.isExecutable(folder.resolve("rack"))) {
      folder = folder.getParent();
      if (folder == null) {
        throw new IllegalStateException("run the tests inside the checkout");
      }
    }
    return folder;
  }

  /** How a command ended. */
  record Outcome(int exitCode, String out, String err) {
    /** Leaves out that the mirror was slow, which a command says and which is no failure. */
    Outcome {
      err = err.replaceAll("(?m)^rack: the tables (are|may be) behind.*\\R?", "");
    }

    /** Messages are one line; progress may stand before it. */
    String lastErrorLine() {
      return err.strip().lines().reduce("", (earlier, line) -> line);
    }
  }
}
