package org.splitrack.manager.internal.process;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.manager.internal.authority.ProgramArchive;

/**
 * Modules by the SHA-256 of their bytes, on disk, so that a program is sent to the rack once.
 * Beyond its limit the one that was not used for longest goes. What is not here, because this
 * manager runs elsewhere than the one before, is fetched from the archive. Safe from any thread.
 */
public final class ProgramStore {
  public static final long MAX_PROGRAM_BYTES = 64L << 20;
  public static final long DEFAULT_LIMIT_BYTES = 256L << 20;
  private static final int MAX_UPLOADS = 4;
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
  private static final String UNFINISHED = ".part";

  private final Path folder;
  private final long limitBytes;
  private final ProgramArchive archive;
  private final Semaphore uploads = new Semaphore(MAX_UPLOADS);
  private final Map<String, Long> bytesByDigest = new LinkedHashMap<>(16, 0.75f, true);
  private long heldBytes;

  private ProgramStore(Path folder, long limitBytes, ProgramArchive archive) {
    this.folder = folder;
    this.limitBytes = limitBytes;
    this.archive = archive;
  }

  /** Opens the store in a folder of its own, which is made if need be. */
  public static ProgramStore open(Path folder, long limitBytes, ProgramArchive archive)
      throws IOException {
    Files.createDirectories(folder);
    ProgramStore store = new ProgramStore(folder, limitBytes, archive);
    store.load();
    return store;
  }

  private synchronized void load() throws IOException {
    List<Path> files;
    try (Stream<Path> listed = Files.list(folder)) {
      files = listed.sorted(Comparator.comparing(ProgramStore::lastUse)).toList();
    }
    for (Path file : files) {
      String name = file.getFileName().toString();
      if (name.endsWith(UNFINISHED)) {
        Files.delete(file);
      } else if (DIGEST.matcher(name).matches()) {
        bytesByDigest.put(name, Files.size(file));
        heldBytes += Files.size(file);
      }
    }
    makeRoom(0);
  }

  private static FileTime lastUse(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Takes a module.
   *
   * @throws ControlFault BAD_REQUEST when the bytes are too many or have another digest, FULL when
   *     too many send one at once
   */
  public void put(String digest, InputStream bytes) throws IOException {
    requireDigest(digest);
    if (!uploads.tryAcquire()) {
      throw new ControlFault(Code.UNAVAILABLE, MAX_UPLOADS + " programs are being sent already");
    }
    Path part = Files.createTempFile(folder, digest, UNFINISHED);
    try {
      long length = copy(digest, bytes, part);
      archive.put(digest, Files.readAllBytes(part));
      keep(digest, part, length);
    } finally {
      Files.deleteIfExists(part);
      uploads.release();
    }
  }

  private synchronized void keep(String digest, Path part, long length) throws IOException {
    if (!holds(digest)) {
      makeRoom(length);
      Files.move(part, folder.resolve(digest), StandardCopyOption.ATOMIC_MOVE);
      bytesByDigest.put(digest, length);
      heldBytes += length;
    }
  }

  private static long copy(String digest, InputStream bytes, Path target) throws IOException {
    MessageDigest sha256 = sha256();
    byte[] buffer = new byte[64 << 10];
    long length = 0;
    try (OutputStream out = Files.newOutputStream(target)) {
      for (int n = bytes.read(buffer); n >= 0; n = bytes.read(buffer)) {
        length += n;
        if (length > MAX_PROGRAM_BYTES) {
          throw new ControlFault(
              Code.BAD_REQUEST, "a program has at most " + MAX_PROGRAM_BYTES + " bytes");
        }
        sha256.update(buffer, 0, n);
        out.write(buffer, 0, n);
      }
    }
    String found = HexFormat.of().formatHex(sha256.digest());
    if (!found.equals(digest)) {
      throw new ControlFault(
          Code.BAD_REQUEST, "the bytes have digest " + found + ", not " + digest);
    }
    return length;
  }

  private void makeRoom(long moreBytes) throws IOException {
    while (heldBytes + moreBytes > limitBytes && !bytesByDigest.isEmpty()) {
      Map.Entry<String, Long> eldest = bytesByDigest.entrySet().iterator().next();
      Files.deleteIfExists(folder.resolve(eldest.getKey()));
      heldBytes -= eldest.getValue();
      bytesByDigest.remove(eldest.getKey());
    }
  }

  /** Whether the module is here, perhaps only from now on; asking counts as a use. */
  public boolean has(String digest) {
    requireDigest(digest);
    return holds(digest) || fetch(digest);
  }

  private boolean fetch(String digest) {
    Optional<byte[]> module = archive.get(digest);
    if (module.isEmpty()) {
      return false;
    }
    try {
      Path part = Files.createTempFile(folder, digest, UNFINISHED);
      try {
        long length = copy(digest, new ByteArrayInputStream(module.get()), part);
        keep(digest, part, length);
      } finally {
        Files.deleteIfExists(part);
      }
      return true;
    } catch (IOException e) {
      throw new ControlFault(Code.FAILED, "program " + digest + " cannot be kept: " + e);
    }
  }

  /** Whether the module is here without asking the archive; asking counts as a use. */
  synchronized boolean holds(String digest) {
    return bytesByDigest.get(digest) != null;
  }

  /**
   * The bytes of a module.
   *
   * @throws ControlFault NOT_FOUND when it is not, or not any more, here
   */
  public byte[] read(String digest) {
    if (!has(digest)) {
      throw new ControlFault(Code.NOT_FOUND, "the rack does not hold program " + digest);
    }
    return bytesOf(digest);
  }

  private synchronized byte[] bytesOf(String digest) {
    Path file = folder.resolve(digest);
    try {
      byte[] bytes = Files.readAllBytes(file);
      Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis()));
      return bytes;
    } catch (IOException e) {
      throw new ControlFault(Code.FAILED, "program " + digest + " cannot be read: " + e);
    }
  }

  /** Fails with one line unless it is 64 hex digits. */
  static void requireDigest(String digest) {
    if (!DIGEST.matcher(digest).matches()) {
      throw new ControlFault(Code.BAD_REQUEST, "'" + digest + "' is no SHA-256 in lower-case hex");
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK lacks SHA-256", e);
    }
  }
}
