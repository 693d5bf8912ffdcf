package org.splitrack.manager.internal.pod;

import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * An informer that runs for as long as the application does. While the Kubernetes API is away it
 * tries on, and the rack goes on without it.
 */
abstract class Watch<T> implements SmartLifecycle {
  private static final Logger LOG = LoggerFactory.getLogger(Watch.class);

  private final String what;
  private @Nullable SharedIndexInformer<T> informer;

  /**
   * @param what is watched, for the log
   */
  Watch(String what) {
    this.what = what;
  }

  /** One that has not been started, and tells what it finds. */
  abstract SharedIndexInformer<T> informer();

  @Override
  public final synchronized void start() {
    SharedIndexInformer<T> made = informer();
    made.exceptionHandler((started, e) -> goOn(e));
    made.start();
    informer = made;
  }

  private boolean goOn(Throwable e) {
    LOG.warn("{}: not watched for now: {}", what, e.getMessage());
    return true;
  }

  @Override
  public final synchronized void stop() {
    if (informer != null) {
      informer.stop();
      informer = null;
    }
  }

  @Override
  public final synchronized boolean isRunning() {
    return informer != null;
  }

  /** What it has found so far; null while it does not run. */
  final synchronized @Nullable SharedIndexInformer<T> running() {
    return informer;
  }
}
