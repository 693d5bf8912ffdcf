package org.splitrack.manager;

import org.splitrack.fabric.config.FailedStart;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The global manager as a service of its own. */
@SpringBootApplication(proxyBeanMethods = false)
public class GlobalManagerApplication {
  public static void main(String[] args) {
    try {
      SpringApplication.run(GlobalManagerApplication.class, args);
    } catch (SpringApplication.AbandonedRunException e) {
      throw e;
    } catch (RuntimeException e) {
      FailedStart.tell(e);
      System.exit(1);
    }
  }
}
