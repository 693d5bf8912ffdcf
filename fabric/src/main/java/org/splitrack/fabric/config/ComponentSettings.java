package org.splitrack.fabric.config;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.RackId;
import org.splitrack.fabric.report.BrokerAccess;
import org.splitrack.fabric.report.BrokerSecurity;
import org.splitrack.fabric.transport.LinkProfile;
import org.splitrack.fabric.transport.LinkShim;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.transport.TlsFiles;
import org.splitrack.fabric.transport.TlsTransport;

/**
 * What a component is started with. Every value is a property {@code splitrack.…} (environment
 * {@code SPLITRACK_…}); what a component of this role does not use may be missing.
 *
 * @param secretFile hex text that all components of the rack share, mode 0600
 * @param bind address to listen on
 * @param port fabric port of all lanes; 0 = any free one
 * @param advertise host under which others reach this component; {@code bind} unless told otherwise
 * @param manager fabric port of the global manager; null in the manager itself
 * @param kafka how the broker is reached
 * @param postgresUrl JDBC URL
 * @param postgresPasswordFile holds the password of {@code postgresUser}
 * @param dataDir private folder of this component
 * @param memoryLimitBytes page store of an mComponent
 * @param cacheBytes ExCache frames of a pComponent
 * @param diskLimitBytes extents of an sComponent
 * @param node name of the machine
 * @param operatorTokenFile the manager's bearer token for commands
 * @param link emulation of everything that this component sends; see {@link LinkShim}
 * @param leaveWithin how long it may take, when told to stop, until nothing is lost by that; zero =
 *     it stops at once
 * @param tls what it shows others and checks theirs against; null = everything goes in clear
 */
