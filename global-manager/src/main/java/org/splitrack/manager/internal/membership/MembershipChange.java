package org.splitrack.manager.internal.membership;

/** What {@link Membership} concluded from what it heard, or did not hear. */
public sealed interface MembershipChange {
  /** The component as it is after the change. */
  Member member();

  /** A component, or a new start of one, belongs to the rack. */
  record Joined(Member member) implements MembershipChange {}

  /** That start of the component is over: whatever it had in memory is gone. */
  record BootGone(Member member) implements MembershipChange {}

  record Suspected(Member member) implements MembershipChange {}

  record WentDown(Member member) implements MembershipChange {}

  /** Down for so long that what waits for it should not wait any longer. */
  record GivenUp(Member member) implements MembershipChange {}

  /** It was suspect or down and spoke again, in the same start. */
  record Recovered(Member member) implements MembershipChange {}

  record Departed(Member member) implements MembershipChange {}

  /** Nothing but its figures changed; said about once a second. */
  record Refreshed(Member member) implements MembershipChange {}
}
