package org.splitrack.cli.internal.kube;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.splitrack.certificates.RackCertificates;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.Progress;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.access.RackAccess;
import org.splitrack.cli.internal.access.RackFaults;
import org.splitrack.cli.internal.access.RackSize;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.Causes;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.RackId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.config.PostgresUrl;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.SharedSecret;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.transport.TlsCredentials;
import org.splitrack.fabric.transport.TlsTransport;

/**
 * A release of the chart in the current kube context. Ports are forwarded through the API server,
 * so a rack needs no address outside its cluster; whoever may forward ports and read the rack's
 * Secret may command it.
 */
public final class KubeAccess implements RackAccess {
  static final int FABRIC_PORT = 7000;
  private static final int MANAGER_HTTP_PORT = 8080;
  private static final int POSTGRES_PORT = 5432;

  /**
   * In which Kubernetes starts a pod again, on another node if need be: 50 s until it takes note of
   * a dead node, 10 s that the chart gives it to come back, the rest for the start.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(100);

  /** Kept, so that its level is: it warns of every forwarded port that its pod closes first. */
  private static final Logger CLIENT_LOG = Logger.getLogger("io.fabric8.kubernetes.client");

  private static final String MTLS = "mtls";
  private static final int REQUEST_LIMIT_MS = 10_000;
  private static final ComponentId MANAGER = new ComponentId(Role.GLOBAL_MANAGER, 0);
  private static final ComponentId POSTGRES = new ComponentId(Role.POSTGRES, 0);
  private static final ComponentId TABLES = new ComponentId(Role.TABLE_SERVICE, 0);

  private final KubernetesClient client;
  private final ReleaseName name;
  private final Map<String, String> facts;
  private final Map<String, String> secret;
  private final RackPods pods;
  private final @Nullable TlsCredentials tls;
  private final Dialer dialer;
  private @Nullable TablesTunnel tunnel;
  private @Nullable CertificateFiles shown;

  private KubeAccess(
      KubernetesClient client,
      ReleaseName name,
      Map<String, String> facts,
      Map<String, String> secret,
      Progress progress) {
    this.client = client;
    this.name = name;
    this.facts = facts;
    this.secret = secret;
    this.pods = new RackPods(client, name, progress);
    this.tls = usesTls() ? credentials(Role.CLI) : null;
    this.dialer = dialer(new ComponentId(Role.CLI, 0), tls);
  }

  private Dialer dialer(ComponentId as, @Nullable TlsCredentials credentials) {
    TcpTransport tcp = new TcpTransport();
    return new Dialer(
        credentials == null ? tcp : new TlsTransport(tcp, credentials),
        new Identity(
            RackId.parse(secret("rack-id")),
            as,
            BootId.random(),
            SharedSecret.parse(secret("rack-secret"))));
  }

  /**
   * Looks the release up.
   *
   * @throws RackFailure with exit code 4 when there is none
   */
  public static KubeAccess connect(ReleaseName name, Progress progress) {
    Config config = Config.autoConfigure(null);
    config.setConnectionTimeout(REQUEST_LIMIT_MS);
    config.setRequestTimeout(REQUEST_LIMIT_MS);
    config.setRequestRetryBackoffLimit(1);
    CLIENT_LOG.setLevel(Level.SEVERE);
    KubernetesClient client = new KubernetesClientBuilder().withConfig(config).build();
    try {
      ConfigMap facts =
          client.configMaps().inNamespace(name.namespace()).withName(name.workload("rack")).get();
      if (facts == null) {
        throw RackFailure.of(
            ExitCode.NO_RACK,
            "no release %s in namespace %s of %s: helm -n %s install %s helm/splitrack makes one"
                .formatted(
                    name.release(),
                    name.namespace(),
                    config.getMasterUrl(),
                    name.namespace(),
                    name.release()));
      }
      String secretName = facts.getData().getOrDefault("secret", name.workload("rack"));
      Secret secret = client.secrets().inNamespace(name.namespace()).withName(secretName).get();
      if (secret == null || secret.getData() == null) {
        throw RackFailure.failed(
            "the Secret %s of %s is not there: helm upgrade makes it again"
                .formatted(secretName, name));
      }
      return new KubeAccess(client, name, facts.getData(), secret.getData(), progress);
    } catch (KubernetesClientException e) {
      client.close();
      throw unreachable(e);
    } catch (RackFailure e) {
      client.close();
      throw e;
    }
  }

  static RackFailure unreachable(KubernetesClientException e) {
    return RackFailure.of(
        ExitCode.RACK_FAILED,
        "the Kubernetes API does not do this (%s): check kubectl config current-context, and your rights there"
            .formatted(RackFailure.reason(Causes.innermost(e))));
  }

  private TlsCredentials credentials(Role of) {
    String role = of.prefix();
    try {
      return TlsCredentials.of(
          secret(RackCertificates.AUTHORITY),
          secret(RackCertificates.certificate(role)),
          secret(RackCertificates.key(role)));
    } catch (IOException e) {
      throw RackFailure.failed("the Secret of %s: %s".formatted(name, RackFailure.reason(e)));
    }
  }

