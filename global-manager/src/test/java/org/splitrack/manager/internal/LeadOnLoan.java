package org.splitrack.manager.internal;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.manager.internal.authority.ConfigStore;

/**
 * Rows as a manager sees them that may lose the lead, and with it the answer to what it was just
 * storing.
 */
final class LeadOnLoan implements InvocationHandler {
  private final ConfigStore rows;
  private boolean leads = true;
  private long term;
  private boolean losesWhenStoring;
  private boolean refusesChanges;

  LeadOnLoan(ConfigStore rows) {
    this.rows = rows;
    this.term = rows.term();
  }

  ConfigStore asSeenByTheManager() {
    return (ConfigStore)
        Proxy.newProxyInstance(
            ConfigStore.class.getClassLoader(), new Class<?>[] {ConfigStore.class}, this);
  }

  /** The next rows of regions are stored, but nobody hears of it, and the lead is gone. */
  synchronized void loseWhenStoring() {
    losesWhenStoring = true;
  }

  /** Rows of regions can be read, and not changed, as long as this holds. */
  synchronized void refuseChanges(boolean refuses) {
    refusesChanges = refuses;
  }

  /** Leads again, under a new number. */
  synchronized void lead() {
    term++;
    leads = true;
  }

  @Override
  public synchronized @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] args)
      throws Throwable {
    return switch (method.getName()) {
      case "term" -> leads ? term : 0L;
      case "leads" -> leads;
      default -> call(method, args);
    };
  }

  private @Nullable Object call(Method method, Object @Nullable [] args) throws Throwable {
    if (!leads) {
      throw new ControlFault(Code.UNAVAILABLE, "this manager does not lead");
    }
    if (refusesChanges && method.getName().equals("change")) {
      throw new ControlFault(Code.UNAVAILABLE, "PostgreSQL does not answer");
    }
    Object result;
    try {
      result = method.invoke(rows, args);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
    if (losesWhenStoring && method.getName().equals("addRegions")) {
      losesWhenStoring = false;
      leads = false;
      throw new ControlFault(Code.UNAVAILABLE, "PostgreSQL did not answer");
    }
    return result;
  }
}
