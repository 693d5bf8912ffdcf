package org.splitrack.manager.internal;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import jakarta.servlet.Filter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.config.ComponentSettings;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.control.LinkFaults;
import org.splitrack.fabric.report.KafkaStateReporter;
import org.splitrack.fabric.report.StateReporter;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.SharedSecret;
import org.splitrack.fabric.transport.Transport;
import org.splitrack.manager.internal.authority.ConfigStore;
import org.splitrack.manager.internal.authority.Guard;
import org.splitrack.manager.internal.authority.Leadership;
import org.splitrack.manager.internal.authority.MigrationRows;
import org.splitrack.manager.internal.authority.PostgresConfigStore;
import org.splitrack.manager.internal.authority.ProgramRows;
import org.splitrack.manager.internal.authority.Tables;
import org.splitrack.manager.internal.file.ControlledExtentStores;
import org.splitrack.manager.internal.file.GlobalFiles;
import org.splitrack.manager.internal.http.ApiTls;
import org.splitrack.manager.internal.http.BodyLimit;
import org.splitrack.manager.internal.http.CommandRole;
import org.splitrack.manager.internal.http.OperatorToken;
import org.splitrack.manager.internal.membership.Member;
import org.splitrack.manager.internal.membership.Membership;
import org.splitrack.manager.internal.membership.SilenceLimits;
import org.splitrack.manager.internal.memory.Draining;
import org.splitrack.manager.internal.memory.MigrationCommands;
import org.splitrack.manager.internal.memory.MoveLimits;
import org.splitrack.manager.internal.pod.ConfigWatch;
import org.splitrack.manager.internal.pod.PodWatch;
import org.splitrack.manager.internal.pod.ReleaseName;
import org.splitrack.manager.internal.process.ProcessCommands;
import org.splitrack.manager.internal.process.ProcessEnds;
import org.splitrack.manager.internal.process.ProcessStarts;
import org.splitrack.manager.internal.process.ProgramStore;
import org.splitrack.manager.internal.report.RackReports;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Puts the manager together. Nothing here connects anywhere: {@link ManagerNode} does, later. */
@Configuration(proxyBeanMethods = false)
class ManagerConfiguration {
  private static final int DATABASE_CONNECTIONS = 8;
  private static final int DATABASE_CONNECT_MS = 2_000;
  private static final int DATABASE_ANSWER_S = 10;

  @Bean
  ComponentSettings settings(Environment environment) {
    return ComponentSettings.read(environment::getProperty);
  }

  @Bean
  Identity identity(ComponentSettings settings) throws IOException {
    return new Identity(
        settings.rack(),
        settings.component(),
        BootId.random(),
        SharedSecret.read(settings.secretFile()));
  }

  @Bean
  Transport transport(ComponentSettings settings) throws IOException {
    return settings.links();
  }

  @Bean(destroyMethod = "close")
  ControlClient controlClient(Transport transport, Identity identity) {
    return new ControlClient(new Dialer(transport, identity));
  }

  @Bean
  ControlServer controlServer(
      Identity identity, Transport transport, List<ControlHandlers> handlers) {
    ControlServer server = new ControlServer(identity.rack());
    LinkFaults.register(server, transport);
    handlers.forEach(part -> part.registerAt(server));
    return server;
  }

  @Bean
  InstantSource clock() {
    return InstantSource.system();
  }

  @Bean(destroyMethod = "close")
  KafkaStateReporter stateReporter(ComponentSettings settings, Identity identity) {
    return KafkaStateReporter.start(
        identity.component().toString(),
        identity.boot(),
        required("splitrack.kafka", settings.kafka()));
  }

