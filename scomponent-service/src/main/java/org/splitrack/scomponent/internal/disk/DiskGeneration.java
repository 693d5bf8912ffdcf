package org.splitrack.scomponent.internal.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * A number that stays the same as long as no written byte can have been lost. What was written and
 * not synced survives the end of this process, since the kernel holds it, but not the end of the
 * kernel; so the number changes with the kernel's boot.
 */
final class DiskGeneration {
  private static final Path KERNEL_BOOT = Path.of("/proc/sys/kernel/random/boot_id");
  private static final String FILE = "generation";

  private DiskGeneration() {}

  /** Reads it from the folder, or begins a new one there. */
  static long read(Path folder) throws IOException {
    return read(folder, Files.readString(KERNEL_BOOT).strip());
  }

  static long read(Path folder, String kernelBoot) throws IOException {
    Path file = folder.resolve(FILE);
    if (Files.exists(file)) {
      String[] words = Files.readString(file).strip().split(" ", -1);
      if (words.length == 2 && words[0].equals(kernelBoot)) {
        return HexFormat.fromHexDigitsToLong(words[1]);
      }
    }
    long fresh = new SecureRandom().nextLong();
    Files.writeString(file, kernelBoot + " " + HexFormat.of().toHexDigits(fresh) + "\n");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    return fresh;
  }
}
