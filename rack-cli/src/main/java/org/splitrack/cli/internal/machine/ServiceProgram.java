package org.splitrack.cli.internal.machine;

import java.util.List;
import org.splitrack.fabric.Role;

/**
 * What is started for each role: a module of the build, its main class and the options of its JVM.
 * All heaps are small, because nine of these share a machine; pages live outside the heap.
 *
 * @param module folder of the build
 * @param mainClass of the Spring Boot application
 * @param jvmOptions without the class path and the AOT cache
 */
public record ServiceProgram(String module, String mainClass, List<String> jvmOptions) {
  /**
   * Common to all: small and quick to start. Serial collection steals no core from the page path.
   */
  public static final List<String> COMMON_OPTIONS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:+UseCompactObjectHeaders",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-Djava.net.preferIPv4Stack=true");

  /**
   * A JDK selector boxes the descriptor of each socket that is ready. Small numbers are boxed
   * already; this many are, so that no wait on the page path allocates.
   */
  private static final String DESCRIPTORS_BOXED = "-XX:AutoBoxCacheMax=4096";

  /**
   * The accesses of programs, which are always to be part of the program's own code. Left to
   * itself, the optimising compiler calls those that it happened to compile before on their own, so
   * that one start of a pComponent ran the same program at half the speed of another.
   */
  private static final String ACCESSES_INLINED =
      "-XX:CompileCommand=inline,org.splitrack.pcomponent.internal.wasm.PageAccess*::*";

  private static final String NO_WORD_OF_IT = "-XX:CompileCommand=quiet";

  /** Off the page path, the first compiler alone starts faster and takes less memory. */
  private static final String FIRST_COMPILER_ONLY = "-XX:TieredStopAtLevel=1";

  /** What is started for a role of ours. */
  public static ServiceProgram of(Role role) {
    return switch (role) {
      case PCOMPONENT ->
          service(
              "pcomponent-service",
              "org.splitrack.pcomponent.PComponentApplication",
              "-Xms32m",
              // Compiling a module of 10 MB takes half a gigabyte for a moment.
              "-Xmx768m",
              DESCRIPTORS_BOXED,
              NO_WORD_OF_IT,
              ACCESSES_INLINED,
              "-XX:-DontCompileHugeMethods");
      case MCOMPONENT ->
          service(
              "mcomponent-service",
              "org.splitrack.mcomponent.MComponentApplication",
              "-Xms24m",
              DESCRIPTORS_BOXED);
      case SCOMPONENT ->
          service(
              "scomponent-service",
              "org.splitrack.scomponent.SComponentApplication",
              "-Xms24m",
              "-Xmx128m",
              FIRST_COMPILER_ONLY);
      case GLOBAL_MANAGER ->
          service(
              "global-manager",
              "org.splitrack.manager.GlobalManagerApplication",
              "-Xms32m",
              "-Xmx192m",
              FIRST_COMPILER_ONLY);
      case TABLE_SERVICE ->
          service(
              "table-service",
              "org.splitrack.tables.TableServiceApplication",
              "-Xms32m",
              "-Xmx160m",
              FIRST_COMPILER_ONLY);
      case POSTGRES, KAFKA, CLI ->
          throw new IllegalArgumentException(role + " is not a service of ours");
    };
  }

  private static ServiceProgram service(String module, String mainClass, String... options) {
    List<String> all = new java.util.ArrayList<>(COMMON_OPTIONS);
    all.addAll(List.of(options));
    return new ServiceProgram(module, mainClass, List.copyOf(all));
  }
}
