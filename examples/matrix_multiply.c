/*
 * Multiplies two matrices of doubles, as Phoenix's matrix_multiply does for integers: C (rows x columns) = A (rows x inner)
 * times B (inner x columns).
 *
 *   matrix_multiply [--rows N] [--inner N] [--columns N] [--seed N]
 *
 * The elements of A and B are small integers, so every sum is exact and the result does not depend on the order of additions.
 * Output: "rows R inner I columns C", "trace T" (the sum of C[i][i]), "sum S" (of all elements), "largest L" and "checksum H"
 * (FNV-1a-64 over the elements as 64-bit integers, 8 bytes as one step), and "verified" once C r = A (B r) for a random
 * vector r (Freivalds' check).
 *
 * Blocked: a tile of 64 x 64 elements of C is made from 64 rows of A and 64 columns of B, which fit in the processor's cache,
 * and a band of 64 rows of C is finished before the next is begun.
 */
#define PROGRAM "matrix_multiply"
#include "example.h"

#define TILE 64
#define LARGEST_ELEMENT 100

struct matrix {
  double *elements; /* row by row */
  size_t rows;
  size_t columns;
};

static struct matrix make_matrix(size_t rows, size_t columns) {
  return (struct matrix){allocate((uint64_t)rows * columns * sizeof(double)), rows, columns};
}

