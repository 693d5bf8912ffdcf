/*
 * Fits a line y = a + b x to points by least squares, as Phoenix's linear_regression does, then measures the residuals.
 *
 *   linear_regression [--size BYTES] [--seed N] [FILE]
 *
 * A point is two bytes, x and y, each 0 to 255, so that any file can be given; an odd last byte is left out. Without a file
 * the points lie around y = 40 + x / 2 with about normal noise, made from the seed. Output, one "KEY VALUE" a line: points,
 * sx, sy, sxx, syy, sxy (the sums, exact), a, b, r2 (coefficient of determination), rms (of the residuals), and outliers
 * (points further than 2 rms from the line).
 */
#define PROGRAM "linear_regression"
#include "example.h"

#include <math.h>

struct point {
  uint8_t x;
  uint8_t y;
};

struct sums {
  uint64_t x, y, xx, yy, xy;
};

struct line {
  double intercept;
  double slope;
};

/* Noise of about normal distribution, -60 to 60: the sum of eight nibbles. */
static int32_t noise(uint32_t random) {
  uint32_t pairs = (random & 0x0f0f0f0f) + ((random >> 4) & 0x0f0f0f0f);
  return (int32_t)((pairs * 0x01010101u) >> 24) - 60;
}

KERNEL struct input generate_points(size_t size, uint64_t seed) {
  struct input input = {allocate(size), size};
  struct point *points = (struct point *)input.bytes;
  for (size_t i = 0; i < size / sizeof *points; i++) {
    uint64_t random = next_random(&seed);
    uint8_t x = (uint8_t)(random >> 56);
    int32_t y = 40 + x / 2 + noise((uint32_t)random);
    points[i] = (struct point){x, (uint8_t)(y < 0 ? 0 : y > 255 ? 255 : y)};
  }
  if (size % sizeof *points != 0) input.bytes[size - 1] = 0;
  return input;
}

KERNEL struct sums sum_points(const struct point *points, size_t count) {
  struct sums sums = {0};
  for (size_t i = 0; i < count; i++) {
    uint32_t x = points[i].x;
    uint32_t y = points[i].y;
    sums.x += x;
    sums.y += y;
    sums.xx += x * x;
    sums.yy += y * y;
    sums.xy += x * y;
  }
  return sums;
}

KERNEL uint64_t count_outliers(struct line line, double distance, const struct point *points, size_t count) {
  uint64_t outliers = 0;
  for (size_t i = 0; i < count; i++)
    outliers += fabs(points[i].y - (line.intercept + line.slope * points[i].x)) > distance;
  return outliers;
}

int main(int argc, char **argv) {
  uint64_t size = 80 * MIB;
  uint64_t seed = 1;
  const struct option options[] = {
      {"size", &size, KIB, LARGEST_INPUT}, {"seed", &seed, 0, UINT64_MAX}, {NULL, NULL, 0, 0}};
  int from_file = parse_options(argc, argv, options, 1);
  struct input input = from_file ? read_whole_file(argv[0]) : generate_points((size_t)size, seed);
  const struct point *points = (const struct point *)input.bytes;
  size_t count = input.size / sizeof *points;
  if (count < 2) fail(1, "a line needs at least two points");

  struct sums sums = sum_points(points, count);
  double n = (double)count;
  /* Centred sums; the integer products of small inputs are exact, of large ones rounded once. */
  double xx = (double)sums.xx - (double)sums.x * (double)sums.x / n;
  double yy = (double)sums.yy - (double)sums.y * (double)sums.y / n;
  double xy = (double)sums.xy - (double)sums.x * (double)sums.y / n;
  if (xx == 0) fail(1, "all points have the same x");
  struct line line = {.slope = xy / xx};
  line.intercept = ((double)sums.y - line.slope * (double)sums.x) / n;
  double rms = sqrt((yy - line.slope * xy) / n);
  uint64_t outliers = count_outliers(line, 2 * rms, points, count);

  printf("points %" PRIu64 "\nsx %" PRIu64 "\nsy %" PRIu64 "\n", (uint64_t)count, sums.x, sums.y);
  printf("sxx %" PRIu64 "\nsyy %" PRIu64 "\nsxy %" PRIu64 "\n", sums.xx, sums.yy, sums.xy);
  printf("a %.6f\nb %.6f\nr2 %.6f\nrms %.6f\noutliers %" PRIu64 "\n", line.intercept, line.slope,
         yy == 0 ? 1.0 : xy * xy / (xx * yy), rms, outliers);
  return 0;
}
