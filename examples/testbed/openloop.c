/*
 * openloop [SECONDS [SIZE [SEED]]]: works by the clock, once a millisecond whether or not the turn before ended in time. A turn
 * reads 8 pages of 4 KiB, compares them with what was written last, and writes them anew; all pages of SIZE come in turn, in an
 * order that nobody can predict. Turns that are late follow each other without a pause.
 *
 * SECONDS is 5 unless told, SIZE 33554432 bytes, SEED 1. Writes to every page first and says "ready".
 * Prints "turns T", "longest_gap_us G" (between the ends of two turns that follow each other), "late_turns L" (that ended more
 * than 10 ms after their time) and "wrong W"; exit code 1 when a page did not hold what was written to it.
 */
#define PROGRAM "openloop"
#include "../plain.h"

#include <time.h>

#define USAGE "[SECONDS [SIZE [SEED]]]"
#define PAGE 4096
#define PAGES_A_TURN 8
#define TURN_NS UINT64_C(1000000)
#define LATE_NS (10 * TURN_NS)

static uint64_t mix(uint64_t z) {
  z += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

struct work {
  uint8_t *memory;
  uint64_t pages; /* a power of two */
  uint64_t seed;
  uint64_t visits;
  uint64_t wrong;
};

static uint64_t now_ns(void) {
  struct timespec now;
  if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) fail("clock", strerror(errno));
  return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static void sleep_ns(uint64_t nanoseconds) {
  struct timespec rest = {(time_t)(nanoseconds / UINT64_C(1000000000)), (long)(nanoseconds % UINT64_C(1000000000))};
  nanosleep(&rest, NULL);
}

/* A permutation of the pages: each step can be undone. */
static uint64_t page_of(const struct work *work, uint64_t place) {
  uint64_t mask = work->pages - 1;
  uint64_t page = (place * UINT64_C(0x9e3779b97f4a7c15) + work->seed) & mask;
  page ^= page >> 5;
  return (page * UINT64_C(0xd1342543de82ef95)) & mask;
}

static uint64_t *word_of(const struct work *work, uint64_t page) {
  return (uint64_t *)(work->memory + page * PAGE + mix(page) % (PAGE / 8) * 8);
}

static uint64_t mark(const struct work *work, uint64_t round, uint64_t page) { return mix(mix(work->seed + round) ^ page) | 1; }

static void visit(struct work *work) {
  uint64_t round = work->visits / work->pages;
  uint64_t page = page_of(work, work->visits % work->pages);
  uint64_t *word = word_of(work, page);
  if (round > 0 && *word != mark(work, round - 1, page)) work->wrong++;
  *word = mark(work, round, page);
  work->visits++;
}

static void check_all(struct work *work) {
  uint64_t round = work->visits / work->pages;
  uint64_t done = work->visits % work->pages;
  for (uint64_t place = 0; place < work->pages; place++) {
    uint64_t page = page_of(work, place);
    if (*word_of(work, page) != mark(work, place < done ? round : round - 1, page)) work->wrong++;
  }
}

int main(int argc, char **argv) {
  if (argc > 4) usage(USAGE);
  uint64_t seconds = argc > 1 ? number_argument(argv[1], 3600, USAGE) : 5;
  uint64_t size = argc > 2 ? number_argument(argv[2], UINT64_C(1) << 30, USAGE) : UINT64_C(32) << 20;
  struct work work = {0};
  work.seed = argc > 3 ? number_argument(argv[3], UINT64_MAX, USAGE) : 1;
  for (work.pages = 64; work.pages * 2 * PAGE <= size;) work.pages *= 2;
  work.memory = aligned_alloc(PAGE, work.pages * PAGE);
  if (work.memory == NULL) fail("memory", strerror(errno));
  for (uint64_t i = 0; i < work.pages; i++) visit(&work);
  write_text(STDOUT_FILENO, "ready\n");

  uint64_t start = now_ns();
  uint64_t ended = start;
  uint64_t longest = 0;
  uint64_t late = 0;
  uint64_t turns = seconds * 1000;
  for (uint64_t turn = 0; turn < turns; turn++) {
    uint64_t due = start + turn * TURN_NS;
    uint64_t now = now_ns();
    if (now < due) sleep_ns(due - now);
    for (int i = 0; i < PAGES_A_TURN; i++) visit(&work);
    now = now_ns();
    if (now - ended > longest) longest = now - ended;
    if (now > due + LATE_NS) late++;
    ended = now;
  }
  check_all(&work);
  write_result("turns", turns);
  write_result("longest_gap_us", longest / 1000);
  write_result("late_turns", late);
  write_result("wrong", work.wrong);
  return work.wrong != 0;
}