  private String secret(String key) {
    String value = secret.get(key);
    if (value == null) {
      throw RackFailure.failed("the Secret of %s lacks %s".formatted(name, key));
    }
    return new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8).strip();
  }

  @Override
  public Endpoint managerHttp() {
    return pods.forward(pods.awaitRunning(MANAGER, PATIENCE), MANAGER_HTTP_PORT);
  }

  @Override
  public Duration managerPatience() {
    return PATIENCE;
  }

  @Override
  public String operatorToken() {
    return secret("operator-token");
  }

  @Override
  public Dialer dialer() {
    return dialer;
  }

  @Override
  public @Nullable SSLContext managerTls() {
    return tls == null ? null : tls.contextFor(Role.GLOBAL_MANAGER);
  }

  @Override
  public Endpoint reach(Endpoint advertised) {
    Pod pod =
        pods.all().stream()
            .filter(candidate -> advertised.host().equals(candidate.getStatus().getPodIP()))
            .findFirst()
            .orElseThrow(
                () ->
                    RackFailure.failed(
                        "no pod of %s has the address %s".formatted(name, advertised)));
    return pods.forward(pod, advertised.port());
  }

  @Override
  public String jdbcUrl() {
    if ("bundled".equals(facts.get("postgres"))) {
      return "jdbc:postgresql://%s/splitrack%s"
          .formatted(
              pods.forward(pods.awaitRunning(POSTGRES, PATIENCE), POSTGRES_PORT),
              tls == null ? "" : "?" + shown(tls).urlParameters());
    }
    return PostgresUrl.parse(facts.getOrDefault("jdbc-url", "")).through(tunnel().endpoint());
  }

  /** To a PostgreSQL of the release, which asks for a certificate of the rack's. */
  private synchronized CertificateFiles shown(TlsCredentials own) {
    CertificateFiles files = shown;
    if (files == null) {
      files =
          CertificateFiles.write(
              secret(RackCertificates.AUTHORITY),
              secret(RackCertificates.certificate(Role.CLI.prefix())),
              own.encodedKey());
      shown = files;
    }
    return files;
  }

  /** To a database that is no pod of the release, and that may be reached only from its pods. */
  private synchronized TablesTunnel tunnel() {
    TablesTunnel open = tunnel;
    if (open == null) {
      open =
          TablesTunnel.open(
              dialer, () -> pods.forward(pods.awaitRunning(TABLES, PATIENCE), FABRIC_PORT));
      tunnel = open;
    }
    return open;
  }

  @Override
  public boolean endsWithCommand() {
    return true;
  }

  @Override
  public String readerPassword() {
    return secret("postgres-reader.password");
  }

  /** Dials in the name of any component: whoever may read the rack's Secret may be anyone in it. */
  public Dialer dialerAs(ComponentId id) {
    return dialer(id, usesTls() ? credentials(id.role()) : null);
  }

  /** Whether its components speak TLS with one another. */
  public boolean usesTls() {
    return MTLS.equals(facts.get("transport"));
  }

  /** Where others in the cluster reach a component's pod. */
  public String podAddress(ComponentId id) {
    return pods.running(id).getStatus().getPodIP();
  }

  /** On which node each component runs. */
  public Map<ComponentId, String> nodes() {
    return pods.nodes();
  }

  /** Whether a node is there and well. */
  public boolean isReady(String node) {
    try {
      Node now = client.nodes().withName(node).get();
      return now != null
          && now.getStatus().getConditions().stream()
              .anyMatch(one -> one.getType().equals("Ready") && one.getStatus().equals("True"));
    } catch (KubernetesClientException e) {
      throw unreachable(e);
    }
  }

  /**
   * Starts a job of the image {@code cluster-jobs} in the pod of a component.
   *
   * @param job used once in the life of a pod
   * @param environment besides what the component's own container is told
   */
  public PodJob startJob(
      ComponentId beside, String job, List<String> arguments, Map<String, String> environment) {
    return PodJob.start(pods, beside, job, arguments, environment);
  }

  /**
   * Lets a port through from one pod to another.
   *
   * @param path its name, used once at a time
   */
  public PodPath openPath(String path, ComponentId from, ComponentId to, int port) {
    return PodPath.open(client, name, path, from, to, port);
  }

  /** What the components use, in order of their names. */
  public List<PodUsage> usage() {
    return pods.usage();
  }

  /** Ends a component's pod as {@code kubectl delete pod --force --grace-period=0} does. */
  public void deleteByForce(ComponentId id) {
    new KubeFaults(pods, dialer).deleteByForce(id);
  }

  @Override
  public RackFaults faults() {
    return new KubeFaults(pods, dialer);
  }

  @Override
  public RackSize size() {
    return new KubeSize(client, pods, name);
  }

  @Override
  public String advice() {
    return "kubectl -n %s get pods shows how it is".formatted(name.namespace());
  }

  @Override
  public synchronized void close() {
    if (tunnel != null) {
      tunnel.close();
    }
    if (shown != null) {
      shown.close();
    }
    pods.close();
    client.close();
  }
}
