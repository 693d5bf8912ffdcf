/*
 * Principal components of a matrix, as Phoenix's pca: the mean of every row, the covariance of every pair of rows, and from
 * it the largest eigenvalue and its vector by power iteration.
 *
 *   pca [--rows N] [--columns N] [--seed N]
 *
 * Elements are integers from 0 to 1023, rows are the variables and columns the samples. Output: "rows R columns C",
 * "mean I M" for the first four rows, "trace T" (the sum of the variances), "eigenvalue E", "share S" (of the trace),
 * "iterations N", and "checksum H": FNV-1a-64 over the exact sums of products of the centred rows, 8 bytes as one step.
 *
 * The second pass takes all rows by blocks of 1024 columns, so that the matrix is read once rather than once a row.
 */
#define PROGRAM "pca"
#include "example.h"

#include <math.h>

#define BLOCK 1024
#define MOST_ROWS 512
#define MOST_ITERATIONS 1000

struct matrix {
  int32_t *elements; /* row by row */
  size_t rows;
  size_t columns;
};

/* Rows follow a common signal to a different degree, so that there is a leading component to be found. */
KERNEL struct matrix generate_matrix(size_t rows, size_t columns, uint64_t seed) {
  struct matrix matrix = {allocate((uint64_t)rows * columns * sizeof(int32_t)), rows, columns};
  for (size_t i = 0; i < rows; i++) {
    uint64_t row_seed = mix(seed + i);
    uint64_t weight = i % 8;
    for (size_t j = 0; j < columns; j++) {
      uint64_t signal = mix(seed ^ (j + 1)) & 1023;
      uint64_t own = next_random(&row_seed) & 1023;
      matrix.elements[i * columns + j] = (int32_t)((signal * weight + own * (8 - weight)) / 8);
    }
  }
  return matrix;
}

/* Takes the mean, rounded to an integer, from every element, and returns what is left of the row's sum. */
KERNEL int64_t centre_row(struct matrix matrix, size_t row, double *mean) {
  int32_t *elements = matrix.elements + row * matrix.columns;
  int64_t sum = 0;
  for (size_t j = 0; j < matrix.columns; j++) sum += elements[j];
  *mean = (double)sum / (double)matrix.columns;
  int32_t rounded = (int32_t)(sum / (int64_t)matrix.columns);
  for (size_t j = 0; j < matrix.columns; j++) elements[j] -= rounded;
  return sum - (int64_t)rounded * (int64_t)matrix.columns;
}

/* At most 1024 products below 2^20, so the sum fits in 31 bits. */
KERNEL int32_t sum_of_products(const int32_t *x, const int32_t *y, size_t count) {
  int32_t sum = 0;
  for (size_t j = 0; j < count; j++) sum += x[j] * y[j];
  return sum;
}

KERNEL void add_products(struct matrix matrix, int64_t *products) {
  for (size_t start = 0; start < matrix.columns; start += BLOCK) {
    size_t left = matrix.columns - start;
    size_t count = left < BLOCK ? left : BLOCK;
    for (size_t i = 0; i < matrix.rows; i++)
      for (size_t k = 0; k <= i; k++)
        products[i * matrix.rows + k] += sum_of_products(matrix.elements + i * matrix.columns + start,
                                                         matrix.elements + k * matrix.columns + start, count);
  }
}

/* Returns the number of iterations; the vector's length becomes the eigenvalue's. */
KERNEL unsigned power_iteration(const double *covariance, size_t rows, double *eigenvalue) {
  double *vector = allocate(rows * sizeof(double));
  double *next = allocate(rows * sizeof(double));
  for (size_t i = 0; i < rows; i++) vector[i] = 1;
  unsigned iterations = 0;
  double before;
  *eigenvalue = 0;
  do {
    before = *eigenvalue;
    double square = 0;
    for (size_t i = 0; i < rows; i++) {
      double sum = 0;
      for (size_t k = 0; k < rows; k++) sum += covariance[i * rows + k] * vector[k];
      next[i] = sum;
      square += sum * sum;
    }
    *eigenvalue = sqrt(square);
    if (*eigenvalue == 0) return iterations;
    for (size_t i = 0; i < rows; i++) vector[i] = next[i] / *eigenvalue;
    iterations++;
  } while (iterations < MOST_ITERATIONS && fabs(*eigenvalue - before) > 1e-12 * *eigenvalue);
  return iterations;
}

int main(int argc, char **argv) {
  uint64_t rows = 64;
  uint64_t columns = 272 * 1024;
  uint64_t seed = 1;
  const struct option options[] = {{"rows", &rows, 1, MOST_ROWS},
                                   {"columns", &columns, 2, LARGEST_INPUT / sizeof(int32_t)},
                                   {"seed", &seed, 0, UINT64_MAX},
                                   {NULL, NULL, 0, 0}};
  parse_options(argc, argv, options, 0);
  if (rows * columns * sizeof(int32_t) > LARGEST_INPUT)
    fail(2, "the matrix would be larger than %" PRIu64 " bytes", LARGEST_INPUT);
  struct matrix matrix = generate_matrix((size_t)rows, (size_t)columns, seed);

  double *means = allocate(rows * sizeof(double));
  int64_t *rests = allocate(rows * sizeof(int64_t));
  for (size_t i = 0; i < rows; i++) rests[i] = centre_row(matrix, i, &means[i]);
  int64_t *products = allocate_zeroed(rows * rows, sizeof(int64_t));
  add_products(matrix, products);

  double *covariance = allocate(rows * rows * sizeof(double));
  double trace = 0;
  uint64_t checksum = FNV_START;
  double n = (double)columns;
  for (size_t i = 0; i < rows; i++) {
    for (size_t k = 0; k <= i; k++) {
      checksum = (checksum ^ (uint64_t)products[i * rows + k]) * UINT64_C(0x100000001b3);
      double value = ((double)products[i * rows + k] - (double)rests[i] * (double)rests[k] / n) / (n - 1);
      covariance[i * rows + k] = covariance[k * rows + i] = value;
    }
    trace += covariance[i * rows + i];
  }
  double eigenvalue;
  unsigned iterations = power_iteration(covariance, (size_t)rows, &eigenvalue);

  printf("rows %" PRIu64 " columns %" PRIu64 "\n", rows, columns);
  for (size_t i = 0; i < rows && i < 4; i++) printf("mean %zu %.4f\n", i, means[i]);
  printf("trace %.4f\neigenvalue %.4f\nshare %.6f\niterations %u\nchecksum %016" PRIx64 "\n", trace, eigenvalue,
         trace == 0 ? 0.0 : eigenvalue / trace, iterations, checksum);
  return 0;
}
