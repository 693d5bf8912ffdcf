package org.splitrack.pcomponent.internal.program;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;

/** Small modules, byte by byte; see the binary format of the WebAssembly specification. */
final class WasmBytes {
  private static final byte[] HEADER = {0, 'a', 's', 'm', 1, 0, 0, 0};
  private static final byte[] TYPE_OF_NOTHING = {1, 0x60, 0, 0};
  private static final byte[] TYPE_OF_A_NUMBER = {1, 0x60, 1, 0x7f, 0};
  private static final byte[] ONE_FUNCTION = {1, 0};
  private static final byte[] ONE_PAGE_OF_MEMORY = {1, 0, 1};
  private static final byte[] EMPTY_BODY = {1, 2, 0, 0x0b};

  private WasmBytes() {}

  /** A command that imports one function without parameters and results. */
  static byte[] importing(String module, String name) {
    ByteArrayOutputStream imports = new ByteArrayOutputStream();
    imports.write(1);
    name(imports, module);
    name(imports, name);
    imports.write(0);
    imports.write(0);
    ByteArrayOutputStream exports = new ByteArrayOutputStream();
    exports.write(1);
    name(exports, "_start");
    exports.write(0);
    exports.write(1);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(HEADER);
    section(out, 1, TYPE_OF_NOTHING);
    section(out, 2, imports.toByteArray());
    section(out, 3, ONE_FUNCTION);
    section(out, 5, ONE_PAGE_OF_MEMORY);
    section(out, 7, exports.toByteArray());
    section(out, 10, EMPTY_BODY);
    return out.toByteArray();
  }

  /** A module whose {@code _start} takes a number. */
  static byte[] startingWithAParameter() {
    ByteArrayOutputStream exports = new ByteArrayOutputStream();
    exports.write(1);
    name(exports, "_start");
    exports.write(0);
    exports.write(0);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(HEADER);
    section(out, 1, TYPE_OF_A_NUMBER);
    section(out, 3, ONE_FUNCTION);
    section(out, 5, ONE_PAGE_OF_MEMORY);
    section(out, 7, exports.toByteArray());
    section(out, 10, EMPTY_BODY);
    return out.toByteArray();
  }

  /** A module that exports nothing. */
  static byte[] withMemoryOnly() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(HEADER);
    section(out, 5, ONE_PAGE_OF_MEMORY);
    return out.toByteArray();
  }

  private static void name(ByteArrayOutputStream out, String name) {
    byte[] bytes = name.getBytes(UTF_8);
    out.write(bytes.length);
    out.writeBytes(bytes);
  }

  private static void section(ByteArrayOutputStream out, int id, byte[] content) {
    out.write(id);
    out.write(content.length);
    out.writeBytes(content);
  }
}
