package org.splitrack.cli.internal.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.manager.ManagerClient;
import org.splitrack.fabric.Endpoint;

class ProgramFileTest {
  private static final byte[] EMPTY_MODULE = {0, 'a', 's', 'm', 1, 0, 0, 0};

  @TempDir Path folder;

  private final ManagerClient nobody =
      new ManagerClient(
          () -> new Endpoint("127.0.0.1", 1), null, "token", Duration.ZERO, "look at its log");

  private String file(byte... bytes) throws IOException {
    return Files.write(folder.resolve("program.wasm"), bytes).toString();
  }

  private ProgramFile read(String program) {
    return ProgramFile.read(program, nobody, "default");
  }

  private void assertNotRunnable(String program, String reason) {
    assertThatExceptionOfType(RackFailure.class)
        .isThrownBy(() -> read(program))
        .satisfies(e -> assertThat(e.exitCode()).isEqualTo(ExitCode.NOT_RUNNABLE))
        .withMessageContaining(reason);
  }

  @Test
  void shouldReadAModule() throws IOException {
    ProgramFile program = read(file(EMPTY_MODULE));
    assertThat(program.name()).isEqualTo("program.wasm");
    assertThat(program.digest())
        .isEqualTo("93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476");
  }

  @Test
  void shouldSayThatAFileIsMissing() {
    assertNotRunnable(folder.resolve("missing").toString(), "there is no file");
  }

  @Test
  void shouldSayThatAFileIsNoWebAssembly() throws IOException {
    assertNotRunnable(file((byte) 0x7f, (byte) 'E', (byte) 'L', (byte) 'F'), "no WebAssembly");
    assertNotRunnable(file(), "no WebAssembly");
  }

  @Test
  void shouldSayThatAComponentIsNoModule() throws IOException {
    assertNotRunnable(
        file((byte) 0, (byte) 'a', (byte) 's', (byte) 'm', (byte) 13, (byte) 0, (byte) 1, (byte) 0),
        "component");
  }

  @Test
  void shouldSayThatAFolderCannotBeRead() {
    assertNotRunnable(folder.toString(), "cannot read");
  }
}
