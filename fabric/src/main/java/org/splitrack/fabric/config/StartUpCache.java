package org.splitrack.fabric.config;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/**
 * Whether this JVM runs on its AOT cache (JEP 483). One that does not fit is left aside without a
 * word, and the start takes three times as long.
 */
public final class StartUpCache {
  private StartUpCache() {}

  /** One line for the log. */
  public static String describe() {
    return describe(
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
            .getVMOption("AOTCache")
            .getValue(),
        System.getProperty("java.vm.info", ""));
  }

  /**
   * @param cache the file that the JVM was started with; empty for none
   * @param vmInfo says {@code sharing} when the JVM uses what it was started with
   */
  static String describe(String cache, String vmInfo) {
    if (cache.isEmpty()) {
      return "start-up cache: none";
    }
    return vmInfo.contains("sharing")
        ? "start-up cache: " + cache + " is in use"
        : "start-up cache: " + cache + " does not fit this JVM and is not in use";
  }
}
