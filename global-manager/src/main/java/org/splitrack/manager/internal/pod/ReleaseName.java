package org.splitrack.manager.internal.pod;

/** A Helm release and where it is. */
public record ReleaseName(String namespace, String release) {
  /**
   * Reads {@code NAMESPACE/RELEASE}.
   *
   * @throws IllegalArgumentException with one line when it is none
   */
  public static ReleaseName parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 1) {
      throw new IllegalArgumentException(
          "splitrack.pods-of = '" + text + "' is not NAMESPACE/RELEASE");
    }
    return new ReleaseName(text.substring(0, slash), text.substring(slash + 1));
  }
}
