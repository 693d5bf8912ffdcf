package org.splitrack.certificates;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObjectGenerator;

/**
 * Signs the certificates of one rack's roles. Its key is never handed out: once all roles have
 * theirs, nobody can make another.
 */
public final class RackAuthority {
  /** How long its certificates are good for; they are replaced by making a new authority. */
  public static final Duration VALIDITY = Duration.ofDays(3650);

  /** A machine whose clock is this far behind takes them from the start. */
  private static final Duration CLOCK_SKEW = Duration.ofDays(1);

  private static final String ORGANISATION = "splitrack";
  private static final int SERIAL_BITS = 127;

  private final SecureRandom random = new SecureRandom();
  private final Instant begin;
  private final KeyPair keys;
  private final X500Name name;
  private final X509CertificateHolder certificate;

  private RackAuthority(Instant now) {
    begin = now.minus(CLOCK_SKEW);
    keys = newKeys();
    name = name("rack authority");
    certificate = sign(name, keys, List.of(), true);
  }

  /** A new one. */
  public static RackAuthority create(Instant now) {
    return new RackAuthority(now);
  }

  /**
   * What a role shows, as PEM.
   *
   * @param certificate X.509, the role in its subject's common name
   * @param key PKCS #8, not encrypted
   */
  public record Issued(String certificate, String key) {}

  /** What everyone checks others against, as PEM. */
  public String certificate() {
    return pem(certificate);
  }

  /**
   * A certificate and its key, for both ends of connections.
   *
   * @param role as it stands in component ids: {@code mcomponent}
   * @param dnsNames under which clients that check names reach it
   */
  public Issued issue(String role, List<String> dnsNames) {
    KeyPair own = newKeys();
    try {
      return new Issued(
          pem(sign(name(role), own, dnsNames, false)),
          pem(new JcaPKCS8Generator(own.getPrivate(), null)));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private X509CertificateHolder sign(
      X500Name subject, KeyPair subjectKeys, List<String> dnsNames, boolean authority) {
    X509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            name,
            new BigInteger(SERIAL_BITS, random),
            Date.from(begin),
            Date.from(begin.plus(VALIDITY)),
            subject,
            subjectKeys.getPublic());
    try {
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
      builder.addExtension(
          Extension.keyUsage,
          true,
          new KeyUsage(authority ? KeyUsage.keyCertSign : KeyUsage.digitalSignature));
      if (!authority) {
        builder.addExtension(
            Extension.extendedKeyUsage,
            false,
            new ExtendedKeyUsage(
                new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth}));
      }
      if (!dnsNames.isEmpty()) {
        builder.addExtension(
            Extension.subjectAlternativeName,
            false,
            new GeneralNames(
                dnsNames.stream()
                    .map(dns -> new GeneralName(GeneralName.dNSName, dns))
                    .toArray(GeneralName[]::new)));
      }
      ContentSigner signer =
          new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
      return builder.build(signer);
    } catch (IOException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  private KeyPair newKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), random);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK lacks P-256", e);
    }
  }

  private static X500Name name(String commonName) {
    return new X500NameBuilder()
        .addRDN(BCStyle.O, ORGANISATION)
        .addRDN(BCStyle.CN, commonName)
        .build();
  }

  private static String pem(Object what) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      if (what instanceof PemObjectGenerator generator) {
        writer.writeObject(generator);
      } else {
        writer.writeObject(what);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return text.toString();
  }
}
