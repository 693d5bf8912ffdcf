package org.splitrack.manager.internal;

import java.util.List;
import java.util.Optional;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.Role;
import org.splitrack.manager.internal.file.StorageNodes;
import org.splitrack.manager.internal.membership.Member;
import org.splitrack.manager.internal.membership.Membership;

/** The sComponents among the members. */
record MemberStorageNodes(Membership membership) implements StorageNodes {
  @Override
  public List<StorageNode> up() {
    return membership.up(Role.SCOMPONENT).stream()
        .map(
            member ->
                new StorageNode(
                    member.component(),
                    member.endpoint(),
                    member.capacityBytes() - member.usedBytes()))
        .toList();
  }

  @Override
  public Optional<Endpoint> endpoint(ComponentId component) {
    return membership.member(component).filter(Member::isUp).map(Member::endpoint);
  }
}
