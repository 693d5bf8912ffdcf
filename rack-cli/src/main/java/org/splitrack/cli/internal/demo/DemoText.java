package org.splitrack.cli.internal.demo;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.RackFailure;

/**
 * The text that the demo counts.
 *
 * @param source in words, for a person
 */
public record DemoText(Path file, String source) {
  static final long BYTES = 64L << 20;

  /** More does not fit into the memory of a default rack beside the rest. */
  static final long MOST_BYTES = 1L << 30;

  private static final long SEED = 1;

  /** Each octave of ranks (1, 2 to 3, 4 to 7, …) is as frequent as any other. */
  private static final int OCTAVES = 16;

  /**
   * A file that is given, else the sources of the JDK, else text made from a seed.
   *
   * @param given null when none is
   * @param folder where a text is made
   */
  public static DemoText choose(@Nullable Path given, Path folder) throws IOException {
    if (given != null) {
      return given(given);
    }
    Path made = folder.resolve("text");
    Path sources = Path.of(System.getProperty("java.home"), "lib", "src.zip");
    if (Files.isReadable(sources)) {
      unpack(sources, made);
      return new DemoText(
          made, "the first 64 MiB of the JDK's lib/src.zip, unpacked in name order");
    }
    invent(made, SEED, BYTES);
    return new DemoText(made, "made from seed " + SEED + ", for this JDK has no lib/src.zip");
  }

  private static DemoText given(Path file) throws IOException {
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw RackFailure.failed("cannot read the file " + file);
    }
    if (Files.size(file) > MOST_BYTES) {
      throw RackFailure.failed(
          "%s has %d bytes; the demo's rack takes up to %d"
              .formatted(file, Files.size(file), MOST_BYTES));
    }
    return new DemoText(file, file.toString());
  }

  private static void unpack(Path archive, Path target) throws IOException {
    try (ZipFile zip = new ZipFile(archive.toFile());
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(target))) {
      List<? extends ZipEntry> entries =
          zip.stream()
              .filter(entry -> !entry.isDirectory())
              .sorted(Comparator.comparing(ZipEntry::getName))
              .toList();
      long left = BYTES;
      for (ZipEntry entry : entries) {
        try (InputStream in = zip.getInputStream(entry)) {
          byte[] bytes = in.readNBytes((int) left);
          out.write(bytes);
          left -= bytes.length;
        }
        if (left == 0) {
          return;
        }
      }
    }
  }

  /** Words of which a few are frequent and most are rare, as in any text. */
  static void invent(Path target, long seed, long bytes) throws IOException {
    Random random = new Random(seed);
    byte[][] words = new byte[1 << OCTAVES][];
    for (int i = 0; i < words.length; i++) {
      words[i] = word(random);
    }
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(target))) {
      long left = bytes;
      while (left > 0) {
        int octave = random.nextInt(OCTAVES);
        byte[] word = words[(1 << octave) - 1 + random.nextInt(1 << octave)];
        int length = (int) Math.min(left, word.length);
        out.write(word, 0, length);
        left -= length;
      }
    }
  }

  private static byte[] word(Random random) {
    StringBuilder word = new StringBuilder();
    int length = 2 + random.nextInt(8);
    for (int i = 0; i < length; i++) {
      word.append((char) ('a' + random.nextInt(26)));
    }
    return word.append(random.nextInt(12) == 0 ? '\n' : ' ')
        .toString()
        .getBytes(StandardCharsets.US_ASCII);
  }
}
