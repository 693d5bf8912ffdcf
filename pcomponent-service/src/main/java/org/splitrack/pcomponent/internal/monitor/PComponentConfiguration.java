package org.splitrack.pcomponent.internal.monitor;

import java.io.IOException;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.config.ComponentSettings;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.SharedSecret;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Beans of a pComponent. */
@Configuration(proxyBeanMethods = false)
class PComponentConfiguration {
  @Bean
  ComponentSettings settings(Environment environment) {
    return ComponentSettings.read(environment::getProperty);
  }

  @Bean
  PComponentLifecycle rackHealthIndicator(ComponentSettings settings, Environment environment)
      throws IOException {
    Identity identity =
        new Identity(
            settings.rack(),
            settings.component(),
            BootId.random(),
            SharedSecret.read(settings.secretFile()));
    return new PComponentLifecycle(settings, identity, environment);
  }
}
