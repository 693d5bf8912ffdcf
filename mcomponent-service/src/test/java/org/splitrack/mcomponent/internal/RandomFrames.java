package org.splitrack.mcomponent.internal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.splitrack.fabric.testkit.TestRack;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.wire.FrameHeader;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.fabric.wire.MessageType;

/** Frames that are right, nearly right, or nonsense. */
final class RandomFrames {
  private static final int[] ODD_LENGTHS = {
    -1, 1, 63, 64, 65, 4095, 4096, 4097, 1 << 20, 65 << 20, Integer.MAX_VALUE, Integer.MIN_VALUE
  };
  private static final long[] ODD_NUMBERS = {
    0, 1, -1, 4095, 4096, Integer.MAX_VALUE, Long.MAX_VALUE, Long.MIN_VALUE
  };
  private static final String[] CALLS = {
    "InstallRegions",
    "ReserveRegion",
    "ProbeRegions",
    "ReleaseRegions",
    "Register",
    "Nobody",
    "",
    "\\u0000"
  };

  private final Random random;
  private final Identity home;
  private final long region;

  /**
   * @param region what nearly right frames ask for
   */
  RandomFrames(Random random, Identity home, long region) {
    this.random = random;
    this.home = home;
    this.region = region;
  }

  /** Up to 5 frames for {@code lane}, the last perhaps cut short. */
  ByteBuffer next(Lane lane) {
    ByteBuffer all = ByteBuffer.allocate(64 * 1024).order(ByteOrder.LITTLE_ENDIAN);
    int count = 1 + random.nextInt(5);
    for (int i = 0; i < count; i++) {
      put(all, lane);
    }
    all.flip();
    if (random.nextInt(4) == 0) {
      all.limit(random.nextInt(all.limit() + 1));
    }
    return all;
  }

  /** What somebody might send instead of a handshake. */
  ByteBuffer greeting() {
    ByteBuffer b = ByteBuffer.allocate(random.nextInt(300));
    random.nextBytes(b.array());
    byte[] magic = "SPLTRACK\u0001".getBytes(StandardCharsets.US_ASCII);
    if (random.nextBoolean() && b.capacity() >= magic.length) {
      b.put(0, magic);
    }
    return b;
  }

  private void put(ByteBuffer all, Lane lane) {
    if (random.nextInt(8) == 0) {
      byte[] noise = new byte[random.nextInt(500)];
      random.nextBytes(noise);
      all.put(noise);
      return;
    }
    byte[] body = body(lane);
    int at = all.position();
    FrameHeader.start(all, at, type(lane), body.length, TestRack.RACK.value());
    FrameHeader.bootId(all, at, home.boot().value());
    FrameHeader.subject(all, at, region);
    FrameHeader.epoch(all, at, 1);
    FrameHeader.incarnation(all, at, 1);
    FrameHeader.pageVersion(all, at, lane == Lane.CONTROL ? 0 : random.nextInt(10));
    FrameHeader.page(all, at, lane == Lane.CONTROL ? body.length : random.nextInt(20));
    FrameHeader.sequence(all, at, random.nextLong());
    FrameHeader.zeroPage(all, at, lane != Lane.MISS && lane != Lane.CONTROL && body.length == 0);
    for (int i = random.nextInt(3); i > 0; i--) {
      spoil(all, at);
    }
    all.position(at + FrameHeader.BYTES).put(body);
  }

  private void spoil(ByteBuffer b, int at) {
    switch (random.nextInt(6)) {
      case 0 -> FrameHeader.bodyLength(b, at, ODD_LENGTHS[random.nextInt(ODD_LENGTHS.length)]);
      case 1 -> b.put(at + 4 + random.nextInt(4), (byte) random.nextInt());
      case 2 -> b.putLong(at + 8 + 8 * random.nextInt(5), odd());
      case 3 -> b.putInt(at + 48 + 4 * random.nextInt(2), (int) odd());
      case 4 -> b.put(at + random.nextInt(FrameHeader.BYTES), (byte) random.nextInt());
      default -> FrameHeader.page(b, at, random.nextInt());
    }
  }

  private long odd() {
    return random.nextBoolean()
        ? ODD_NUMBERS[random.nextInt(ODD_NUMBERS.length)]
        : random.nextLong();
  }

  private byte[] body(Lane lane) {
    return switch (lane) {
      case BULK, REPLICA -> {
        byte[] page = new byte[random.nextInt(5) == 0 ? random.nextInt(4097) : page()];
        random.nextBytes(page);
        yield page;
      }
      case CONTROL -> json().getBytes(StandardCharsets.UTF_8);
      default -> new byte[random.nextInt(10) == 0 ? random.nextInt(200) : 0];
    };
  }

  private int page() {
    return random.nextBoolean() ? 4096 : 0;
  }

  private String json() {
    String request =
        switch (random.nextInt(6)) {
          case 0 -> "{}";
          case 1 -> "[1,2,{\"a\":null}]";
          case 2 -> "[".repeat(random.nextInt(2_000));
          case 3 -> "{\"regions\":[" + odd() + "],\"boot\":\"" + home.boot() + "\",\"term\":1}";
          case 4 ->
              "{\"boot\":\""
                  + home.boot()
                  + "\",\"term\":1,\"configs\":[{\"region\":"
                  + odd()
                  + ",\"process\":1,\"reserved_pages\":"
                  + odd()
                  + "}]}";
          default -> "{\"region\":\"x\",\"epoch\":{},\"process\":[]}";
        };
    String json =
        "{\"type\":\"" + CALLS[random.nextInt(CALLS.length)] + "\",\"request\":" + request + "}";
    return random.nextInt(5) == 0 ? json.substring(random.nextInt(json.length())) : json;
  }

  private byte type(Lane lane) {
    return switch (lane) {
      case MISS -> MessageType.READ_PAGE;
      case BULK -> MessageType.WRITE_PAGE;
      case REPLICA -> random.nextInt(4) == 0 ? MessageType.HAND_OFF : MessageType.REPLICATE;
      default -> MessageType.CONTROL;
    };
  }
}
