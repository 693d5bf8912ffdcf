package org.splitrack.pcomponent.internal.excache;

/**
 * A program needs more memory to start than there is, or nobody says for too long whether there is
 * more; the message is one line.
 */
public final class MemoryRefused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public MemoryRefused(String message) {
    super(message);
  }
}
