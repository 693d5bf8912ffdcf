package org.splitrack.manager.internal.authority;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.time.Duration;
import java.util.function.Supplier;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;

/**
 * Keeps control calls from piling up on a peer that does not answer: after a few failures calls are
 * refused at once, and now and then one is let through to see whether it is back.
 */
public final class Guard {
  private static final int WINDOW_CALLS = 8;
  private static final int MIN_CALLS = 4;
  private static final Duration OPEN_FOR = Duration.ofSeconds(1);

  private final String peer;
  private final CircuitBreaker breaker;
  private volatile String lastFailure;

  /**
   * @param peer for messages: {@code PostgreSQL}
   */
  public Guard(String peer) {
    this.peer = peer;
    this.lastFailure = peer + " does not answer";
    this.breaker =
        CircuitBreaker.of(
            peer,
            CircuitBreakerConfig.custom()
                .slidingWindowSize(WINDOW_CALLS)
                .minimumNumberOfCalls(MIN_CALLS)
                .permittedNumberOfCallsInHalfOpenState(1)
                .waitDurationInOpenState(OPEN_FOR)
                .build());
  }

  /**
   * Makes a call.
   *
   * @throws ControlFault UNAVAILABLE, with one line, when it fails or is not even tried
   */
  public <T> T call(Supplier<T> call) {
    try {
      return breaker.executeSupplier(call);
    } catch (CallNotPermittedException e) {
      throw new ControlFault(Code.UNAVAILABLE, lastFailure);
    } catch (ControlFault e) {
      lastFailure = String.valueOf(e.getMessage());
      throw e;
    } catch (RuntimeException e) {
      lastFailure = peer + " does not answer: " + firstLine(e);
      throw new ControlFault(Code.UNAVAILABLE, lastFailure);
    }
  }

  private static String firstLine(RuntimeException e) {
    Throwable root = e;
    for (Throwable cause = root; cause != null; cause = cause.getCause()) {
      root = cause;
    }
    String message = root.getMessage() == null ? root.toString() : root.getMessage();
    return message.lines().findFirst().orElse(root.toString());
  }
}
