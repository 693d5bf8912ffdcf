package org.splitrack.pcomponent.internal.wasi;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.splitrack.pcomponent.internal.file.Errno;
import org.splitrack.pcomponent.internal.file.FileFault;
import org.splitrack.pcomponent.internal.file.RelativePath;

/**
 * Paths as programs give them. There are no symbolic links, so {@code ..} is resolved by name
 * alone, and a path that would leave its directory is refused even when it comes back.
 */
final class GuestPath {
  static final int MAX_BYTES = 4096;
  static final int MAX_NAME_BYTES = 255;

  private GuestPath() {}

  /** Reads and resolves the path at an address of the program. */
  static RelativePath read(Caller caller, int address, int length) {
    caller.memory().check(address, Integer.toUnsignedLong(length));
    if (length < 0 || length > MAX_BYTES) {
      throw new FileFault(Errno.NAMETOOLONG);
    }
    ByteBuffer bytes = caller.scratch().limit(length);
    caller.memory().read(address, bytes);
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
    } catch (CharacterCodingException _) {
      throw new FileFault(Errno.ILSEQ);
    }
    return resolve(text);
  }

  static RelativePath resolve(String text) {
    if (text.isEmpty()) {
      throw new FileFault(Errno.NOENT);
    }
    if (text.indexOf('\0') >= 0) {
      throw new FileFault(Errno.ILSEQ);
    }
    if (text.charAt(0) == '/') {
      throw new FileFault(Errno.NOTCAPABLE);
    }
    List<String> names = new ArrayList<>();
    boolean mustBeDirectory = true;
    for (int from = 0; from < text.length(); ) {
      int slash = text.indexOf('/', from);
      int end = slash < 0 ? text.length() : slash;
      String name = text.substring(from, end);
      from = end + 1;
      switch (name) {
        case "", "." -> mustBeDirectory = true;
        case ".." -> {
          if (names.isEmpty()) {
            throw new FileFault(Errno.NOTCAPABLE);
          }
          names.removeLast();
          mustBeDirectory = true;
        }
        default -> {
          if (name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
            throw new FileFault(Errno.NAMETOOLONG);
          }
          names.add(name);
          mustBeDirectory = slash >= 0;
        }
      }
    }
    return new RelativePath(List.copyOf(names), mustBeDirectory);
  }
}
