package org.splitrack.scomponent;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** One sComponent as a service of its own. */
@SpringBootApplication(proxyBeanMethods = false)
public class SComponentApplication {
  public static void main(String[] args) {
    SpringApplication.run(SComponentApplication.class, args);
  }
}
