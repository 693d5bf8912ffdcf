package org.splitrack.manager.internal.authority;

import java.util.Optional;

/** Where programs are kept for the managers after this one. */
public interface ProgramArchive {
  /** Keeps a module; one that is there stays. */
  void put(String digest, byte[] module);

  /** The module, if it is kept. */
  Optional<byte[]> get(String digest);
}
