package org.splitrack.mcomponent;

import org.splitrack.fabric.config.FailedStart;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** One mComponent as a service of its own. */
@SpringBootApplication(proxyBeanMethods = false)
public class MComponentApplication {
  public static void main(String[] args) {
    try {
      SpringApplication.run(MComponentApplication.class, args);
    } catch (SpringApplication.AbandonedRunException e) {
      throw e;
    } catch (RuntimeException e) {
      FailedStart.tell(e);
      System.exit(1);
    }
  }
}
