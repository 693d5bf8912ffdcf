package org.splitrack.manager.internal;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.manager.internal.authority.ConfigStore;
import org.splitrack.manager.internal.authority.ProcessRow;

/**
 * Rows as a manager sees them that may not get the answer to what it was just storing, and may lose
 * the lead with it.
 */
final class LeadOnLoan implements InvocationHandler {
  private final ConfigStore rows;
  private boolean leads = true;
  private long term;
  private boolean losesWhenStoring;
  private boolean refusesChanges;
  private boolean losesExpulsion;

  /** Was replaced, which the manager does not know yet. */
  private @Nullable ProcessRow expelledUnheard;

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

  /** The next expulsion is stored, but only who stores another knows of it. */
  synchronized void loseTheAnswerToAnExpulsion() {
    losesExpulsion = true;
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
      case "process" ->
          expelledUnheard != null && args != null && expelledUnheard.process().equals(args[0])
              ? Optional.of(expelledUnheard)
              : call(method, args);
      case "expel" -> expel(method, args);
      default -> call(method, args);
    };
  }

  /** Asking again for what was stored says that it was, and shows what is stored now. */
  private @Nullable Object expel(Method method, Object @Nullable [] args) throws Throwable {
    ProcessRow expected = (ProcessRow) Objects.requireNonNull(args)[0];
    ProcessRow next = (ProcessRow) args[1];
    if (expelledUnheard != null) {
      expelledUnheard = null;
      return rows.process(next.process()).equals(Optional.of(next))
          ? Optional.of(List.of())
          : Optional.empty();
    }
    Object gone = call(method, args);
    if (losesExpulsion) {
      losesExpulsion = false;
      expelledUnheard = expected;
      throw new ControlFault(Code.UNAVAILABLE, "PostgreSQL did not answer");
    }
    return gone;
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
