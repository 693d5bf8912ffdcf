package org.splitrack.cli.internal.command;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.manager.ManagerClient;

/** A WebAssembly module that is to be run. */
final class ProgramFile {
  static final int MOST_BYTES = 64 << 20;

  private static final byte[] MAGIC = {0, 'a', 's', 'm', 1, 0, 0, 0};

  private final String name;
  private final byte[] module;

  private ProgramFile(String name, byte[] module) {
    this.name = name;
    this.module = module;
  }

  /** The file's name, without folders. */
  String name() {
    return name;
  }

  /** The module itself, not a copy. */
  byte[] module() {
    return module;
  }

  /**
   * Reads a local file, or one of the rack's.
   *
   * @param program a local path, or {@code rack:/PATH}
   * @throws RackFailure with exit code 126 when it cannot be run
   */
  static ProgramFile read(String program, ManagerClient manager, String tenant) {
    byte[] module =
        program.startsWith("rack:")
            ? ofRack(RackPath.of(program), manager, tenant)
            : ofDisk(Path.of(program));
    if (module.length > MOST_BYTES) {
      throw notRunnable(
          program + " has more than " + (MOST_BYTES >> 20) + " MiB, which no program may have");
    }
    if (module.length < MAGIC.length || !Arrays.equals(module, 0, 4, MAGIC, 0, 4)) {
      throw notRunnable(
          program
              + " is no WebAssembly: build the program for wasm32-wasip1 (clang --target=wasm32-wasi, or GOOS=wasip1)");
    }
    if (!Arrays.equals(module, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw notRunnable(
          program
              + " is a WebAssembly component or of another version: a module of version 1 is needed");
    }
    return new ProgramFile(program.substring(program.lastIndexOf('/') + 1), module);
  }

  private static byte[] ofDisk(Path file) {
    if (!Files.exists(file)) {
      throw notRunnable("there is no file " + file);
    }
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(MOST_BYTES + 1);
    } catch (IOException e) {
      throw notRunnable("cannot read " + file + ": " + RackFailure.reason(e));
    }
  }

  private static byte[] ofRack(String path, ManagerClient manager, String tenant) {
    ByteArrayOutputStream module = new ByteArrayOutputStream();
    try {
      manager.download(tenant, path, new Bounded(module));
      return module.toByteArray();
    } catch (RackFailure e) {
      throw notRunnable("rack:" + path + ": " + e.getMessage());
    } catch (IOException e) {
      throw notRunnable("cannot read rack:" + path + ": " + RackFailure.reason(e));
    }
  }

  private static RackFailure notRunnable(String message) {
    return RackFailure.of(ExitCode.NOT_RUNNABLE, message);
  }

  String digest() {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(module));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Takes no more than a program may have, so that a large file of the rack fills no memory. */
  private static final class Bounded extends OutputStream {
    private final ByteArrayOutputStream bytes;

    Bounded(ByteArrayOutputStream bytes) {
      this.bytes = bytes;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
      if (bytes.size() + length > MOST_BYTES) {
        throw new IOException("it has more than " + (MOST_BYTES >> 20) + " MiB");
      }
      bytes.write(source, offset, length);
    }
  }
}
