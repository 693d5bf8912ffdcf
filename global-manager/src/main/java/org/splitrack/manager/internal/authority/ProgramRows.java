package org.splitrack.manager.internal.authority;

import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;

/** {@code os_sched.program}. */
public final class ProgramRows implements ProgramArchive {
  private final JdbcClient jdbc;
  private final Guard guard;
  private final long limitBytes;

  /**
   * @param limitBytes of all modules; the last one is kept whatever its size
   */
  public ProgramRows(JdbcClient jdbc, Guard guard, long limitBytes) {
    this.jdbc = jdbc;
    this.guard = guard;
    this.limitBytes = limitBytes;
  }

  @Override
  public void put(String digest, byte[] module) {
    var _ =
        guard.call(
            () ->
                jdbc.sql(
                        """
                        INSERT INTO os_sched.program (digest, module) VALUES (:digest, :module)
                            ON CONFLICT (digest) DO UPDATE SET given_at = clock_timestamp()
                        """)
                    .param("digest", digest)
                    .param("module", module)
                    .update());
    var _ =
        guard.call(
            () ->
                jdbc.sql(
                        """
                        DELETE FROM os_sched.program
                         WHERE digest <> :digest
                           AND digest IN (SELECT digest
                                            FROM (SELECT digest, sum(octet_length(module))
                                                           OVER (ORDER BY given_at DESC, digest) AS total
                                                    FROM os_sched.program) AS later
                                           WHERE total > :limit)
                        """)
                    .param("digest", digest)
                    .param("limit", limitBytes)
                    .update());
  }

  @Override
  public Optional<byte[]> get(String digest) {
    return guard.call(
        () ->
            jdbc.sql("SELECT module FROM os_sched.program WHERE digest = :digest")
                .param("digest", digest)
                .query(byte[].class)
                .optional());
  }
}
