package org.splitrack.manager.internal.process;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.splitrack.manager.internal.authority.ProgramArchive;

/** An archive in memory. */
public final class KeptPrograms implements ProgramArchive {
  private final Map<String, byte[]> modules = new HashMap<>();

  @Override
  public synchronized void put(String digest, byte[] module) {
    modules.putIfAbsent(digest, module.clone());
  }

  @Override
  public synchronized Optional<byte[]> get(String digest) {
    return Optional.ofNullable(modules.get(digest)).map(byte[]::clone);
  }

  public synchronized void forget(String digest) {
    modules.remove(digest);
  }
}
