package org.splitrack.cli.internal.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RackCliTest {
  @TempDir Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream error = new ByteArrayOutputStream();

  private int rack(String line) {
    List<String> arguments =
        new ArrayList<>(List.of("--state", folder.resolve("state").toString()));
    arguments.addAll(List.of(line.strip().split(" +", -1)));
    return RackCli.run(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(error, true, StandardCharsets.UTF_8),
        arguments.toArray(String[]::new));
  }

  private List<String> errorLines() {
    return error.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nosuch | there is no command 'nosuch'",
        "ps --nosuch | Unknown option",
        "--kube team/rack up | leave out --kube",
        "--kube team/rack down | leave out --kube",
        "--kube team/rack demo | leave out --kube",
        "--kube team/rack demo failover --auto | leave out --kube",
        "ps -o xml | table, json, csv",
        "sql | QUERY",
        "sql --as operator SELECT | has the role reader only",
        "sql --limit 0 SELECT | is not between",
        "run | PROGRAM",
        "run --ack logged a.wasm | no memory logs",
        "run --ack nosuch a.wasm | has none, lego, safe",
        "run --ack none --strict a.wasm | insists on two copies",
        "run --on-failure resume a.wasm | no journal",
        "run --on-failure pray a.wasm | has fail, restart",
        "run --prefetch psychic a.wasm | leap, next, off",
        "run --evict lru a.wasm | clock, fifo, random",
        "run --safety paranoid a.wasm | has default",
        "run --cache 0 a.wasm | neither a percentage",
        "run --cache 101% a.wasm | neither a percentage",
        "run --cache half a.wasm | neither a percentage",
        "run --env novalue a.wasm | is not K=V",
        "run --dir relative a.wasm | begins with a slash",
        "run --timeout soon a.wasm | is no duration",
        "run --timeout 0 a.wasm | not positive",
        "run --detach --timeout 3s a.wasm | does not go with",
        "run --tenant Me! a.wasm | small letters",
        "set 7 memory=1 | only cache can",
        "set 7 cache | is not KEY=VALUE",
        "wait seven | is not a long",
        "put a relative | begins with a slash",
        "kill | C",
        "kill everything | is no component such as",
        "kill mcomponent-1 --restart-after soon | is no duration",
        "cut | A",
        "cut mcomponent | is no component such as",
        "migrate seven mcomponent-1 | is not a long",
        "migrate 7 | C",
        "drain | C",
        "drain everything | is no component such as",
        "map -o pdf | drawn as text or svg",
        "up --processors 0 | is not between 1 and",
        "up --processors 33 | is not between 1 and",
        "up --managers 2 | runs one global manager",
        "up --memory-limit 3 | is not between",
        "up --memory-limit lots | is no number of bytes",
      })
  void shouldRefuseWrongUsageInOneLineWithExitCodeTwo(String line, String reason) {
    assertThat(rack(line)).isEqualTo(2);
    assertThat(errorLines()).singleElement().asString().startsWith("rack: ").contains(reason);
    assertThat(out.size()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ps",
        "ps -a -o json",
        "components",
        "regions 7",
        "events",
        "migrations",
        "map",
        "map -o svg",
        "kill mcomponent-1",
        "start mcomponent-1",
        "restart postgres-0",
        "pause kafka-0",
        "resume mcomponent-0",
        "cut mcomponent-0 mcomponent-1",
        "heal mcomponent-0",
        "protected --wait",
        "migrate 7 mcomponent-1",
        "sync",
        "url",
        "ls /",
        "rm /a",
        "wait 7",
        "logs 7",
        "stop 7",
        "set 7 cache=25%",
        "get /a",
        "run nosuch.wasm",
        "sql SELECT"
      })
  void shouldNameRackUpWithExitCodeFourWhenNoRackRuns(String line) {
    assertThat(rack(line)).isEqualTo(4);
    assertThat(errorLines()).singleElement().asString().contains("./rack up");
    assertThat(out.size()).isZero();
  }

  @Test
  void shouldExplainEachCommandOnStandardOutput() {
    assertThat(rack("run --help")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("--cache", "--detach", "PROGRAM");
    assertThat(error.size()).isZero();
  }

  @Test
  void shouldExplainTheFailoverDemo() {
    assertThat(rack("demo failover --help")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("--auto", "--state");
  }

  @Test
  void shouldEndARackThatIsNotThereWithoutComplaint() {
    assertThat(rack("down")).isZero();
    assertThat(folder.resolve("state")).doesNotExist();
  }
}
