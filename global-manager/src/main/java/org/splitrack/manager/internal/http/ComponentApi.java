package org.splitrack.manager.internal.http;

import java.time.Instant;
import java.util.List;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.report.StateChange.ComponentState;
import org.splitrack.manager.internal.membership.Member;
import org.splitrack.manager.internal.membership.Membership;
import org.splitrack.manager.internal.memory.Draining;
import org.splitrack.manager.internal.memory.Draining.Progress;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** {@code /v1/components}: who belongs to the rack at this moment, and who is to leave it. */
@RestController
final class ComponentApi {
  private final Membership membership;
  private final Draining draining;

  ComponentApi(Membership membership, Draining draining) {
    this.membership = membership;
    this.draining = draining;
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

  /** Begins to empty a component; harmless when repeated. */
  @PostMapping("/v1/components/{component}/drain")
  ResponseEntity<Progress> drain(@PathVariable String component) {
    List<Progress> begun = draining.begin(List.of(ComponentNames.parse(component)));
    return ResponseEntity.accepted().body(begun.getFirst());
  }

  /** Begins to empty all of these, or none; harmless when repeated. */
  @PostMapping("/v1/components/drain")
  ResponseEntity<List<Progress>> drainAll(@RequestBody List<String> components) {
    return ResponseEntity.accepted()
        .body(draining.begin(components.stream().map(ComponentNames::parse).toList()));
  }

  @GetMapping("/v1/components/{component}/drain")
  Progress progress(@PathVariable String component) {
    return draining.progress(ComponentNames.parse(component));
  }

  /** Places something on it again. */
  @DeleteMapping("/v1/components/{component}/drain")
  Progress undrain(@PathVariable String component) {
    return draining.end(ComponentNames.parse(component));
  }
}
