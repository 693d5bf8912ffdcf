/*
 * memcheck [SIZE [ROUNDS [SEED]]]: writes a pattern all over the heap in random order and by every kind of access, then reads
 * it again in another order by every kind of access, and compares it with the pattern, which is computed anew.
 *
 * SIZE is 32M unless told (K, M and G may follow a number), ROUNDS 2, SEED 1. The heap is divided into blocks that begin
 * anywhere in a page and mostly lie on two. A round rewrites three blocks of four, each in one of the ways of `enum way`, moves
 * the whole heap by a few bytes in one overlapping memmove, and verifies every block.
 *
 * Prints "bytes B blocks N rounds R", "checksum H" (over the contents read at the end) and "ok"; for the first byte that is
 * wrong "wrong: ..." with exit code 1.
 */
#define PROGRAM "memcheck"
#include "../example.h"

#define PAYLOAD 4800 /* bytes of a block that are verified */
#define STRIDE 5003 /* from block to block; what is between them is scratch for overlapping moves */
#define LARGEST_SHIFT 4096 /* of the whole heap */

enum way { FILL, MIXED_STORES, FLOATS, DOUBLES, COPY_IN, MOVE_DOWN, MOVE_UP, WAYS };

struct heap {
  uint8_t *memory; /* STRIDE bytes a block and room to shift */
  uint8_t *base; /* block 0 */
  uint64_t blocks;
  uint64_t seed;
};

static uint64_t choice(const struct heap *heap, uint64_t round, uint64_t block) {
  return mix(mix(heap->seed + round * UINT64_C(0x9e3779b97f4a7c15)) + block);
}

static int is_rewritten(uint64_t round, uint64_t chosen) { return round == 0 || (chosen & 3) != 0; }

static enum way way_of(uint64_t chosen) { return (enum way)((chosen >> 8) % WAYS); }

/* What the payload of a block must be after it was written with this choice. */
KERNEL void expect(uint64_t chosen, uint8_t *expected) {
  enum way way = way_of(chosen);
  if (way == FILL) {
    memset(expected, (int)(chosen >> 16 & 0xff), PAYLOAD);
    return;
  }
  for (uint64_t at = 0; at < PAYLOAD; at += 8) {
    uint64_t bits = mix(chosen + at);
    if (way == FLOATS) {
      float two[2] = {(float)(int32_t)bits, (float)(int32_t)(bits >> 32)};
      memcpy(expected + at, two, sizeof two);
    } else if (way == DOUBLES) {
      double one = (double)(int64_t)bits;
      memcpy(expected + at, &one, sizeof one);
    } else {
      memcpy(expected + at, &bits, sizeof bits);
    }
  }
}

/* A width of 1, 2, 4 or 8 bytes, by turns that do not repeat, never past the end of the payload. */
static unsigned width_at(uint64_t chosen, unsigned at) {
  unsigned width = 1u << (mix(chosen ^ at) & 3);
  while (at + width > PAYLOAD) width /= 2;
  return width;
}

/* The memcpy of a constant size is one load or store, at any alignment. */
#define STORE(type, to, from)                      \
  do {                                             \
    type value;                                    \
    memcpy(&value, (from), sizeof value);          \
    memcpy((to), &value, sizeof value);            \
  } while (0)

KERNEL void store_mixed(uint8_t *to, const uint8_t *from, uint64_t chosen) {
  for (unsigned at = 0; at < PAYLOAD;) {
    unsigned width = width_at(chosen, at);
    switch (width) {
      case 1: STORE(uint8_t, to + at, from + at); break;
      case 2: STORE(uint16_t, to + at, from + at); break;
      case 4: STORE(uint32_t, to + at, from + at); break;
      default: STORE(uint64_t, to + at, from + at); break;
    }
    at += width;
  }
}

