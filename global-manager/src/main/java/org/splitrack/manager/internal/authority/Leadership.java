package org.splitrack.manager.internal.authority;

import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.control.ControlFault;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Which manager leads, as {@code os_res.leader} says it. Whoever has not said for {@value
 * #SILENCE_S} seconds that it lives, by the database's clock, may be followed by another; its term
 * is over then, and none of its changes is taken any more: that, not the time, makes two leaders
 * harmless. While the database is away a leader goes on leading, since nobody can follow it.
 *
 * <p>Steps are taken by one thread; the rest is safe from any.
 */
public final class Leadership {
  public static final int SILENCE_S = 2;
  private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);

  private final JdbcClient jdbc;
  private final Guard guard;
  private final ComponentId self;
  private final BootId boot;
  private volatile long term;

  public Leadership(JdbcClient jdbc, Guard guard, ComponentId self, BootId boot) {
    this.jdbc = jdbc;
    this.guard = guard;
    this.self = self;
    this.boot = boot;
  }

  /** Term of this start of this manager; 0 while it does not lead. */
  public long term() {
    return term;
  }

  /**
   * Says that this manager lives if it leads, else tries to lead.
   *
   * @return the term; 0 when another one leads
   * @throws ControlFault UNAVAILABLE when the database does not answer: nothing has changed then,
   *     or the next step finds that it has
   */
  public long step() {
    long now = guard.call(() -> renewed().or(this::taken).orElse(0L));
    if (now != term) {
      if (now == 0) {
        LOG.error("term {} is over: another manager leads", term);
      } else {
        LOG.info("{} boot {} leads with term {}", self, boot, now);
      }
      term = now;
    }
    return now;
  }

  /** Also finds a term that was won by a statement whose answer never came. */
  private Optional<Long> renewed() {
    return jdbc.sql(
            "UPDATE os_res.leader SET renewed_at = now() WHERE boot_id = :boot RETURNING term")
        .param("boot", boot.toString())
        .query(Long.class)
        .optional();
  }

  private Optional<Long> taken() {
    return jdbc.sql(
            """
            WITH won AS (
              UPDATE os_res.leader
                 SET term = term + 1, manager = :manager, boot_id = :boot, renewed_at = now()
               WHERE renewed_at < now() - make_interval(secs => :silence)
              RETURNING term, manager, boot_id, renewed_at)
            INSERT INTO os_res.leader_history (term, manager, boot_id, since)
            SELECT term, manager, boot_id, renewed_at FROM won
            RETURNING term
            """)
        .param("manager", self.toString())
        .param("boot", boot.toString())
        .param("silence", SILENCE_S)
        .query(Long.class)
        .optional();
  }

  /** Lets another one follow at once. */
  public void resign() {
    if (term != 0) {
      term = 0;
      guard.call(
          () ->
              jdbc.sql(
                      "UPDATE os_res.leader SET boot_id = '', renewed_at = '-infinity'"
                          + " WHERE boot_id = :boot")
                  .param("boot", boot.toString())
                  .update());
    }
  }
}
