package org.splitrack.manager;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The global manager as a service of its own. */
@SpringBootApplication(proxyBeanMethods = false)
public class GlobalManagerApplication {
  public static void main(String[] args) {
    SpringApplication.run(GlobalManagerApplication.class, args);
  }
}