KERNEL void write_block(uint8_t *block, uint64_t chosen) {
  static uint8_t staged[PAYLOAD];
  unsigned distance = 1 + (unsigned)(chosen >> 24) % (STRIDE - PAYLOAD - 1);
  expect(chosen, staged);
  switch (way_of(chosen)) {
    case FILL:
      memset(block, (int)(chosen >> 16 & 0xff), PAYLOAD);
      break;
    case FLOATS:
      for (unsigned at = 0; at < PAYLOAD; at += 8) {
        uint64_t bits = mix(chosen + at);
        float low = (float)(int32_t)bits;
        float high = (float)(int32_t)(bits >> 32);
        memcpy(block + at, &low, sizeof low);
        memcpy(block + at + sizeof low, &high, sizeof high);
      }
      break;
    case DOUBLES:
      for (unsigned at = 0; at < PAYLOAD; at += 8) {
        double one = (double)(int64_t)mix(chosen + at);
        memcpy(block + at, &one, sizeof one);
      }
      break;
    case COPY_IN:
      memcpy(block, staged, PAYLOAD);
      break;
    case MOVE_DOWN:
      store_mixed(block + distance, staged, chosen);
      memmove(block, block + distance, PAYLOAD);
      break;
    case MOVE_UP:
      memcpy(block, staged, PAYLOAD);
      memmove(block + distance, block, PAYLOAD);
      memmove(block, block + distance, PAYLOAD);
      break;
    default:
      store_mixed(block, staged, chosen);
      break;
  }
}

/* Signed and unsigned loads of every width; returns the offset of the first that differs, or PAYLOAD. */
KERNEL unsigned compare_mixed(const uint8_t *block, const uint8_t *expected, uint64_t chosen) {
  for (unsigned at = 0; at < PAYLOAD;) {
    unsigned width = width_at(~chosen, at);
    int64_t seen;
    int64_t wanted;
    int32_t signed_word;
    int16_t signed_half;
    uint32_t word;
    uint16_t half;
    switch (width) {
      case 1:
        seen = at % 2 ? (int64_t)(int8_t)block[at] : (int64_t)block[at];
        wanted = at % 2 ? (int64_t)(int8_t)expected[at] : (int64_t)expected[at];
        break;
      case 2:
        memcpy(&half, expected + at, sizeof half);
        memcpy(&signed_half, block + at, sizeof signed_half);
        seen = signed_half;
        wanted = (int16_t)half;
        break;
      case 4:
        memcpy(&signed_word, expected + at, sizeof signed_word);
        memcpy(&word, block + at, sizeof word);
        seen = (int64_t)word;
        wanted = (int64_t)(uint32_t)signed_word;
        break;
      default:
        memcpy(&seen, block + at, sizeof seen);
        memcpy(&wanted, expected + at, sizeof wanted);
        break;
    }
    if (seen != wanted) return at;
    at += width;
  }
  return PAYLOAD;
}

KERNEL unsigned compare_floats(const uint8_t *block, uint64_t chosen) {
  for (unsigned at = 0; at < PAYLOAD; at += 8) {
    uint64_t bits = mix(chosen + at);
    float low;
    float high;
    memcpy(&low, block + at, sizeof low);
    memcpy(&high, block + at + sizeof low, sizeof high);
    if (low != (float)(int32_t)bits || high != (float)(int32_t)(bits >> 32)) return at;
  }
  return PAYLOAD;
}

KERNEL unsigned compare_doubles(const uint8_t *block, uint64_t chosen) {
  for (unsigned at = 0; at < PAYLOAD; at += 8) {
    double one;
    memcpy(&one, block + at, sizeof one);
    if (one != (double)(int64_t)mix(chosen + at)) return at;
  }
  return PAYLOAD;
}

