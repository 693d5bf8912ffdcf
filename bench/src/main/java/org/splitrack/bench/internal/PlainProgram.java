package org.splitrack.bench.internal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.zip.CRC32C;
import run.endive.compiler.MachineFactoryCompiler;
import run.endive.runtime.ByteArrayMemory;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.runtime.Machine;
import run.endive.wasi.WasiExitException;
import run.endive.wasi.WasiOptions;
import run.endive.wasi.WasiPreview1;
import run.endive.wasm.Parser;
import run.endive.wasm.WasmModule;

/**
 * The baseline of everything that a program does on a rack: the same module on the same runtime
 * with its own heap-array memory and its own WASI, no rack code. Runs the program once for each
 * line of standard input and answers with {@code wall_ms cpu_ms exit_code crc32c-of-output}, so
 * that a caller can interleave it with its subject and have it warm.
 *
 * <p>Arguments: the module's path, then the program's arguments.
 */
public final class PlainProgram {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private PlainProgram() {}

  /** Serves until the end of standard input. */
  public static void main(String[] args) throws IOException {
    WasmModule module = Parser.parse(Path.of(args[0]));
    Function<Instance, Machine> compiled = MachineFactoryCompiler.compile(module);
    List<String> arguments = List.of(args);
    BufferedReader requests =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    while (requests.readLine() != null) {
      System.out.println(runOnce(module, compiled, arguments));
      System.out.flush();
    }
  }

  private static String runOnce(
      WasmModule module, Function<Instance, Machine> compiled, List<String> arguments) {
    Checksum output = new Checksum();
    long wallStartNs = System.nanoTime();
    long cpuStartNs = THREADS.getCurrentThreadCpuTime();
    int exitCode = 0;
    try (WasiPreview1 wasi =
        WasiPreview1.builder()
            .withOptions(WasiOptions.builder().withArguments(arguments).withStdout(output).build())
            .build()) {
      Instance.builder(module)
          .withMemoryFactory(ByteArrayMemory::new)
          .withMachineFactory(compiled)
          .withImportValues(ImportValues.builder().addFunction(wasi.toHostFunctions()).build())
          .build();
    } catch (WasiExitException exit) {
      exitCode = exit.exitCode();
    }
    double wallMs = (System.nanoTime() - wallStartNs) / 1e6;
    double cpuMs = (THREADS.getCurrentThreadCpuTime() - cpuStartNs) / 1e6;
    return wallMs + " " + cpuMs + " " + exitCode + " " + output.value();
  }

  /** Output is checked, not kept. */
  private static final class Checksum extends OutputStream {
    private final CRC32C crc = new CRC32C();

    @Override
    public void write(int octet) {
      crc.update(octet);
    }

    @Override
    public void write(byte[] octets, int offset, int length) {
      crc.update(octets, offset, length);
    }

    long value() {
      return crc.getValue();
    }
  }
}
