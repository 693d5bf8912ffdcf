/*
 * clock_random: checks that clocks go on, that sleeping takes at least as long as asked, and that random bytes differ.
 *
 * Prints "monotonic ok", "realtime ok", "sleep ok", "deadline ok", "random ok"; the first that is not so ends it with exit
 * code 1.
 */
#define PROGRAM "clock_random"
#include "../plain.h"

#include <time.h>

#define SECOND_NS 1000000000u
#define SLEEP_NS 30000000u
#define YEAR_2024_S 1704067200

static uint64_t now_ns(clockid_t clock) {
  struct timespec now;
  if (clock_gettime(clock, &now) != 0) fail("clock_gettime", strerror(errno));
  return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

static void check(const char *name, int holds) {
  if (!holds) fail(name, "not so");
  write_text(STDOUT_FILENO, name);
  write_text(STDOUT_FILENO, " ok\n");
}

static int monotonic_goes_on(void) {
  uint64_t first = now_ns(CLOCK_MONOTONIC);
  uint64_t before = first;
  for (;;) {
    uint64_t now = now_ns(CLOCK_MONOTONIC);
    if (now < before) return 0;
    if (now >= first + 1000000) return 1;
    before = now;
  }
}

static int sleeps_long_enough(void) {
  struct timespec duration = {0, SLEEP_NS};
  uint64_t before = now_ns(CLOCK_MONOTONIC);
  if (nanosleep(&duration, NULL) != 0) return 0;
  return now_ns(CLOCK_MONOTONIC) - before >= SLEEP_NS;
}

static int sleeps_until_deadline(void) {
  uint64_t deadline_ns = now_ns(CLOCK_REALTIME) + SLEEP_NS;
  struct timespec deadline = {(time_t)(deadline_ns / SECOND_NS), (long)(deadline_ns % SECOND_NS)};
  if (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &deadline, NULL) != 0) return 0;
  return now_ns(CLOCK_REALTIME) >= deadline_ns;
}

/* Pages of random bytes, more than one call gives. */
static int random_differs(void) {
  static uint8_t first[1024];
  static uint8_t second[1024];
  unsigned seen[256] = {0};
  unsigned distinct = 0;
  for (size_t at = 0; at < sizeof first; at += 256)
    if (getentropy(first + at, 256) != 0 || getentropy(second + at, 256) != 0) return 0;
  for (size_t i = 0; i < sizeof first; i++) distinct += seen[first[i]]++ == 0;
  return memcmp(first, second, sizeof first) != 0 && distinct > 128;
}

int main(void) {
  check("monotonic", monotonic_goes_on());
  check("realtime", now_ns(CLOCK_REALTIME) / SECOND_NS > YEAR_2024_S);
  check("sleep", sleeps_long_enough());
  check("deadline", sleeps_until_deadline());
  check("random", random_differs());
  return 0;
}
