package org.splitrack.e2e.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.splitrack.pcomponent.internal.file.FileClientLimits;
import org.splitrack.pcomponent.internal.file.FileFault;
import org.splitrack.pcomponent.internal.file.FileService;
import org.splitrack.pcomponent.internal.file.OpenDirectory;
import org.splitrack.pcomponent.internal.file.OpenFile;
import org.splitrack.pcomponent.internal.file.OpenOptions;
import org.splitrack.pcomponent.internal.file.RelativePath;

/** Random operations by two pComponents, in turns, against a map of names to bytes. */
class FileModelIT {
  private static final FileClientLimits TINY =
      new FileClientLimits(1 << 20, Duration.ofSeconds(20));
  private static final int STEPS = Integer.getInteger("splitrack.steps", 600);
  private static final int MAX_FILE_BYTES = 6 << 20;
  private static final List<String> NAMES = List.of("a", "b", "c", "d/a", "d/b", "e/a");

  @TempDir private Path folder;
  private final Map<String, byte[]> model = new TreeMap<>();

  @Test
  void shouldBehaveAsAMapOfNamesToBytes() throws Exception {
    long seed = Long.getLong("splitrack.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    try (FileRack rack = new FileRack(folder, 2, 1L << 30)) {
      List<OpenDirectory> roots = new ArrayList<>();
      for (int client = 0; client < 2; client++) {
        FileService service = rack.client("pcomponent-" + client, TINY);
        roots.add(FileRack.root(service, 1 + client));
      }
      roots.getFirst().makeDirectory(path("d"));
      roots.getFirst().makeDirectory(path("e"));
      for (int step = 0; step < STEPS; step++) {
        OpenDirectory root = roots.get(random.nextInt(roots.size()));
        String what = "seed " + seed + " step " + step;
        try {
          step(root, random, what);
        } catch (FileFault e) {
          throw new AssertionError(what + ": " + e.errno() + " " + e.getMessage(), e);
        }
      }
      for (OpenDirectory root : roots) {
        for (String name : NAMES) {
          check(root, name, "seed " + seed + " at the end");
        }
      }
    }
  }

  private void step(OpenDirectory root, SplittableRandom random, String what) {
    String name = NAMES.get(random.nextInt(NAMES.size()));
    switch (random.nextInt(8)) {
      case 0, 1, 2, 3 -> useOpenFile(root, name, random, what);
      case 4 -> check(root, name, what);
      case 5 -> {
        if (model.remove(name) != null) {
          root.unlink(path(name));
        }
      }
      case 6 -> {
        String to = NAMES.get(random.nextInt(NAMES.size()));
        byte[] bytes = model.get(name);
        if (bytes != null) {
          root.rename(path(name), root, path(to));
          model.remove(name);
          model.put(to, bytes);
        }
      }
      default -> {
        OpenOptions truncate = new OpenOptions(true, false, true, false, true);
        root.open(path(name), truncate).close();
        model.put(name, new byte[0]);
      }
    }
  }

  /** A few reads and writes between one open and close. */
  private void useOpenFile(OpenDirectory root, String name, SplittableRandom random, String what) {
    OpenFile file =
        (OpenFile) root.open(path(name), new OpenOptions(true, false, false, false, true));
    byte[] bytes = model.getOrDefault(name, new byte[0]);
    for (int i = random.nextInt(1, 6); i > 0; i--) {
      switch (random.nextInt(5)) {
        case 0, 1 -> {
          byte[] piece = randomBytes(random);
          int offset = random.nextInt(MAX_FILE_BYTES / (1 << random.nextInt(8)));
          assertThat(file.write(offset, ArrayBytes.of(piece))).isEqualTo(piece.length);
          bytes = overwritten(bytes, offset, piece);
        }
        case 2 -> {
          byte[] piece = randomBytes(random);
          OpenFile.Appended appended = file.append(ArrayBytes.of(piece));
          assertThat(appended.offset()).as(what).isEqualTo(bytes.length);
          bytes = overwritten(bytes, bytes.length, piece);
        }
        case 3 -> {
          int size = random.nextInt(bytes.length * 2 + 10);
          file.truncate(size);
          bytes = Arrays.copyOf(bytes, size);
        }
        default -> {
          int offset = random.nextInt(bytes.length + 10);
          byte[] got = new byte[random.nextInt(300_000)];
          int count = (int) file.read(offset, ArrayBytes.of(got));
          byte[] expected =
              offset >= bytes.length
                  ? new byte[0]
                  : Arrays.copyOfRange(bytes, offset, Math.min(bytes.length, offset + got.length));
          assertSame(Arrays.copyOf(got, count), expected, what + " " + name + " at " + offset);
        }
      }
    }
    assertThat(file.stat().sizeBytes()).as(what).isEqualTo(bytes.length);
    if (random.nextInt(3) == 0) {
      file.sync();
    }
    file.close();
    model.put(name, bytes);
  }

  private void check(OpenDirectory root, String name, String what) {
    byte[] bytes = model.get(name);
    if (bytes == null) {
      assertThat(exists(root, name)).as(what).isFalse();
      return;
    }
    OpenFile file =
        (OpenFile) root.open(path(name), new OpenOptions(false, false, false, false, false));
    byte[] got = new byte[bytes.length + 1];
    int done = 0;
    int count = 1;
    while (count > 0) {
      count =
          (int) file.read(done, new ArrayBytes(got, done, Math.min(100_000, got.length - done)));
      done += count;
    }
    file.close();
    assertSame(Arrays.copyOf(got, done), bytes, what + " " + name);
  }

  private static boolean exists(OpenDirectory root, String name) {
    try {
      return root.stat(path(name)).inode() > 0;
    } catch (FileFault e) {
      return false;
    }
  }

  private static void assertSame(byte[] got, byte[] expected, String what) {
    int mismatch = Arrays.mismatch(got, expected);
    if (mismatch >= 0) {
      throw new AssertionError(
          what
              + ": differs at "
              + mismatch
              + " of "
              + got.length
              + " bytes, "
              + expected.length
              + " expected");
    }
  }

  private static byte[] randomBytes(SplittableRandom random) {
    byte[] bytes = new byte[random.nextInt(1, 1 << random.nextInt(4, 20))];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] overwritten(byte[] bytes, int offset, byte[] piece) {
    byte[] result = Arrays.copyOf(bytes, Math.max(bytes.length, offset + piece.length));
    System.arraycopy(piece, 0, result, offset, piece.length);
    return result;
  }

  private static RelativePath path(String path) {
    return new RelativePath(List.of(path.split("/", -1)), false);
  }
}
