/*
 * Clustering by Lloyd's algorithm over points with integer coordinates, for kmeans and kmeans_threads.
 *
 * The points are divided into a fixed number of slices. Each has its own seed, sums and counts, and the sums are added in the
 * order of slices, so that the result does not depend on who works on which slice.
 */
#ifndef KMEANS_H
#define KMEANS_H

#include "example.h"

#define SLICES 64
#define LARGEST_COORDINATE 1023
#define MOST_DIMENSIONS 64
#define MOST_CLUSTERS 256

struct clustering {
  uint64_t points;
  uint64_t dimensions;
  uint64_t clusters;
  uint64_t iterations; /* at most */
  uint64_t seed;
  int32_t *coordinates; /* point by point */
  uint32_t *nearest; /* by point: its cluster */
  int32_t *means; /* cluster by cluster */
  int64_t *sums; /* slice by slice, cluster by cluster */
  uint64_t *counts; /* slice by slice */
  uint64_t changed[SLICES]; /* by slice: points that changed their cluster in the last pass */
};

static inline struct clustering default_clustering(void) {
  return (struct clustering){.points = MIB, .dimensions = 16, .clusters = 16, .iterations = 3, .seed = 1};
}

/* The options of `clustering`; `more` is one that only the caller has, or an entry without a name. */
static inline void parse_clustering(struct clustering *clustering, int argc, char **argv, struct option more) {
  const struct option options[] = {{"points", &clustering->points, SLICES, LARGEST_INPUT / sizeof(int32_t)},
                                   {"dimensions", &clustering->dimensions, 1, MOST_DIMENSIONS},
                                   {"clusters", &clustering->clusters, 1, MOST_CLUSTERS},
                                   {"iterations", &clustering->iterations, 1, 1000},
                                   {"seed", &clustering->seed, 0, UINT64_MAX},
                                   more,
                                   {NULL, NULL, 0, 0}};
  parse_options(argc, argv, options, 0);
  if (clustering->points * clustering->dimensions * sizeof(int32_t) > LARGEST_INPUT)
    fail(2, "the points would be larger than %" PRIu64 " bytes", LARGEST_INPUT);
  if (clustering->clusters > clustering->points) fail(2, "more clusters than points");
}

/* Everything that the passes need, so that no thread allocates. */
static inline void allocate_clustering(struct clustering *clustering) {
  uint64_t mean_coordinates = clustering->clusters * clustering->dimensions;
  clustering->coordinates = allocate(clustering->points * clustering->dimensions * sizeof(int32_t));
  clustering->nearest = allocate(clustering->points * sizeof(uint32_t));
  clustering->means = allocate(mean_coordinates * sizeof(int32_t));
  clustering->sums = allocate(SLICES * mean_coordinates * sizeof(int64_t));
  clustering->counts = allocate(SLICES * clustering->clusters * sizeof(uint64_t));
}

static inline uint64_t slice_start(const struct clustering *clustering, uint64_t slice) {
  return clustering->points * slice / SLICES;
}

/* Points around as many centres as there are clusters. */
KERNEL void generate_slice(struct clustering *clustering, uint64_t slice) {
  uint64_t random = mix(clustering->seed + slice + 1);
  for (uint64_t point = slice_start(clustering, slice); point < slice_start(clustering, slice + 1); point++) {
    uint64_t centre = next_random(&random) % clustering->clusters;
    int32_t *coordinates = clustering->coordinates + point * clustering->dimensions;
    uint64_t bits = 0;
    for (uint64_t d = 0; d < clustering->dimensions; d++) {
      if (d % 8 == 0) bits = next_random(&random);
      int32_t around = (int32_t)(mix(clustering->seed ^ (centre * MOST_DIMENSIONS + d)) & LARGEST_COORDINATE);
      int32_t value = around + (int32_t)(bits & 255) - 128;
      bits >>= 8;
      coordinates[d] = value < 0 ? 0 : value > LARGEST_COORDINATE ? LARGEST_COORDINATE : value;
    }
    clustering->nearest[point] = UINT32_MAX;
  }
}

/* Points at equal distances in the input. */
static inline void choose_first_means(struct clustering *clustering) {
  for (uint64_t cluster = 0; cluster < clustering->clusters; cluster++) {
    uint64_t point = clustering->points * cluster / clustering->clusters;
    memcpy(clustering->means + cluster * clustering->dimensions, clustering->coordinates + point * clustering->dimensions,
           clustering->dimensions * sizeof(int32_t));
  }
}

