package org.splitrack.cli.internal.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.splitrack.certificates.RackCertificates;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.transport.TlsFiles;

/** The certificates of a rack on this machine; made once, one a role. */
public final class Certificates {
  private final Path folder;

  Certificates(Path folder) {
    this.folder = folder;
  }

  /** Where those of a role are. */
  public TlsFiles of(Role role) {
    make(folder);
    return new TlsFiles(
        folder.resolve(RackCertificates.AUTHORITY),
        folder.resolve(RackCertificates.certificate(role.prefix())),
        folder.resolve(RackCertificates.key(role.prefix())));
  }

  /** One at a time: start-up caches are made by several threads, each of which may be the first. */
  private static synchronized void make(Path folder) {
    Path authority = folder.resolve(RackCertificates.AUTHORITY);
    if (Files.exists(authority)) {
      return;
    }
    EnumSet<Role> roles = EnumSet.of(Role.CLI);
    roles.addAll(Role.SERVICES);
    Map<String, List<String>> names = new TreeMap<>();
    roles.forEach(role -> names.put(role.prefix(), List.of("localhost")));
    Map<String, String> texts = RackCertificates.make(names, Instant.now());
    try {
      // The authority comes last: when it is there, all of its certificates are.
      for (Map.Entry<String, String> text : texts.entrySet()) {
        if (!text.getKey().equals(RackCertificates.AUTHORITY)) {
          write(folder.resolve(text.getKey()), text.getValue());
        }
      }
      Path next = folder.resolve(RackCertificates.AUTHORITY + ".next");
      write(next, texts.getOrDefault(RackCertificates.AUTHORITY, ""));
      Files.move(next, authority);
    } catch (IOException e) {
      throw RackFailure.failed(
          "cannot write certificates to %s: %s".formatted(folder, RackFailure.reason(e)));
    }
  }

  private static void write(Path file, String text) throws IOException {
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, text, StandardOpenOption.WRITE);
  }
}
