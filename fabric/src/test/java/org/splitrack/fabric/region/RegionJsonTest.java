package org.splitrack.fabric.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.splitrack.fabric.region.Places.A;
import static org.splitrack.fabric.region.Places.B;
import static org.splitrack.fabric.region.Places.C;
import static org.splitrack.fabric.region.Places.first;

import org.junit.jupiter.api.Test;
import org.splitrack.fabric.region.Learner.Purpose;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

class RegionJsonTest {
  private static final JsonMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  @Test
  void shouldComeBackFromTheWireAsItWas() {
    RegionConfig row = first(AckMode.SAFE, A, B);
    RegionConfig moving = row.learning(new Learner(C, Purpose.HOME), 2);

    assertThat(back(row, RegionConfig.class)).isEqualTo(row);
    assertThat(back(moving, RegionConfig.class)).isEqualTo(moving);
    assertThat(back(row.grant(), AccessGrant.class)).isEqualTo(row.grant());
    assertThat(back(moving.grant(), AccessGrant.class)).isEqualTo(moving.grant());
    InstallAnswer answer = new InstallAnswer(InstallAnswer.Kind.HANDED_OFF, moving);
    assertThat(back(answer, InstallAnswer.class)).isEqualTo(answer);
    InstallAnswer none = new InstallAnswer(InstallAnswer.Kind.NOT_HELD, null);
    assertThat(back(none, InstallAnswer.class)).isEqualTo(none);
  }

  private static <T> T back(T value, Class<T> type) {
    return JSON.readValue(JSON.writeValueAsString(value), type);
  }
}
