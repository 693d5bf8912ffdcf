package org.splitrack.tables;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The table service as a service of its own. */
@SpringBootApplication(proxyBeanMethods = false)
public class TableServiceApplication {
  public static void main(String[] args) {
    SpringApplication.run(TableServiceApplication.class, args);
  }
}
