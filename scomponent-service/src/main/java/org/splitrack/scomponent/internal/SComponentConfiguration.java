package org.splitrack.scomponent.internal;

import java.io.IOException;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.config.ComponentSettings;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.SharedSecret;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Beans of an sComponent. */
@Configuration(proxyBeanMethods = false)
class SComponentConfiguration {
  @Bean
  ComponentSettings settings(Environment environment) {
    return ComponentSettings.read(environment::getProperty);
  }

  @Bean
  SComponentLifecycle rackHealthIndicator(ComponentSettings settings, Environment environment)
      throws IOException {
    Identity identity =
        new Identity(
            settings.rack(),
            settings.component(),
            BootId.random(),
            SharedSecret.read(settings.secretFile()));
    return new SComponentLifecycle(settings, identity, environment);
  }
}
