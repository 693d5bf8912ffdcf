package org.splitrack.tables.internal.mirror;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.splitrack.fabric.report.StateEnvelope;
import org.splitrack.fabric.report.StateTopic;

/**
 * What a batch of messages means for the tables. Pure: the same progress and messages give the same
 * plan, and messages that are in the tables already give nothing.
 *
 * @param nextOffset behind the last message
 * @param fresh changes that are not in the tables, in Kafka's order
 * @param newest the last of each publisher among them
 */
record BatchPlan(
    long nextOffset,
    List<StateEnvelope> fresh,
    List<Gap> gaps,
    List<DeadLetter> deadLetters,
    Map<Publisher, StateEnvelope> newest) {

  static BatchPlan of(Progress progress, List<Received> batch) {
    long nextOffset = progress.nextOffset();
    var fresh = new ArrayList<StateEnvelope>();
    var gaps = new ArrayList<Gap>();
    var deadLetters = new ArrayList<DeadLetter>();
    var newest = new LinkedHashMap<Publisher, StateEnvelope>();
    for (Received received : batch) {
      if (received.offset() < nextOffset) {
        continue;
      }
      nextOffset = received.offset() + 1;
      StateEnvelope envelope;
      try {
        envelope = StateTopic.decode(received.value());
      } catch (IllegalArgumentException e) {
        deadLetters.add(DeadLetter.of(received, String.valueOf(e.getMessage())));
        continue;
      }
      var publisher = Publisher.of(envelope);
      StateEnvelope before = newest.get(publisher);
      long last = before == null ? progress.lastSequence(publisher) : before.sequence();
      // A producer's retry or a topic read again: a publisher's changes are in Kafka in its order.
      if (envelope.sequence() <= last) {
        continue;
      }
      if (envelope.sequence() > last + 1) {
        gaps.add(new Gap(publisher, last + 1, envelope.sequence() - 1));
      }
      newest.put(publisher, envelope);
      fresh.add(envelope);
    }
    return new BatchPlan(nextOffset, fresh, gaps, deadLetters, newest);
  }

  /** The same without its rows, which the database refuses: {@code letter} says why. */
  BatchPlan refusing(DeadLetter letter) {
    return new BatchPlan(nextOffset, List.of(), gaps, List.of(letter), newest);
  }
}
