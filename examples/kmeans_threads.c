/*
 * kmeans with threads: the same clusters and the same output as kmeans, for any number of threads.
 *
 *   kmeans_threads [--threads N] [--points N] [--dimensions N] [--clusters N] [--iterations N] [--seed N]
 *
 * N is 1 to 16, 4 unless told. Each thread makes and assigns its own run of slices; the first thread of the program only
 * starts the others, moves the means between two passes, and prints.
 */
#define PROGRAM "kmeans_threads"
#include "kmeans.h"
#include "threads.h"

struct team {
  struct clustering clustering;
  struct barrier barrier;
  uint64_t threads;
  int finished; /* written between two barriers, read after the second */
};

struct member {
  struct team *team;
  uint64_t first_slice;
  uint64_t end_slice;
};

static void work(void *argument) {
  struct member *member = argument;
  struct team *team = member->team;
  for (uint64_t slice = member->first_slice; slice < member->end_slice; slice++) generate_slice(&team->clustering, slice);
  wait_for_all(&team->barrier); /* all points are made */
  wait_for_all(&team->barrier); /* the first means are chosen */
  while (!team->finished) {
    for (uint64_t slice = member->first_slice; slice < member->end_slice; slice++) assign_slice(&team->clustering, slice);
    wait_for_all(&team->barrier); /* all points are assigned */
    wait_for_all(&team->barrier); /* the means have moved */
  }
}

int main(int argc, char **argv) {
  static struct team team;
  static struct member members[MOST_THREADS];
  static struct thread threads[MOST_THREADS];
  team.clustering = default_clustering();
  team.threads = 4;
  parse_clustering(&team.clustering, argc, argv, (struct option){"threads", &team.threads, 1, MOST_THREADS});
  allocate_clustering(&team.clustering);
  team.barrier.parties = (uint32_t)team.threads + 1;
  for (uint64_t t = 0; t < team.threads; t++)
    members[t] = (struct member){&team, SLICES * t / team.threads, SLICES * (t + 1) / team.threads};
  start_threads(threads, team.threads, work, members, sizeof *members);

  wait_for_all(&team.barrier);
  choose_first_means(&team.clustering);
  wait_for_all(&team.barrier);
  uint64_t iterations = 0;
  uint64_t changed;
  do {
    wait_for_all(&team.barrier);
    changed = move_means(&team.clustering);
    iterations++;
    team.finished = changed == 0 || iterations == team.clustering.iterations;
    wait_for_all(&team.barrier);
  } while (!team.finished);
  for (uint64_t t = 0; t < team.threads; t++) join_thread(&threads[t]);
  report_clustering(&team.clustering, iterations, changed);
  return 0;
}
