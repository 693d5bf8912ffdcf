/*
 * Clusters points around k means, as Phoenix's kmeans does.
 *
 *   kmeans [--points N] [--dimensions N] [--clusters N] [--iterations N] [--seed N]
 *
 * Coordinates are integers from 0 to 1023, made from the seed. Stops when no point changes its cluster, at the latest after
 * the iterations given. The output is described at report_clustering in kmeans.h.
 */
#define PROGRAM "kmeans"
#include "kmeans.h"

int main(int argc, char **argv) {
  struct clustering clustering = default_clustering();
  parse_clustering(&clustering, argc, argv, (struct option){NULL, NULL, 0, 0});
  allocate_clustering(&clustering);
  for (uint64_t slice = 0; slice < SLICES; slice++) generate_slice(&clustering, slice);
  choose_first_means(&clustering);

  uint64_t iterations = 0;
  uint64_t changed;
  do {
    for (uint64_t slice = 0; slice < SLICES; slice++) assign_slice(&clustering, slice);
    changed = move_means(&clustering);
    iterations++;
  } while (changed != 0 && iterations < clustering.iterations);
  report_clustering(&clustering, iterations, changed);
  return 0;
}
