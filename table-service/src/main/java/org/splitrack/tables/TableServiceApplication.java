package org.splitrack.tables;

import org.splitrack.fabric.config.FailedStart;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The table service as a service of its own. */
@SpringBootApplication(proxyBeanMethods = false)
public class TableServiceApplication {
  public static void main(String[] args) {
    try {
      SpringApplication.run(TableServiceApplication.class, args);
    } catch (SpringApplication.AbandonedRunException e) {
      throw e;
    } catch (RuntimeException e) {
      FailedStart.tell(e);
      System.exit(1);
    }
  }
}
