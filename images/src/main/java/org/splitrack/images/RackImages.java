package org.splitrack.images;

import org.splitrack.images.internal.ImagesCommand;

/** {@code rack images}. */
public final class RackImages {
  private RackImages() {}

  /** Makes the images; exits with the command's code. */
  public static void main(String[] arguments) {
    System.exit(ImagesCommand.run(arguments));
  }
}
