package org.splitrack.mcomponent.internal;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlReply;
import org.splitrack.fabric.control.ControlRequest;
import org.splitrack.mcomponent.internal.page.CopyReports;

/**
 * Tells the manager what copies have to say, one thing after another, on a thread of its own. What
 * finds no room, or no manager, is dropped: the copies say it again for as long as it is so.
 */
final class ManagerReports implements CopyReports, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ManagerReports.class);
  private static final int MAX_WAITING = 1024;
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(1);

  private final ControlClient client;
  private final Endpoint manager;
  private final BlockingQueue<ControlRequest<ControlReply.Done>> waiting =
      new ArrayBlockingQueue<>(MAX_WAITING);
  private final Thread thread;

  ManagerReports(ControlClient client, Endpoint manager) {
    this.client = client;
    this.manager = manager;
    this.thread = Thread.ofPlatform().daemon().name("copy-reports").start(this::run);
  }

  @Override
  public void tell(ControlRequest<ControlReply.Done> news) {
    if (!waiting.offer(news)) {
      LOG.debug("too much to tell the manager, dropped {}", news);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void run() {
    try {
      while (true) {
        ControlRequest<ControlReply.Done> news = waiting.take();
        try {
          client.call(manager, news, CALL_TIMEOUT);
        } catch (ControlFault fault) {
          LOG.debug("the manager was not told {}: {}", news, fault.getMessage());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