  @Bean(destroyMethod = "")
  HikariDataSource dataSource(ComponentSettings settings) throws IOException {
    HikariConfig config = new HikariConfig();
    config.setPoolName("postgres");
    config.setJdbcUrl(required("splitrack.postgres-url", settings.postgresUrl()));
    config.setUsername(settings.postgresUser());
    Path passwordFile = settings.postgresPasswordFile();
    if (passwordFile != null) {
      // At every connection, so that a new password needs no restart.
      config.setCredentialsProvider(
          () -> Credentials.of(settings.postgresUser(), password(passwordFile)));
    }
    config.setMaximumPoolSize(DATABASE_CONNECTIONS);
    config.setMinimumIdle(0);
    // A start must not fail, or wait, because PostgreSQL is not there yet.
    config.setInitializationFailTimeout(-1);
    config.setConnectionTimeout(DATABASE_CONNECT_MS);
    config.setValidationTimeout(DATABASE_CONNECT_MS / 2);
    config.addDataSourceProperty("ApplicationName", settings.component().toString());
    // What is acknowledged is on disk, whatever the server's own default is.
    config.addDataSourceProperty("options", "-c synchronous_commit=on");
    config.addDataSourceProperty("connectTimeout", DATABASE_CONNECT_MS / 1_000);
    config.addDataSourceProperty("socketTimeout", DATABASE_ANSWER_S);
    return new HikariDataSource(config);
  }

