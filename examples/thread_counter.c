/*
 * Counts with several threads, once by atomic additions and once by a plain counter under a mutex.
 *
 *   thread_counter [--threads N] [--count K]
 *
 * N is 1 to 16, 4 unless told; K, 100000 unless told, is how often each thread adds 1 to each counter. Output: "threads N
 * count K", "atomic A", "mutex M"; both are N x K, else the exit code is 1.
 */
#define PROGRAM "thread_counter"
#include "threads.h"

struct counters {
  uint64_t count;
  _Atomic uint64_t atomic;
  struct mutex mutex;
  uint64_t plain; /* under the mutex */
};

static void work(void *argument) {
  struct counters *counters = *(struct counters **)argument;
  for (uint64_t i = 0; i < counters->count; i++) {
    atomic_fetch_add(&counters->atomic, 1);
    lock(&counters->mutex);
    counters->plain++;
    unlock(&counters->mutex);
  }
}

int main(int argc, char **argv) {
  static struct counters counters = {.count = 100000};
  static struct thread threads[MOST_THREADS];
  static struct counters *arguments[MOST_THREADS];
  uint64_t thread_count = 4;
  const struct option options[] = {
      {"threads", &thread_count, 1, MOST_THREADS}, {"count", &counters.count, 1, 100000000}, {NULL, NULL, 0, 0}};
  parse_options(argc, argv, options, 0);
  for (uint64_t t = 0; t < thread_count; t++) arguments[t] = &counters;
  start_threads(threads, thread_count, work, arguments, sizeof *arguments);
  for (uint64_t t = 0; t < thread_count; t++) join_thread(&threads[t]);

  uint64_t atomic = atomic_load(&counters.atomic);
  printf("threads %" PRIu64 " count %" PRIu64 "\natomic %" PRIu64 "\nmutex %" PRIu64 "\n", thread_count, counters.count, atomic,
         counters.plain);
  if (atomic != thread_count * counters.count || counters.plain != atomic) fail(1, "additions were lost");
  return 0;
}
