package org.splitrack.manager.internal.file;

import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.Transport;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the HTTP side of files needs. */
@Configuration(proxyBeanMethods = false)
class FileConfiguration {
  @Bean(destroyMethod = "close")
  FileTransfers fileTransfers(GlobalFiles files, Transport transport, Identity identity) {
    return new FileTransfers(files, new Dialer(transport, identity));
  }
}
