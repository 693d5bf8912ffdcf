package org.splitrack.manager.internal.http;

import org.splitrack.fabric.transport.TlsFiles;
import org.springframework.boot.web.server.ConfigurableWebServerFactory;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;

/** Has the API speak TLS 1.3, and only with those who show a certificate of the rack. */
public final class ApiTls implements WebServerFactoryCustomizer<ConfigurableWebServerFactory> {
  private final TlsFiles files;

  public ApiTls(TlsFiles files) {
    this.files = files;
  }

  @Override
  public void customize(ConfigurableWebServerFactory factory) {
    Ssl ssl = new Ssl();
    ssl.setCertificate(files.certificate().toUri().toString());
    ssl.setCertificatePrivateKey(files.key().toUri().toString());
    ssl.setTrustCertificate(files.authority().toUri().toString());
    ssl.setClientAuth(Ssl.ClientAuth.NEED);
    ssl.setEnabledProtocols(new String[] {"TLSv1.3"});
    factory.setSsl(ssl);
  }
}