public record ComponentSettings(
    ComponentId component,
    RackId rack,
    Path secretFile,
    String bind,
    int port,
    String advertise,
    @Nullable Endpoint manager,
    @Nullable BrokerAccess kafka,
    @Nullable String postgresUrl,
    @Nullable String postgresUser,
    @Nullable Path postgresPasswordFile,
    Path dataDir,
    long memoryLimitBytes,
    long cacheBytes,
    long diskLimitBytes,
    String node,
    @Nullable Path operatorTokenFile,
    LinkProfile link,
    Duration leaveWithin,
    @Nullable TlsFiles tls) {

  private static final String DEFAULT_MEMORY_LIMIT = "1073741824";
  private static final String DEFAULT_CACHE = "536870912";
  private static final String DEFAULT_DISK_LIMIT = "17179869184";
  private static final long NS_PER_US = 1_000;

  /**
   * Reads all of them.
   *
   * @param property value of a name such as {@code splitrack.rack-id}, or null; in a service the
   *     {@code getProperty} of Spring's environment
   * @throws IllegalArgumentException with one line that names the property when one is missing or
   *     wrong
   */
  public static ComponentSettings read(Function<String, @Nullable String> property) {
    Properties p = new Properties(property);
    String bind = p.orDefault("splitrack.bind", "127.0.0.1", text -> text);
    TlsFiles tls =
        tls(
            p.optional("splitrack.tls-authority-file", Path::of),
            p.optional("splitrack.tls-certificate-file", Path::of),
            p.optional("splitrack.tls-key-file", Path::of));
    return new ComponentSettings(
        p.required("splitrack.component", ComponentId::parse),
        p.required("splitrack.rack-id", RackId::parse),
        p.required("splitrack.secret-file", Path::of),
        bind,
        p.orDefault("splitrack.port", "0", ComponentSettings::port),
        p.orDefault("splitrack.advertise", bind, text -> text),
        p.optional("splitrack.manager", Endpoint::parse),
        broker(
            p.optional("splitrack.kafka", ComponentSettings::servers),
            p.optional("splitrack.kafka-properties-file", Path::of),
            p.orDefault("splitrack.kafka-mtls", "false", ComponentSettings::yesOrNo),
            tls),
        p.optional("splitrack.postgres-url", text -> text),
        p.optional("splitrack.postgres-user", text -> text),
        p.optional("splitrack.postgres-password-file", Path::of),
        p.required("splitrack.data-dir", Path::of),
        p.orDefault("splitrack.memory-limit", DEFAULT_MEMORY_LIMIT, ComponentSettings::bytes),
        p.orDefault("splitrack.cache-bytes", DEFAULT_CACHE, ComponentSettings::bytes),
        p.orDefault("splitrack.disk-limit", DEFAULT_DISK_LIMIT, ComponentSettings::bytes),
        p.orDefault("splitrack.node", "localhost", text -> text),
        p.optional("splitrack.operator-token-file", Path::of),
        new LinkProfile(
            p.orDefault("splitrack.link-delay-us", "0", Long::parseLong) * NS_PER_US,
            p.orDefault("splitrack.link-bytes-per-second", "0", Long::parseLong),
            false),
        p.orDefault("splitrack.leave-within-s", "0", ComponentSettings::seconds),
        tls);
  }

  /**
   * The links over which this component reaches the others.
   *
   * @throws IOException with one line when its certificate cannot be read
   */
  public LinkShim links() throws IOException {
    TcpTransport tcp = new TcpTransport();
    return new LinkShim(tls == null ? tcp : new TlsTransport(tcp, tls.read()), link);
  }

  /** What others are told of a port that this component listens on. */
  public Endpoint advertised(int listeningPort) {
    return new Endpoint(advertise, listeningPort);
  }

  private static @Nullable TlsFiles tls(
      @Nullable Path authority, @Nullable Path certificate, @Nullable Path key) {
    if (authority == null && certificate == null && key == null) {
      return null;
    }
    if (authority == null || certificate == null || key == null) {
      throw new IllegalArgumentException(
          "splitrack.tls-authority-file, -certificate-file and -key-file: set all three or none");
    }
    return new TlsFiles(authority, certificate, key);
  }

  private static @Nullable BrokerAccess broker(
      @Nullable String servers, @Nullable Path file, boolean mtls, @Nullable TlsFiles tls) {
    BrokerSecurity security = security(file, mtls, tls);
    return servers == null ? null : new BrokerAccess(servers, security);
  }

  private static BrokerSecurity security(
      @Nullable Path file, boolean mtls, @Nullable TlsFiles tls) {
    if (!mtls) {
      return file == null ? new BrokerSecurity.None() : new BrokerSecurity.PropertiesFile(file);
    }
    if (file != null) {
      throw new IllegalArgumentException(
          "splitrack.kafka-mtls and splitrack.kafka-properties-file: set one or none");
    }
    if (tls == null) {
      throw new IllegalArgumentException(
          "splitrack.kafka-mtls needs splitrack.tls-authority-file, -certificate-file and -key-file");
    }
    return new BrokerSecurity.RackTls(tls);
  }

  private static boolean yesOrNo(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("not true or false");
    };
  }

  private static String servers(String text) {
    for (String server : text.split(",", -1)) {
      Endpoint.parse(server);
    }
    return text;
  }

  private static int port(String text) {
    int port = Integer.parseInt(text);
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("not between 0 and 65535");
    }
    return port;
  }

  private static Duration seconds(String text) {
    long seconds = Long.parseLong(text);
    if (seconds < 0) {
      throw new IllegalArgumentException("negative");
    }
    return Duration.ofSeconds(seconds);
  }

  private static long bytes(String text) {
    long bytes = Long.parseLong(text);
    if (bytes <= 0) {
      throw new IllegalArgumentException("not positive");
    }
    return bytes;
  }

  private record Properties(Function<String, @Nullable String> source) {
    <T> T required(String name, Function<String, T> parse) {
      T value = optional(name, parse);
      if (value == null) {
        throw new IllegalArgumentException(name + " is not set");
      }
      return value;
    }

    <T> T orDefault(String name, String defaultText, Function<String, T> parse) {
      T value = optional(name, parse);
      return value == null ? parse.apply(defaultText) : value;
    }

    <T> @Nullable T optional(String name, Function<String, T> parse) {
      String text = source.apply(name);
      if (text == null || text.isBlank()) {
        return null;
      }
      try {
        return parse.apply(text.trim());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            name + " = '" + text + "' is wrong: " + e.getMessage(), e);
      }
    }
  }
}
