package org.splitrack.mcomponent;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** One mComponent as a service of its own. */
@SpringBootApplication(proxyBeanMethods = false)
public class MComponentApplication {
  public static void main(String[] args) {
    SpringApplication.run(MComponentApplication.class, args);
  }
}
