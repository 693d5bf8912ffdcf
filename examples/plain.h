/*
 * Input and output without stdio, which keeps a filter or a test program at a few KiB.
 *
 * A program defines PROGRAM (its name in messages) before it includes this. Exit codes: 0 done, 1 failed, 2 wrong usage.
 */
#ifndef PLAIN_H
#define PLAIN_H

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_SIZE 65536

/* Writes everything; returns 0, or -1 with errno set. */
static inline int write_all(int file, const void *bytes, size_t size) {
  const uint8_t *from = bytes;
  while (size > 0) {
    ssize_t count = write(file, from, size);
    if (count < 0) return -1;
    from += count;
    size -= (size_t)count;
  }
  return 0;
}

static inline void write_text(int file, const char *text) {
  if (write_all(file, text, strlen(text)) != 0) _Exit(1);
}

static inline void write_number(int file, uint64_t number) {
  char digits[20];
  size_t at = sizeof digits;
  do {
    digits[--at] = (char)('0' + number % 10);
    number /= 10;
  } while (number != 0);
  if (write_all(file, digits + at, sizeof digits - at) != 0) _Exit(1);
}

/* Writes "NAME NUMBER" as one line of the result. */
static inline void write_result(const char *name, uint64_t number) {
  write_text(STDOUT_FILENO, name);
  write_text(STDOUT_FILENO, " ");
  write_number(STDOUT_FILENO, number);
  write_text(STDOUT_FILENO, "\n");
}

static inline _Noreturn void fail(const char *what, const char *why) {
  write_text(STDERR_FILENO, PROGRAM ": ");
  write_text(STDERR_FILENO, what);
  write_text(STDERR_FILENO, ": ");
  write_text(STDERR_FILENO, why);
  write_text(STDERR_FILENO, "\n");
  exit(1);
}

static inline _Noreturn void usage(const char *usage) {
  write_text(STDERR_FILENO, "usage: " PROGRAM " ");
  write_text(STDERR_FILENO, usage);
  write_text(STDERR_FILENO, "\n");
  exit(2);
}

/* A decimal number up to `most`; anything else ends the program with its usage. */
static inline uint64_t number_argument(const char *text, uint64_t most, const char *how) {
  uint64_t number = 0;
  if (*text == '\0') usage(how);
  for (; *text != '\0'; text++) {
    unsigned digit = (unsigned)(*text - '0');
    if (digit > 9 || number > (most - digit) / 10) usage(how);
    number = number * 10 + digit;
  }
  return number;
}

static inline int open_to_read(const char *path) {
  int file = open(path, O_RDONLY);
  if (file < 0) fail(path, strerror(errno));
  return file;
}

static inline int open_to_write(const char *path) {
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file < 0) fail(path, strerror(errno));
  return file;
}

/* Reads up to `size` bytes; 0 is the end of the file. */
static inline size_t read_some(int file, const char *path, void *buffer, size_t size) {
  ssize_t count = read(file, buffer, size);
  if (count < 0) fail(path, strerror(errno));
  return (size_t)count;
}

static inline void write_to(int file, const char *path, const void *bytes, size_t size) {
  if (write_all(file, bytes, size) != 0) fail(path, strerror(errno));
}

static inline void close_written(int file, const char *path) {
  if (close(file) != 0) fail(path, strerror(errno));
}

#endif
