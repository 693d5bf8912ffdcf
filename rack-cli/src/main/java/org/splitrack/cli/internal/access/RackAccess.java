package org.splitrack.cli.internal.access;

import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.transport.Dialer;

/**
 * One rack as commands reach it: where they dial for what it calls by other addresses, and what
 * they show there. Safe from any thread.
 *
 * <p>Every method throws {@link RackFailure} in one line when the rack is not there.
 */
public interface RackAccess extends AutoCloseable {
  /** Where the global manager's HTTP API answers now; may differ from call to call. */
  Endpoint managerHttp();

  /** How long a manager that does not answer may take to come back by itself. */
  Duration managerPatience();

  /** What every call of that API shows. */
  String operatorToken();

  /** Dials components in the name of this command. */
  Dialer dialer();

  /** What the manager's HTTP API is spoken to with; null = in clear. */
  @Nullable SSLContext managerTls();

  /** Where to dial for a component that others reach at {@code advertised}. */
  Endpoint reach(Endpoint advertised);

  /** Of the tables, without user and password. */
  String jdbcUrl();

  /** What {@link #jdbcUrl} ends with when this is closed. */
  boolean endsWithCommand();

  /** The password of the role that may read. */
  String readerPassword();

  /** What can be done to components. */
  RackFaults faults();

  /** How many components there are, to be changed. */
  RackSize size();

  /** What to do when a component does not answer; follows a colon. */
  String advice();

  @Override
  void close();
}
