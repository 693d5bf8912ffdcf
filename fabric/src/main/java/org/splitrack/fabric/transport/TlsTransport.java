package org.splitrack.fabric.transport;

import java.io.IOException;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.splitrack.fabric.Endpoint;

/**
 * TLS 1.3 over another transport; both ends show a certificate. A link's first read or write does
 * the TLS handshake, so that whoever accepts links waits for nobody.
 */
public final class TlsTransport implements Transport {
  private final Transport real;
  private final SSLContext context;

  public TlsTransport(Transport real, TlsCredentials credentials) {
    this.real = real;
    this.context = credentials.context();
  }

  @Override
  public Link dial(Endpoint endpoint, Duration timeout) throws IOException {
    return new TlsLink(real.dial(endpoint, timeout), engine(true));
  }

  @Override
  public Listener listen(Endpoint bind) throws IOException {
    return new TlsListener(real.listen(bind), this);
  }

  @Override
  public WaitPoint waitPoint() throws IOException {
    return new TlsWaitPoint(real.waitPoint());
  }

  private SSLEngine engine(boolean client) {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(client);
    engine.setNeedClientAuth(true);
    return engine;
  }

  private record TlsListener(Listener real, TlsTransport transport) implements Listener {
    @Override
    public Endpoint endpoint() {
      return real.endpoint();
    }

    @Override
    public Link accept() throws IOException {
      return new TlsLink(real.accept(), transport.engine(false));
    }

    @Override
    public void close() {
      real.close();
    }
  }
}
