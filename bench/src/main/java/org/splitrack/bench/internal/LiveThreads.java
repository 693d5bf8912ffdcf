package org.splitrack.bench.internal;

import com.sun.management.ThreadMXBean;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.Arrays;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** Looks into another JVM of this machine and user: what its threads have allocated. */
public final class LiveThreads implements AutoCloseable {
  private final JMXConnector connector;
  private final ThreadMXBean threads;

  private LiveThreads(JMXConnector connector, ThreadMXBean threads) {
    this.connector = connector;
    this.threads = threads;
  }

  /** Attaches to the process. */
  @SuppressWarnings("BanJNDI") // the address is what this user's own process answered just now
  public static LiveThreads of(long pid) throws IOException {
    String address;
    try {
      VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
      address = machine.startLocalManagementAgent();
      machine.detach();
    } catch (AttachNotSupportedException e) {
      throw new IOException("process " + pid + " is no JVM that can be looked into", e);
    }
    JMXConnector connector = JMXConnectorFactory.connect(new JMXServiceURL(address));
    return new LiveThreads(
        connector,
        ManagementFactory.newPlatformMXBeanProxy(
            connector.getMBeanServerConnection(),
            ManagementFactory.THREAD_MXBEAN_NAME,
            ThreadMXBean.class));
  }

  /** Ids of the living threads whose names begin so; at least one. */
  public long[] named(String prefix) {
    long[] ids =
        Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
            .filter(thread -> thread != null && thread.getThreadName().startsWith(prefix))
            .mapToLong(ThreadInfo::getThreadId)
            .toArray();
    if (ids.length == 0) {
      throw new IllegalArgumentException("no thread is named " + prefix);
    }
    return ids;
  }

  /** What these threads have allocated since they started. */
  public long allocatedBytes(long[] ids) {
    return Arrays.stream(threads.getThreadAllocatedBytes(ids)).sum();
  }

  @Override
  public void close() throws IOException {
    connector.close();
  }
}
