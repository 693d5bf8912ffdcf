/*
 * What the example programs share: errors, options, a seeded generator, a checksum, a file's contents.
 *
 * A program defines PROGRAM (its name in messages) before it includes this. Exit codes: 0 done, 1 failed, 2 wrong usage.
 */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KIB ((uint64_t)1 << 10)
#define MIB ((uint64_t)1 << 20)

/* A linear memory has at most 2 GiB here; half of it leaves room for what a program derives from its input. */
#define LARGEST_INPUT (1024 * MIB)

/* A single read is bounded so that a host that copies through a buffer needs no large one. */
#define LARGEST_READ MIB

/*
 * A function with a loop that takes time. It is not inlined: a compiler that works while the program runs does better on a
 * small function than on one large main.
 */
#define KERNEL static __attribute__((noinline))

static inline _Noreturn void fail(int exit_code, const char *format, ...) {
  va_list values;
  va_start(values, format);
  fflush(stdout);
  fprintf(stderr, "%s: ", PROGRAM);
  vfprintf(stderr, format, values);
  fputc('\n', stderr);
  va_end(values);
  exit(exit_code);
}

static inline void *allocate(uint64_t bytes) {
  if (bytes > SIZE_MAX) fail(1, "cannot allocate %" PRIu64 " bytes", bytes);
  void *memory = malloc(bytes == 0 ? 1 : (size_t)bytes);
  if (memory == NULL) fail(1, "cannot allocate %" PRIu64 " bytes", bytes);
  return memory;
}

static inline void *allocate_zeroed(uint64_t count, uint64_t bytes_each) {
  void *memory = calloc((size_t)count, (size_t)bytes_each);
  if (memory == NULL) fail(1, "cannot allocate %" PRIu64 " x %" PRIu64 " bytes", count, bytes_each);
  return memory;
}

/* An option "--NAME VALUE" whose value is a number, with K, M or G (powers of 1024) behind it if wanted. */
struct option {
  const char *name;
  uint64_t *value;
  uint64_t least;
  uint64_t most;
};

static inline uint64_t parse_number(const char *what, const char *text, uint64_t least, uint64_t most) {
  char *end = NULL;
  errno = 0;
  uint64_t number = strtoull(text, &end, 10);
  unsigned shift = 0;
  if (*end == 'K') shift = 10;
  if (*end == 'M') shift = 20;
  if (*end == 'G') shift = 30;
  if (shift != 0) end++;
  int malformed = errno != 0 || text[0] < '0' || text[0] > '9' || *end != '\0';
  if (malformed || number > (most >> shift) || (number << shift) < least)
    fail(2, "%s takes a number from %" PRIu64 " to %" PRIu64 ", not \"%s\"", what, least, most, text);
  return number << shift;
}

/*
 * Sets the options found in argv and moves the operands (what is no option) to its front. Returns the number of operands.
 * `options` ends with an entry that has no name.
 */
static inline int parse_options(int argc, char **argv, const struct option *options, int most_operands) {
  int operands = 0;
  for (int i = 1; i < argc; i++) {
    if (strncmp(argv[i], "--", 2) != 0) {
      if (operands == most_operands) fail(2, "\"%s\" is one operand too many", argv[i]);
      argv[operands++] = argv[i];
      continue;
    }
    const struct option *option = options;
    while (option->name != NULL && strcmp(option->name, argv[i] + 2) != 0) option++;
    if (option->name == NULL) fail(2, "no such option: %s", argv[i]);
    if (i + 1 == argc) fail(2, "%s needs a value", argv[i]);
    *option->value = parse_number(argv[i], argv[i + 1], option->least, option->most);
    i++;
  }
  return operands;
}

/* SplitMix64 (Steele, Lea, Flood 2014). */
static inline uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static inline uint64_t next_random(uint64_t *state) {
  *state += UINT64_C(0x9e3779b97f4a7c15);
  return mix(*state);
}

/* FNV-1a, 64 bits. */
#define FNV_START UINT64_C(0xcbf29ce484222325)

static inline uint64_t fnv_byte(uint64_t hash, uint8_t byte) {
  return (hash ^ byte) * UINT64_C(0x100000001b3);
}

/* The contents of a file or a generated input: `size` bytes in one block of the heap. */
struct input {
  uint8_t *bytes;
  size_t size;
};

static inline struct input read_whole_file(const char *path) {
  int file = open(path, O_RDONLY);
  struct stat status;
  if (file < 0 || fstat(file, &status) != 0) fail(1, "%s: %s", path, strerror(errno));
  if (!S_ISREG(status.st_mode)) fail(1, "%s: not a regular file", path);
  if ((uint64_t)status.st_size > LARGEST_INPUT)
    fail(1, "%s: %" PRIu64 " bytes, more than the %" PRIu64 " that are read at most", path, (uint64_t)status.st_size,
         LARGEST_INPUT);
  struct input input = {allocate((uint64_t)status.st_size), 0};
  while (input.size < (size_t)status.st_size) {
    size_t left = (size_t)status.st_size - input.size;
    ssize_t count = read(file, input.bytes + input.size, left < LARGEST_READ ? left : LARGEST_READ);
    if (count < 0) fail(1, "%s: %s", path, strerror(errno));
    if (count == 0) fail(1, "%s: shorter than its size says", path);
    input.size += (size_t)count;
  }
  close(file);
  return input;
}

#endif
