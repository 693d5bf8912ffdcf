package org.splitrack.fabric.control;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What to run and how, as {@code rack run} says it.
 *
 * @param name shown in listings; by default the program's file name
 * @param programDigest SHA-256 of the module, 64 hex digits
 * @param args the program's arguments, its own name first
 * @param environment variables of the program
 * @param directories preopened directories
 * @param cache {@code 25%}, or bytes; null = all of the pComponent's
 * @param ack {@code none}, {@code lego}, {@code safe} or, later, {@code logged}
 * @param prefetch {@code leap}, {@code next} or {@code off}
 * @param evict {@code clock}, {@code fifo} or {@code random}
 * @param safety name of a safety configuration
 * @param strict writes wait rather than go on with one copy
 * @param onFailure {@code fail}, or {@code restart}: run it again when its pComponent dies and
 *     nothing has left it
 * @param detached nobody waits for its output
 */
public record ProcessSpec(
    String name,
    String programDigest,
    List<String> args,
    Map<String, String> environment,
    List<Directory> directories,
    String tenant,
    String owner,
    @Nullable String cache,
    String ack,
    String prefetch,
    String evict,
    String safety,
    boolean strict,
    String onFailure,
    boolean detached) {

  /** A directory of the tenant's files that the program may use, at the same path. */
  public record Directory(String path, boolean readOnly) {}
}
