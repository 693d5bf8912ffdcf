package org.splitrack.fabric.transport;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.Role;

/**
 * What a component shows others under mTLS, and what it checks theirs against: a certificate of the
 * rack's own authority, whose subject's common name is the holder's role. Names and addresses are
 * not checked, since pods have none that last; the role is.
 */
public final class TlsCredentials {
  private static final char[] NO_PASSWORD = {};

  private final X509Certificate authority;
  private final X509Certificate certificate;
  private final PrivateKey key;

  private TlsCredentials(X509Certificate authority, X509Certificate certificate, PrivateKey key) {
    this.authority = authority;
    this.certificate = certificate;
    this.key = key;
  }

  /**
   * From PEM texts.
   *
   * @param key PKCS #8 of an elliptic curve
   * @throws IOException with one line when one of them makes no sense
   */
  public static TlsCredentials of(String authority, String certificate, String key)
      throws IOException {
    try {
      PrivateKey privateKey =
          KeyFactory.getInstance("EC")
              .generatePrivate(new PKCS8EncodedKeySpec(pemBody(key, "PRIVATE KEY")));
      return new TlsCredentials(x509(authority), x509(certificate), privateKey);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException("a certificate or its key makes no sense: " + e.getMessage(), e);
    }
  }

  /** The key as PKCS #8, DER: for programs that read no PEM. */
  public byte[] encodedKey() {
    return key.getEncoded();
  }

  /** TLS 1.3 with whoever has a certificate of the same authority. */
  SSLContext context() {
    return context(null);
  }

  /**
   * The same for a client that wants a server of that role. For HTTP clients: the check of the name
   * is left out, as the ports of servers are forwarded.
   */
  public SSLContext contextFor(Role server) {
    return context(server);
  }

  /** The role that a certificate is for; null when it names none. */
  public static @Nullable Role roleOf(Certificate certificate) {
    if (!(certificate instanceof X509Certificate x509)) {
      return null;
    }
    try {
      for (Rdn part : new LdapName(x509.getSubjectX500Principal().getName()).getRdns()) {
        if (part.getType().equalsIgnoreCase("CN")) {
          return Role.ofPrefix(part.getValue().toString());
        }
      }
    } catch (InvalidNameException e) {
      // A name that cannot be read names no role either.
      return null;
    }
    return null;
  }

  private SSLContext context(@Nullable Role required) {
    try {
      KeyStore own = empty();
      own.setKeyEntry("own", key, NO_PASSWORD, new Certificate[] {certificate});
      KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(own, NO_PASSWORD);
      KeyStore trusted = empty();
      trusted.setCertificateEntry("authority", authority);
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(
          keys.getKeyManagers(),
          new TrustManager[] {
            new RackTrust((X509ExtendedTrustManager) trust.getTrustManagers()[0], required)
          },
          null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("TLS cannot be set up", e);
    }
  }

  private static KeyStore empty() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, NO_PASSWORD);
    return store;
  }

  private static X509Certificate x509(String pem) throws CertificateException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)));
  }

  private static byte[] pemBody(String pem, String what) {
    String begin = "-----BEGIN " + what + "-----";
    int from = pem.indexOf(begin);
    int to = pem.indexOf("-----END " + what + "-----");
    if (from < 0 || to < from) {
      throw new IllegalArgumentException("there is no " + what + " in it");
    }
    return Base64.getMimeDecoder().decode(pem.substring(from + begin.length(), to));
  }

  /** The usual check of certificates, of the role where one is wanted, and of no name. */
  private static final class RackTrust extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager chains;
    private final @Nullable Role required;

    RackTrust(X509ExtendedTrustManager chains, @Nullable Role required) {
      this.chains = chains;
      this.required = required;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      chains.checkClientTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      chains.checkServerTrusted(chain, authType);
      if (required != null && roleOf(chain[0]) != required) {
        throw new CertificateException(
            "this is a certificate of %s and not of %s"
                .formatted(chain[0].getSubjectX500Principal(), required.prefix()));
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      checkClientTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      checkServerTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      checkServerTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return chains.getAcceptedIssuers();
    }
  }
}
