/*
 * Threads that touch one page after the other in an order nobody can predict, for measuring how misses of several threads
 * overlap.
 *
 *   miss_threads [--threads N] [--size BYTES] [--rounds R] [--seed N] [--write 0|1]
 *
 * N is 1 to 16, 4 unless told; BYTES, 64M unless told, are divided among the threads. Each thread links the pages of its own
 * part into one random cycle, waits for the others, then follows its cycle R times (4 unless told): each page says which is
 * the next, so a thread has one miss at a time. With --write 1 (unless told 0) a visit also writes to the page.
 * Output: "pages P rounds R", "visits V" (of all threads), and "sum S": the sum over all visits of a number on the page, which
 * depends on its place in the array and the seed but not on N. On standard error: "walk_ns T", the time of the rounds alone.
 */
#define PROGRAM "miss_threads"
#include "threads.h"

#include <time.h>

#define PAGE_SIZE 4096

struct page {
  uint64_t number;
  uint64_t visits;
  uint32_t next; /* within the part */
  uint8_t rest[PAGE_SIZE - 24];
  uint32_t last; /* so that the whole page is written when it is made */
};

_Static_assert(sizeof(struct page) == PAGE_SIZE, "a page has the size of a page");

struct part {
  struct page *pages;
  uint32_t *order; /* scratch for making the cycle */
  uint64_t first; /* number of its first page in the array */
  uint64_t page_count;
  uint64_t seed;
  uint64_t rounds;
  uint64_t write;
  struct barrier *barrier;
  uint64_t sum;
  uint64_t visits;
};

/* Sattolo's algorithm: a random permutation that is one cycle. The pages themselves are then written in sequence. */
KERNEL void link_pages(struct part *part) {
  uint64_t random = mix(part->seed ^ (part->first + 1));
  for (uint32_t i = 0; i < part->page_count; i++) part->order[i] = i;
  for (uint32_t i = (uint32_t)part->page_count - 1; i > 0; i--) {
    uint32_t other = (uint32_t)(next_random(&random) % i);
    uint32_t swapped = part->order[i];
    part->order[i] = part->order[other];
    part->order[other] = swapped;
  }
  for (uint32_t i = 0; i < part->page_count; i++) {
    struct page *page = &part->pages[i];
    page->number = mix(part->seed + part->first + i);
    page->visits = 0;
    page->next = part->order[i];
    page->last = i;
  }
}

static void walk(void *argument) {
  struct part *part = argument;
  link_pages(part);
  wait_for_all(part->barrier); /* all pages are made */
  wait_for_all(part->barrier); /* the clock runs */
  uint32_t at = 0;
  uint64_t sum = 0;
  uint64_t visits = part->rounds * part->page_count;
  for (uint64_t visit = 0; visit < visits; visit++) {
    struct page *page = &part->pages[at];
    sum += page->number;
    if (part->write) page->visits++;
    at = page->next;
  }
  part->sum = sum;
  part->visits = visits;
}

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int main(int argc, char **argv) {
  static struct barrier barrier;
  static struct part parts[MOST_THREADS];
  static struct thread threads[MOST_THREADS];
  uint64_t thread_count = 4;
  uint64_t size = 64 * MIB;
  uint64_t rounds = 4;
  uint64_t seed = 1;
  uint64_t write = 0;
  const struct option options[] = {{"threads", &thread_count, 1, MOST_THREADS},
                                   {"size", &size, MIB, LARGEST_INPUT},
                                   {"rounds", &rounds, 1, 100000},
                                   {"seed", &seed, 0, UINT64_MAX},
                                   {"write", &write, 0, 1},
                                   {NULL, NULL, 0, 0}};
  parse_options(argc, argv, options, 0);
  uint64_t page_count = size / PAGE_SIZE;
  uint8_t *memory = allocate((page_count + 1) * PAGE_SIZE);
  struct page *pages = (struct page *)(((uintptr_t)memory + PAGE_SIZE - 1) & ~(uintptr_t)(PAGE_SIZE - 1));
  uint32_t *order = allocate(page_count * sizeof *order);
  barrier.parties = (uint32_t)thread_count + 1;
  for (uint64_t t = 0; t < thread_count; t++) {
    uint64_t first = page_count * t / thread_count;
    uint64_t count = page_count * (t + 1) / thread_count - first;
    parts[t] = (struct part){pages + first, order + first, first, count, seed, rounds, write, &barrier, 0, 0};
  }
  start_threads(threads, thread_count, walk, parts, sizeof *parts);
  wait_for_all(&barrier);
  uint64_t started_ns = now_ns();
  wait_for_all(&barrier);
  for (uint64_t t = 0; t < thread_count; t++) join_thread(&threads[t]);
  uint64_t walk_ns = now_ns() - started_ns;

  uint64_t sum = 0;
  uint64_t visits = 0;
  for (uint64_t t = 0; t < thread_count; t++) {
    sum += parts[t].sum;
    visits += parts[t].visits;
  }
  printf("pages %" PRIu64 " rounds %" PRIu64 "\nvisits %" PRIu64 "\nsum %016" PRIx64 "\n", page_count, rounds, visits, sum);
  fflush(stdout);
  fprintf(stderr, "walk_ns %" PRIu64 "\n", walk_ns);
  return 0;
}