  private static String password(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("the password of PostgreSQL: " + e.getMessage(), e);
    }
  }

  /** The pool's close waits for connections that it is about to make; an end must not. */
  @Bean
  DisposableBean databaseClose(HikariDataSource dataSource) {
    return () -> Thread.ofPlatform().daemon().name("database-close").start(dataSource::close);
  }

  @Bean
  Guard postgresGuard() {
    return new Guard("PostgreSQL");
  }

  @Bean
  Tables tables(DataSource dataSource, Guard postgresGuard) {
    return new Tables(JdbcClient.create(dataSource), postgresGuard);
  }

  @Bean
  PostgresConfigStore configStore(DataSource dataSource, Guard postgresGuard) {
    return new PostgresConfigStore(dataSource, postgresGuard, PostgresConfigStore.PATIENCE);
  }

  @Bean
  Leadership leadership(DataSource dataSource, Guard postgresGuard, Identity identity) {
    return new Leadership(
        JdbcClient.create(dataSource), postgresGuard, identity.component(), identity.boot());
  }

  @Bean
  Reign reign(Leadership leadership, PostgresConfigStore store, ManagerParts parts) {
    return new PostgresReign(leadership, store, parts.leaderStart(), System::nanoTime);
  }

  @Bean
  BackingServices backingServices(
      Identity identity,
      ComponentSettings settings,
      Tables tables,
      Reign reign,
      ManagerParts parts,
      ConfigStore store,
      RackReports reports,
      InstantSource clock) {
    return new BackingServices(
        identity.component(),
        identity.boot(),
        settings.node(),
        tables,
        reign,
        parts.numbers().all(),
        parts.earlierStart(),
        new Guard("Kafka"),
        parts.readiness(),
        parts.waits(),
        store,
        reports,
        clock);
  }

  @Bean
  Membership membership() {
    return new Membership(SilenceLimits.defaults(), System.nanoTime());
  }

  @Bean
  ProgramStore programStore(ComponentSettings settings, DataSource dataSource, Guard postgresGuard)
      throws IOException {
    return ProgramStore.open(
        settings.dataDir().resolve("programs"),
        ProgramStore.DEFAULT_LIMIT_BYTES,
        new ProgramRows(
            JdbcClient.create(dataSource), postgresGuard, ProgramStore.DEFAULT_LIMIT_BYTES));
  }

  @Bean
  RackReports reports(StateReporter reporter, Membership membership) {
    return new RackReports(
        reporter, component -> membership.member(component).map(Member::node).orElse(""));
  }

  @Bean
  ManagerParts parts(
      Identity identity,
      DataSource dataSource,
      Guard postgresGuard,
      ConfigStore store,
      Membership membership,
      ProgramStore programs,
      Tables tables,
      ControlClient control,
      RackReports reports,
      InstantSource clock) {
    return ManagerParts.of(
        identity,
        store,
        new MigrationRows(JdbcClient.create(dataSource), postgresGuard, store),
        membership,
        programs,
        tables,
        new ManagerParts.Sources(
            tables::takeProcessNumbers,
            tables::takeRegionNumbers,
            tables::takeFailoverNumbers,
            tables::takeMigrationNumbers),
        control,
        reports,
        clock);
  }

  @Bean
  ControlHandlers managerCalls(ManagerParts parts) {
    return parts.calls();
  }

  @Bean
  ProcessStarts processStarts(ManagerParts parts) {
    return parts.starts();
  }

  @Bean
  ProcessEnds processEnds(ManagerParts parts) {
    return parts.ends();
  }

  @Bean
  ProcessCommands processCommands(ManagerParts parts) {
    return parts.commands();
  }

  @Bean
  MigrationCommands migrationCommands(ManagerParts parts) {
    return parts.migrationCommands();
  }

  @Bean
  Draining draining(ManagerParts parts) {
    return parts.draining();
  }

  @Bean
  MirrorSync mirrorSync(ManagerParts parts) {
    return parts.sync();
  }

  @Bean
  HealthIndicator rackHealthIndicator(ManagerParts parts) {
    return new ReadinessHealth(parts.readiness());
  }

  @Bean(destroyMethod = "close")
  GlobalFiles globalFiles(
      DataSource dataSource, Membership membership, ConfigStore store, ControlClient control) {
    return new GlobalFiles(
        dataSource,
        new MemberStorageNodes(membership),
        (process, incarnation) ->
            store
                .process(process)
                .filter(row -> row.isRunning() && row.incarnation() == incarnation)
                .isPresent(),
        new ControlledExtentStores(control));
  }

  @Bean
  ControlHandlers fileCalls(GlobalFiles files) {
    return files::register;
  }

  @Bean
  OpenFiles openFiles(GlobalFiles files, ConfigStore store, ManagerParts parts) {
    OpenFiles openFiles = new OpenFiles(files, store, parts.readiness());
    parts.ends().onEnd(openFiles::ended);
    return openFiles;
  }

  @Bean
  ManagerNode node(
      ComponentSettings settings,
      Identity identity,
      Transport transport,
      ControlServer server,
      ManagerParts parts,
      BackingServices backing,
      OpenFiles openFiles,
      Leadership leadership) {
    return new ManagerNode(
        settings, identity, transport, server, parts, backing, openFiles, leadership);
  }

  @Bean
  MoveLimits moveLimits(Environment environment, ManagerParts parts, RackReports reports) {
    return new MoveLimits(MoveLimits.read(environment::getProperty), parts.watch()::limit, reports);
  }

  @Bean(destroyMethod = "close")
  @ConditionalOnProperty("splitrack.pods-of")
  KubernetesClient kubernetesClient() {
    return new KubernetesClientBuilder().build();
  }

  @Bean
  @ConditionalOnProperty("splitrack.pods-of")
  PodWatch podWatch(
      KubernetesClient kubernetes,
      @Value("${splitrack.pods-of}") String podsOf,
      ManagerParts parts) {
    PodWatch watch = new PodWatch(kubernetes, ReleaseName.parse(podsOf), parts.reactions());
    parts.departures().onStuck((component, why) -> watch.warn(component, "CannotStop", why));
    parts.waits().onLong((component, why) -> watch.warn(component, "Waits", why));
    return watch;
  }

  @Bean
  @ConditionalOnProperty("splitrack.pods-of")
  ConfigWatch limitsWatch(
      KubernetesClient kubernetes,
      @Value("${splitrack.pods-of}") String podsOf,
      MoveLimits limits) {
    ReleaseName of = ReleaseName.parse(podsOf);
    String name = of.release() + "-limits";
    return new ConfigWatch(kubernetes, of.namespace(), name, next -> limits.want(name, next));
  }

  @Bean
  FilterRegistrationBean<OperatorToken> operatorToken(ComponentSettings settings)
      throws IOException {
    return onEverything(OperatorToken.read(settings.operatorTokenFile()), 1);
  }

  @Bean
  FilterRegistrationBean<BodyLimit> bodyLimit() {
    return onEverything(new BodyLimit(), 2);
  }

  @Bean
  @ConditionalOnProperty("splitrack.tls-certificate-file")
  ApiTls apiTls(ComponentSettings settings) {
    return new ApiTls(required("splitrack.tls-certificate-file", settings.tls()));
  }

  @Bean
  @ConditionalOnProperty("splitrack.tls-certificate-file")
  FilterRegistrationBean<CommandRole> commandRole() {
    return onEverything(new CommandRole(), 0);
  }

  private static <F extends Filter> FilterRegistrationBean<F> onEverything(F filter, int order) {
    FilterRegistrationBean<F> registration = new FilterRegistrationBean<>(filter);
    registration.addUrlPatterns("/*");
    registration.setOrder(order);
    return registration;
  }

  private static <T> T required(String name, @Nullable T value) {
    return Objects.requireNonNull(value, name + " is not set");
  }
}
