package org.splitrack.pcomponent.internal.wasm;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Small modules, byte by byte: what a test says is what the file has. */
final class ModuleBytes {
  static final int I32 = 0x7F;
  static final int I64 = 0x7E;
  static final int F32 = 0x7D;
  static final int F64 = 0x7C;

  private final List<byte[]> types = new ArrayList<>();
  private final List<byte[]> functions = new ArrayList<>();
  private final List<byte[]> tables = new ArrayList<>();
  private final List<byte[]> memories = new ArrayList<>();
  private final List<byte[]> exports = new ArrayList<>();
  private final List<byte[]> bodies = new ArrayList<>();
  private final List<byte[]> segments = new ArrayList<>();
  private byte[] start = {};

  static byte[] bytes(Object... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Object part : parts) {
      if (part instanceof byte[] some) {
        out.writeBytes(some);
      } else {
        out.write((Integer) part);
      }
    }
    return out.toByteArray();
  }

  /** LEB128, unsigned. */
  static byte[] u(long value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    long left = value;
    do {
      int low = (int) (left & 0x7F);
      left >>>= 7;
      out.write(left == 0 ? low : low | 0x80);
    } while (left != 0);
    return out.toByteArray();
  }

  /** LEB128, signed. */
  static byte[] s(long value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    long left = value;
    while (true) {
      int low = (int) (left & 0x7F);
      left >>= 7;
      if ((left == 0 && (low & 0x40) == 0) || (left == -1 && (low & 0x40) != 0)) {
        out.write(low);
        return out.toByteArray();
      }
      out.write(low | 0x80);
    }
  }

  static byte[] name(String name) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    return bytes(u(text.length), text);
  }

  static byte[] i32Const(int value) {
    return bytes(0x41, s(value));
  }

  ModuleBytes memory(int minPages, int maxPages, boolean shared) {
    memories.add(bytes(shared ? 3 : 1, u(minPages), u(maxPages)));
    return this;
  }

  ModuleBytes table(int minEntries, int maxEntries) {
    tables.add(bytes(0x70, 1, u(minEntries), u(maxEntries)));
    return this;
  }

  /** An exported function; {@code code} without the closing end. */
  ModuleBytes function(String name, int[] parameters, int[] results, byte[] code) {
    types.add(bytes(0x60, list(parameters), list(results)));
    int index = functions.size();
    functions.add(u(index));
    exports.add(bytes(name(name), 0, u(index)));
    byte[] body = bytes(0, code, 0x0B);
    bodies.add(bytes(u(body.length), body));
    return this;
  }

  ModuleBytes data(int at, byte[] content) {
    segments.add(bytes(0, i32Const(at), 0x0B, u(content.length), content));
    return this;
  }

  ModuleBytes passiveData(byte[] content) {
    segments.add(bytes(1, u(content.length), content));
    return this;
  }

  /** The function that has been added last is the start function. */
  ModuleBytes startsWithIt() {
    start = u(functions.size() - 1);
    return this;
  }

  byte[] build() {
    return bytes(
        new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0},
        section(1, types),
        section(3, functions),
        section(4, tables),
        section(5, memories),
        section(7, exports),
        start.length == 0 ? new byte[0] : bytes(8, u(start.length), start),
        segments.isEmpty() ? new byte[0] : bytes(12, 1, u(segments.size())),
        section(10, bodies),
        section(11, segments));
  }

  private static byte[] section(int id, List<byte[]> items) {
    if (items.isEmpty()) {
      return new byte[0];
    }
    byte[] content = bytes(u(items.size()), bytes(items.toArray()));
    return bytes(id, u(content.length), content);
  }

  private static byte[] list(int[] kinds) {
    byte[] all = bytes(u(kinds.length));
    for (int kind : kinds) {
      all = bytes(all, kind);
    }
    return all;
  }
}
