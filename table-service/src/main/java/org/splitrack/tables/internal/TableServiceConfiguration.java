package org.splitrack.tables.internal;

import java.io.IOException;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.config.ComponentSettings;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.SharedSecret;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Beans of the table service. */
@Configuration(proxyBeanMethods = false)
class TableServiceConfiguration {
  @Bean
  ComponentSettings settings(Environment environment) {
    return ComponentSettings.read(environment::getProperty);
  }

  @Bean
  TableServiceLifecycle rackHealthIndicator(ComponentSettings settings, Environment environment)
      throws IOException {
    var identity =
        new Identity(
            settings.rack(),
            settings.component(),
            BootId.random(),
            SharedSecret.read(settings.secretFile()));
    return new TableServiceLifecycle(settings, identity, environment);
  }
}