KERNEL struct matrix random_matrix(size_t rows, size_t columns, uint64_t *seed) {
  struct matrix matrix = make_matrix(rows, columns);
  for (size_t i = 0; i < rows * columns; i++)
    matrix.elements[i] = (double)((int64_t)(next_random(seed) % (2 * LARGEST_ELEMENT + 1)) - LARGEST_ELEMENT);
  return matrix;
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/* Columns [column, column + count) of B as rows of TILE elements, which a tile of C then reads in sequence. */
KERNEL void pack_columns(struct matrix b, size_t column, size_t count, double *packed) {
  for (size_t k = 0; k < b.rows; k++) memcpy(packed + k * TILE, b.elements + k * b.columns + column, count * sizeof(double));
}

/* 4 x 4 elements of C at once, so that an element of A or B is used four times for each time it is loaded. */
KERNEL void multiply_block(const double *a, size_t a_stride, const double *packed, size_t inner, double *c, size_t c_stride) {
  double c00 = 0, c01 = 0, c02 = 0, c03 = 0, c10 = 0, c11 = 0, c12 = 0, c13 = 0;
  double c20 = 0, c21 = 0, c22 = 0, c23 = 0, c30 = 0, c31 = 0, c32 = 0, c33 = 0;
  for (size_t k = 0; k < inner; k++) {
    const double *b = packed + k * TILE;
    double b0 = b[0], b1 = b[1], b2 = b[2], b3 = b[3];
    double a0 = a[k], a1 = a[a_stride + k], a2 = a[2 * a_stride + k], a3 = a[3 * a_stride + k];
    c00 += a0 * b0, c01 += a0 * b1, c02 += a0 * b2, c03 += a0 * b3;
    c10 += a1 * b0, c11 += a1 * b1, c12 += a1 * b2, c13 += a1 * b3;
    c20 += a2 * b0, c21 += a2 * b1, c22 += a2 * b2, c23 += a2 * b3;
    c30 += a3 * b0, c31 += a3 * b1, c32 += a3 * b2, c33 += a3 * b3;
  }
  c[0] = c00, c[1] = c01, c[2] = c02, c[3] = c03, c += c_stride;
  c[0] = c10, c[1] = c11, c[2] = c12, c[3] = c13, c += c_stride;
  c[0] = c20, c[1] = c21, c[2] = c22, c[3] = c23, c += c_stride;
  c[0] = c30, c[1] = c31, c[2] = c32, c[3] = c33;
}

/* One element, where less than 4 x 4 are left. */
KERNEL double multiply_element(const double *a, const double *packed, size_t inner) {
  double sum = 0;
  for (size_t k = 0; k < inner; k++) sum += a[k] * packed[k * TILE];
  return sum;
}

static void multiply_tile(struct matrix a, const double *packed, struct matrix c, size_t row, size_t rows, size_t column,
                          size_t columns) {
  for (size_t i = 0; i < rows; i += 4) {
    for (size_t j = 0; j < columns; j += 4) {
      const double *a_row = a.elements + (row + i) * a.columns;
      double *c_row = c.elements + (row + i) * c.columns + column + j;
      if (i + 4 <= rows && j + 4 <= columns) {
        multiply_block(a_row, a.columns, packed + j, a.columns, c_row, c.columns);
        continue;
      }
      for (size_t y = 0; y < smaller(4, rows - i); y++)
        for (size_t x = 0; x < smaller(4, columns - j); x++)
          c_row[y * c.columns + x] = multiply_element(a_row + y * a.columns, packed + j + x, a.columns);
    }
  }
}

static void multiply(struct matrix a, struct matrix b, struct matrix c) {
  double *packed = allocate((uint64_t)b.rows * TILE * sizeof(double));
  for (size_t row = 0; row < c.rows; row += TILE) {
    for (size_t column = 0; column < c.columns; column += TILE) {
      size_t columns = smaller(TILE, c.columns - column);
      pack_columns(b, column, columns, packed);
      multiply_tile(a, packed, c, row, smaller(TILE, c.rows - row), column, columns);
    }
  }
  free(packed);
}

KERNEL void multiply_vector(struct matrix matrix, const double *vector, double *result) {
  for (size_t i = 0; i < matrix.rows; i++) {
    const double *row = matrix.elements + i * matrix.columns;
    double sum = 0;
    for (size_t j = 0; j < matrix.columns; j++) sum += row[j] * vector[j];
    result[i] = sum;
  }
}

KERNEL void verify(struct matrix a, struct matrix b, struct matrix c, uint64_t *seed) {
  double *r = allocate(c.columns * sizeof(double));
  double *b_r = allocate(b.rows * sizeof(double));
  double *a_b_r = allocate(a.rows * sizeof(double));
  double *c_r = allocate(c.rows * sizeof(double));
  for (size_t i = 0; i < c.columns; i++) r[i] = (double)(next_random(seed) & 1023);
  multiply_vector(b, r, b_r);
  multiply_vector(a, b_r, a_b_r);
  multiply_vector(c, r, c_r);
  for (size_t i = 0; i < c.rows; i++)
    if (a_b_r[i] != c_r[i]) fail(1, "row %zu of the product is wrong", i);
}

struct summary {
  double trace;
  double sum;
  double largest;
  uint64_t checksum;
};

KERNEL struct summary summarise(struct matrix matrix) {
  struct summary summary = {0, 0, matrix.elements[0], FNV_START};
  for (size_t i = 0; i < matrix.rows; i++) {
    const double *row = matrix.elements + i * matrix.columns;
    if (i < matrix.columns) summary.trace += row[i];
    for (size_t j = 0; j < matrix.columns; j++) {
      summary.sum += row[j];
      if (row[j] > summary.largest) summary.largest = row[j];
      summary.checksum = (summary.checksum ^ (uint64_t)(int64_t)row[j]) * UINT64_C(0x100000001b3);
    }
  }
  return summary;
}

int main(int argc, char **argv) {
  uint64_t rows = 2816;
  uint64_t inner = 256;
  uint64_t columns = 2816;
  uint64_t seed = 1;
  /* 16384 in each direction keeps every sum below 2^53, where doubles are exact. */
  const struct option options[] = {{"rows", &rows, 1, 16384},
                                   {"inner", &inner, 1, 16384},
                                   {"columns", &columns, 1, 16384},
                                   {"seed", &seed, 0, UINT64_MAX},
                                   {NULL, NULL, 0, 0}};
  parse_options(argc, argv, options, 0);
  struct matrix a = random_matrix((size_t)rows, (size_t)inner, &seed);
  struct matrix b = random_matrix((size_t)inner, (size_t)columns, &seed);
  struct matrix c = make_matrix((size_t)rows, (size_t)columns);
  multiply(a, b, c);

  struct summary summary = summarise(c);
  printf("rows %" PRIu64 " inner %" PRIu64 " columns %" PRIu64 "\n", rows, inner, columns);
  printf("trace %.0f\nsum %.0f\nlargest %.0f\nchecksum %016" PRIx64 "\n", summary.trace, summary.sum, summary.largest,
         summary.checksum);
  verify(a, b, c, &seed);
  printf("verified\n");
  return 0;
}
