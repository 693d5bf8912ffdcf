package org.splitrack.fabric.region;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/** A copy with its pages' versions; what it has its driver do is written down. */
final class FakeCopy implements CopyEffects, PageVersions {
  final TreeMap<Integer, Long> versions = new TreeMap<>();
  final List<String> log = new ArrayList<>();
  final Deque<Sent> sent = new ArrayDeque<>();
  final TreeSet<Long> unreachable = new TreeSet<>();
  final RegionCopy copy;
  int unprotectedWrites;
  int droppedReplications;

  record Sent(CopyPlace member, long epoch, long sequence, int page, long version) {}

  FakeCopy(CopyPlace self) {
    copy = new RegionCopy(Places.REGION, self, this, this);
  }

  FakeCopy installed(RegionConfig config) {
    InstallAnswer answer = copy.onInstall(config, config.term());
    if (answer.kind() != InstallAnswer.Kind.INSTALLED) {
      throw new AssertionError(answer);
    }
    return this;
  }

  Verdict write(long sequence, long epoch, int page, long version) {
    return copy.onWrite(1, sequence, epoch, Places.INCARNATION, page, version);
  }

  Verdict read(long sequence, long epoch, int page) {
    return copy.onRead(1, sequence, epoch, Places.INCARNATION, page);
  }

  /** Takes what was sent to a member there and its acknowledgement back. */
  void deliverTo(CopyPlace member, FakeCopy there) {
    for (int left = sent.size(); left > 0; left--) {
      Sent page = sent.removeFirst();
      if (!page.member().equals(member)) {
        sent.addLast(page);
        continue;
      }
      Verdict verdict = there.copy.onReplicate(self(), page.epoch(), page.page(), page.version());
      long boot = member.boot().value();
      if (verdict == Verdict.DONE) {
        copy.onReplicaAck(boot, page.epoch(), page.sequence(), there.version(page.page()));
      } else {
        copy.onReplicaRefused(boot, page.epoch(), page.sequence(), verdict.status());
      }
    }
  }

  private long self() {
    RegionConfig config = copy.config();
    if (config == null) {
      throw new AssertionError("holds nothing");
    }
    return config.home().boot().value();
  }

  void ticks(int count) {
    for (int i = 0; i < count; i++) {
      copy.onTick();
    }
  }

  @Override
  public long version(int page) {
    return versions.getOrDefault(page, 0L);
  }

  @Override
  public int nextVersioned(int fromPage) {
    Integer next = versions.ceilingKey(fromPage);
    return next == null ? -1 : next;
  }

  @Override
  public void store(RegionCopy from, int page, long version) {
    versions.put(page, version);
  }

  @Override
  public void erase(RegionCopy from) {
    versions.clear();
  }

  @Override
  public void replyRead(RegionCopy from, long origin, long sequence, int page) {
    log.add("read " + sequence);
  }

  @Override
  public void replyWrite(RegionCopy from, long origin, long sequence, int page) {
    log.add("written " + sequence);
  }

  @Override
  public void unprotected(RegionCopy from) {
    unprotectedWrites++;
  }

  @Override
  public void dropped(RegionCopy from) {
    droppedReplications++;
  }

  @Override
  public void refuse(
      RegionCopy from, long origin, long sequence, int page, boolean write, Verdict refusal) {
    log.add("refused " + sequence + " " + refusal);
  }

  @Override
  public void roomAgain(RegionCopy from) {
    log.add("room");
  }

  @Override
  public boolean replicate(RegionCopy from, CopyPlace member, long sequence, int page) {
    if (unreachable.contains(member.boot().value())) {
      return false;
    }
    sent.addLast(new Sent(member, from.epoch(), sequence, page, version(page)));
    return true;
  }

  @Override
  public void handOff(RegionCopy from, CopyPlace target, long successorEpoch) {
    log.add("hand off to " + target.component() + " at " + successorEpoch);
  }

  @Override
  public void caughtUp(RegionCopy from, CopyPlace learner) {
    log.add("caught up " + learner.component());
  }

  @Override
  public void handedOff(RegionCopy from) {
    log.add("handed off at " + from.epoch());
  }

  @Override
  public void suspect(RegionCopy from, CopyPlace member) {
    log.add("suspect " + member.component());
  }
}
