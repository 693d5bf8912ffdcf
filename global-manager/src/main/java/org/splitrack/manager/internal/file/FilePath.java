package org.splitrack.manager.internal.file;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.splitrack.fabric.control.FileCalls;
import org.splitrack.fabric.control.FileCalls.FileError;

/**
 * A directory's inode, or {@link FileCalls#ROOT}, and names below it, checked: each 1 to 255 bytes
 * of UTF-8 without slash and NUL, neither {@code .} nor {@code ..}, 4096 bytes in all.
 */
public record FilePath(String tenant, long directory, List<String> names) {
  private static final Pattern TENANT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

  public FilePath {
    checkTenant(tenant);
    names = List.copyOf(names);
    long pathBytes = 0;
    for (String name : names) {
      pathBytes += checkName(name) + 1;
    }
    if (pathBytes > FileCalls.MAX_PATH_BYTES) {
      throw new FileRefusal(
          FileError.NAME_TOO_LONG,
          "a path of " + pathBytes + " bytes is longer than " + FileCalls.MAX_PATH_BYTES);
    }
  }

  /**
   * Reads {@code /a/b}, from the tenant's root; {@code ..} stops there.
   *
   * @throws FileRefusal when a name is too long or no name
   */
  public static FilePath parse(String tenant, String path) {
    if (!path.startsWith("/")) {
      throw new FileRefusal(
          FileError.BAD_NAME, "'" + printable(path) + "' does not start with a slash");
    }
    if (path.length() > FileCalls.MAX_PATH_BYTES) {
      throw new FileRefusal(
          FileError.NAME_TOO_LONG,
          "a path of " + path.length() + " characters is longer than " + FileCalls.MAX_PATH_BYTES);
    }
    List<String> names = new ArrayList<>();
    for (String name : path.split("/", -1)) {
      if (name.equals("..")) {
        if (!names.isEmpty()) {
          names.removeLast();
        }
      } else if (!name.isEmpty() && !name.equals(".")) {
        names.add(name);
      }
    }
    return new FilePath(tenant, FileCalls.ROOT, names);
  }

  static void checkTenant(String tenant) {
    if (!TENANT.matcher(tenant).matches()) {
      throw new FileRefusal(
          FileError.BAD_NAME,
          "'" + printable(tenant) + "' is no tenant's name: letters, digits, '.', '_' and '-'");
    }
  }

  boolean isDirectoryItself() {
    return names.isEmpty();
  }

  String lastName() {
    return names.getLast();
  }

  /** For messages; the directory's own path is not known here. */
  @Override
  public String toString() {
    return (directory == FileCalls.ROOT ? "/" : "inode " + directory + "/")
        + String.join("/", names);
  }

  private static int checkName(String name) {
    if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('/') >= 0) {
      throw new FileRefusal(FileError.BAD_NAME, "'" + printable(name) + "' is no file name");
    }
    if (name.indexOf('\0') >= 0) {
      throw new FileRefusal(FileError.BAD_NAME, "a file name holds a NUL");
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
      throw new FileRefusal(FileError.BAD_NAME, "a file name is not UTF-8");
    }
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > FileCalls.MAX_NAME_BYTES) {
      throw new FileRefusal(
          FileError.NAME_TOO_LONG,
          "a file name of " + bytes + " bytes is longer than " + FileCalls.MAX_NAME_BYTES);
    }
    return bytes;
  }

  private static String printable(String text) {
    String shown = text.replaceAll("\\p{Cntrl}", "?");
    return shown.length() <= 80 ? shown : shown.substring(0, 80) + "…";
  }
}
