package org.splitrack.cli.internal.demo;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.output.Listing;

/**
 * One step of a failure as it is shown: what happened, when, and the row that proves it.
 *
 * @param at null when the step has no moment of its own
 * @param sql the query, as a person would type it
 * @param proof what it answered; no rows when the tables do not show the step
 */
public record FailoverStep(String title, @Nullable Instant at, String sql, Listing proof) {
  /** Whether the tables show it. */
  public boolean isProven() {
    return !proof.rows().isEmpty();
  }
}