/* At most 64 squares below 2^20, so a distance fits in 31 bits. */
KERNEL uint32_t nearest_mean(const struct clustering *clustering, const int32_t *coordinates) {
  const int32_t *mean = clustering->means;
  uint32_t clusters = (uint32_t)clustering->clusters;
  size_t dimensions = (size_t)clustering->dimensions;
  uint32_t nearest = 0;
  int32_t least = INT32_MAX;
  for (uint32_t cluster = 0; cluster < clusters; cluster++) {
    int32_t distance = 0;
    for (size_t d = 0; d < dimensions; d++) {
      int32_t difference = coordinates[d] - mean[d];
      distance += difference * difference;
    }
    if (distance < least) {
      least = distance;
      nearest = cluster;
    }
    mean += dimensions;
  }
  return nearest;
}

/* One pass over a slice: assigns each point to the nearest mean and adds it to the slice's sums. */
KERNEL void assign_slice(struct clustering *clustering, uint64_t slice) {
  size_t dimensions = (size_t)clustering->dimensions;
  uint64_t mean_coordinates = clustering->clusters * clustering->dimensions;
  int64_t *sums = clustering->sums + slice * mean_coordinates;
  uint64_t *counts = clustering->counts + slice * clustering->clusters;
  memset(sums, 0, mean_coordinates * sizeof *sums);
  memset(counts, 0, clustering->clusters * sizeof *counts);
  uint64_t changed = 0;
  for (uint64_t point = slice_start(clustering, slice); point < slice_start(clustering, slice + 1); point++) {
    const int32_t *coordinates = clustering->coordinates + point * clustering->dimensions;
    uint32_t nearest = nearest_mean(clustering, coordinates);
    changed += nearest != clustering->nearest[point];
    clustering->nearest[point] = nearest;
    counts[nearest]++;
    for (size_t d = 0; d < dimensions; d++) sums[nearest * dimensions + d] += coordinates[d];
  }
  clustering->changed[slice] = changed;
}

/* Moves the means to the middle of their points and returns how many points changed their cluster. */
KERNEL uint64_t move_means(struct clustering *clustering) {
  uint64_t mean_coordinates = clustering->clusters * clustering->dimensions;
  for (uint64_t cluster = 0; cluster < clustering->clusters; cluster++) {
    int64_t count = 0;
    for (uint64_t slice = 0; slice < SLICES; slice++)
      count += (int64_t)clustering->counts[slice * clustering->clusters + cluster];
    if (count == 0) continue; /* a cluster without points stays where it is */
    for (uint64_t d = 0; d < clustering->dimensions; d++) {
      int64_t sum = 0;
      for (uint64_t slice = 0; slice < SLICES; slice++)
        sum += clustering->sums[slice * mean_coordinates + cluster * clustering->dimensions + d];
      clustering->means[cluster * clustering->dimensions + d] = (int32_t)(sum / count);
    }
  }
  uint64_t changed = 0;
  for (uint64_t slice = 0; slice < SLICES; slice++) changed += clustering->changed[slice];
  return changed;
}

/*
 * "points N dimensions D clusters K", "iterations I changed C" (points that changed in the last), "cluster I COUNT FIRST" for
 * each cluster with the first coordinate of its mean, and "checksum H": FNV-1a-64 over the clusters of all points, then over
 * the coordinates of the means, 4 bytes as one step.
 */
KERNEL void report_clustering(const struct clustering *clustering, uint64_t iterations, uint64_t changed) {
  uint64_t counts[MOST_CLUSTERS] = {0};
  uint64_t checksum = FNV_START;
  for (uint64_t point = 0; point < clustering->points; point++) {
    counts[clustering->nearest[point]]++;
    checksum = (checksum ^ clustering->nearest[point]) * UINT64_C(0x100000001b3);
  }
  for (uint64_t i = 0; i < clustering->clusters * clustering->dimensions; i++)
    checksum = (checksum ^ (uint32_t)clustering->means[i]) * UINT64_C(0x100000001b3);
  printf("points %" PRIu64 " dimensions %" PRIu64 " clusters %" PRIu64 "\niterations %" PRIu64 " changed %" PRIu64 "\n",
         clustering->points, clustering->dimensions, clustering->clusters, iterations, changed);
  for (uint64_t cluster = 0; cluster < clustering->clusters; cluster++)
    printf("cluster %" PRIu64 " %" PRIu64 " %" PRId32 "\n", cluster, counts[cluster],
           clustering->means[cluster * clustering->dimensions]);
  printf("checksum %016" PRIx64 "\n", checksum);
}

#endif
