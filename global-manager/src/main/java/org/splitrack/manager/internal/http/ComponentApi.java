package org.splitrack.manager.internal.http;

import java.time.Instant;
import java.util.List;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.report.StateChange.ComponentState;
import org.splitrack.manager.internal.membership.Member;
import org.splitrack.manager.internal.membership.Membership;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code /v1/components}: who belongs to the rack at this moment. */
@RestController
final class ComponentApi {
  private final Membership membership;

  ComponentApi(Membership membership) {
    this.membership = membership;
  }

  /** The columns of {@code api.components}, and where the component is. */
  record ComponentView(
      String component,
      String role,
      String state,
      String bootId,
      String node,
      String profile,
      long capacityBytes,
      long usedBytes,
      double load,
      Instant reportedAt,
      Endpoint endpoint,
      String httpEndpoint,
      long pid) {

    static ComponentView of(Member member) {
      ComponentState state = member.asReported();
      return new ComponentView(
          state.component(),
          state.role(),
          state.state(),
          state.bootId(),
          state.node(),
          state.profile(),
          state.capacityBytes(),
          state.usedBytes(),
          state.load(),
          state.reportedAt(),
          member.endpoint(),
          member.httpEndpoint(),
          member.pid());
    }
  }

  @GetMapping("/v1/components")
  List<ComponentView> list() {
    return membership.members().stream().map(ComponentView::of).toList();
  }
}