KERNEL void verify_block(const struct heap *heap, uint64_t round, uint64_t block) {
  static uint8_t expected[PAYLOAD];
  const uint8_t *memory = heap->base + block * STRIDE;
  uint64_t written_in = round;
  while (!is_rewritten(written_in, choice(heap, written_in, block))) written_in--;
  uint64_t chosen = choice(heap, written_in, block);
  expect(chosen, expected);
  unsigned wrong = PAYLOAD;
  if (way_of(chosen) == FLOATS) wrong = compare_floats(memory, chosen);
  if (way_of(chosen) == DOUBLES) wrong = compare_doubles(memory, chosen);
  if (wrong == PAYLOAD && memcmp(memory, expected, PAYLOAD) != 0) wrong = 0;
  unsigned mixed = compare_mixed(memory, expected, chosen + round);
  if (mixed < PAYLOAD) wrong = mixed;
  if (wrong == PAYLOAD) return;
  printf("wrong: round %" PRIu64 " block %" PRIu64 " offset %u address %" PRIuPTR ", written in round %" PRIu64 " by way %d\n",
         round, block, wrong, (uintptr_t)(memory + wrong), written_in, (int)way_of(chosen));
  exit(1);
}

/* A permutation of the blocks: a full cycle modulo a power of two, without the numbers that are too large. */
struct order {
  uint64_t at;
  uint64_t mask;
  uint64_t factor;
  uint64_t increment;
};

static struct order random_order(uint64_t blocks, uint64_t seed) {
  uint64_t mask = 1;
  while (mask < blocks) mask = mask * 2 + 1;
  uint64_t random = mix(seed);
  return (struct order){random & mask, mask, (random >> 16 << 2) | 1, mix(random) | 1};
}

static uint64_t next_in(struct order *order, uint64_t blocks) {
  do order->at = (order->at * order->factor + order->increment) & order->mask;
  while (order->at >= blocks);
  return order->at;
}

static void run_round(struct heap *heap, uint64_t round) {
  struct order writing = random_order(heap->blocks, heap->seed + 2 * round);
  for (uint64_t i = 0; i < heap->blocks; i++) {
    uint64_t block = next_in(&writing, heap->blocks);
    uint64_t chosen = choice(heap, round, block);
    if (is_rewritten(round, chosen)) write_block(heap->base + block * STRIDE, chosen);
  }
  uint8_t *shifted = heap->memory + choice(heap, round, heap->blocks) % LARGEST_SHIFT;
  memmove(shifted, heap->base, heap->blocks * STRIDE);
  heap->base = shifted;
  struct order reading = random_order(heap->blocks, heap->seed + 2 * round + 1);
  for (uint64_t i = 0; i < heap->blocks; i++) verify_block(heap, round, next_in(&reading, heap->blocks));
}

KERNEL uint64_t checksum(const struct heap *heap) {
  uint64_t sum = FNV_START;
  for (uint64_t block = 0; block < heap->blocks; block++) {
    for (unsigned at = 0; at < PAYLOAD; at += 8) {
      uint64_t word;
      memcpy(&word, heap->base + block * STRIDE + at, sizeof word);
      sum = (sum ^ word) * UINT64_C(0x100000001b3);
    }
  }
  return sum;
}

int main(int argc, char **argv) {
  if (argc > 4) fail(2, "takes at most SIZE, ROUNDS and SEED");
  uint64_t size = argc > 1 ? parse_number("SIZE", argv[1], 64 * KIB, LARGEST_INPUT) : 32 * MIB;
  uint64_t rounds = argc > 2 ? parse_number("ROUNDS", argv[2], 1, 10000) : 2;
  uint64_t seed = argc > 3 ? parse_number("SEED", argv[3], 0, UINT64_MAX) : 1;
  struct heap heap = {.blocks = size / STRIDE, .seed = seed};
  heap.memory = heap.base = allocate(heap.blocks * STRIDE + LARGEST_SHIFT);
  for (uint64_t round = 0; round < rounds; round++) run_round(&heap, round);
  printf("bytes %" PRIu64 " blocks %" PRIu64 " rounds %" PRIu64 "\nchecksum %016" PRIx64 "\nok\n", heap.blocks * STRIDE,
         heap.blocks, rounds, checksum(&heap));
  return 0;
}
