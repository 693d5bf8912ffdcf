package org.splitrack.mcomponent.internal;

import java.io.IOException;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.config.ComponentSettings;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.SharedSecret;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Beans of an mComponent. */
@Configuration(proxyBeanMethods = false)
class MComponentConfiguration {
  @Bean
  ComponentSettings settings(Environment environment) {
    return ComponentSettings.read(environment::getProperty);
  }

  @Bean
  MComponentLifecycle rackHealthIndicator(ComponentSettings settings, Environment environment)
      throws IOException {
    Identity identity =
        new Identity(
            settings.rack(),
            settings.component(),
            BootId.random(),
            SharedSecret.read(settings.secretFile()));
    return new MComponentLifecycle(settings, identity, environment);
  }
}
