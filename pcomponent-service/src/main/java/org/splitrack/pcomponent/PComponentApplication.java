package org.splitrack.pcomponent;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** One pComponent as a service of its own. */
@SpringBootApplication(proxyBeanMethods = false)
public class PComponentApplication {
  public static void main(String[] args) {
    SpringApplication.run(PComponentApplication.class, args);
  }
}
