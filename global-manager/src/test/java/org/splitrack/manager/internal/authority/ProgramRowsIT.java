package org.splitrack.manager.internal.authority;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProgramRowsIT {
  private final AuthorityTables tables = new AuthorityTables();
  private final ProgramRows programs = new ProgramRows(tables.jdbc(), new Guard("PostgreSQL"), 250);

  @AfterEach
  void close() {
    tables.close();
  }

  @Test
  void shouldKeepTheBytesOfEachProgram() {
    byte[] module = new byte[100];
    module[1] = (byte) 0xff;
    programs.put("a", module);
    programs.put("a", module);

    assertThat(programs.get("a")).hasValue(module);
    assertThat(programs.get("b")).isEmpty();
  }

  @Test
  void shouldLetTheEarliestGoBeyondTheLimitAndNeverTheLast() {
    programs.put("a", new byte[100]);
    programs.put("b", new byte[100]);
    programs.put("a", new byte[100]);
    programs.put("c", new byte[100]);

    assertThat(programs.get("b")).isEmpty();
    assertThat(programs.get("a")).isPresent();

    programs.put("large", new byte[300]);
    assertThat(programs.get("large")).isPresent();
    assertThat(programs.get("a")).isEmpty();
  }
}
