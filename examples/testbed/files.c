/*
 * files [DIRECTORY]: uses every operation on files in a directory of its own below DIRECTORY (the root, "/", unless told),
 * which must not exist before and does not exist afterwards.
 *
 * Prints "ok", or "failed: LINE: WHAT: ERRNO" for the first call that did something else, with exit code 1.
 */
#define PROGRAM "files"
#include "../plain.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>

#define PATH_SIZE 512
#define LARGE (300 * 1024)

#define CHECK(holds)                        \
  do {                                      \
    errno = 0;                              \
    if (!(holds)) report(__LINE__, #holds); \
  } while (0)

#define CHECK_FAILS(call, expected)                                            \
  do {                                                                         \
    errno = 0;                                                                 \
    if ((call) != -1 || errno != (expected)) report(__LINE__, #call " fails"); \
  } while (0)

static _Noreturn void report(int line, const char *what) {
  int error = errno;
  write_text(STDOUT_FILENO, "failed: ");
  write_number(STDOUT_FILENO, (uint64_t)line);
  write_text(STDOUT_FILENO, ": ");
  write_text(STDOUT_FILENO, what);
  write_text(STDOUT_FILENO, ": ");
  write_text(STDOUT_FILENO, strerror(error));
  write_text(STDOUT_FILENO, "\n");
  exit(1);
}

static const char *root;

/* Takes turns between four buffers, so that one call may name two paths. */
static const char *at(const char *name) {
  static char paths[4][PATH_SIZE];
  static unsigned turn;
  char *path = paths[turn++ % 4];
  if (strlen(root) + strlen(name) + 20 > PATH_SIZE) fail(root, "too long");
  strcpy(path, root);
  strcat(path, "/files-test");
  if (*name != '\0') strcat(path, "/");
  strcat(path, name);
  return path;
}

static uint8_t pattern(size_t offset) { return (uint8_t)(offset * 7 + offset / 251); }

static int has_size(const char *path, off_t size) {
  struct stat status;
  return stat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_size == size;
}

static void check_read_and_write(void) {
  char buffer[64];
  int file = open(at("a"), O_RDWR | O_CREAT | O_EXCL, 0644);
  CHECK(file >= 0);
  CHECK(write(file, "hello, world", 12) == 12);
  CHECK(lseek(file, 0, SEEK_CUR) == 12);
  CHECK(lseek(file, 0, SEEK_SET) == 0);
  CHECK(read(file, buffer, sizeof buffer) == 12 && memcmp(buffer, "hello, world", 12) == 0);
  CHECK(read(file, buffer, sizeof buffer) == 0);
  CHECK(lseek(file, -5, SEEK_END) == 7);
  CHECK(read(file, buffer, 3) == 3 && memcmp(buffer, "wor", 3) == 0);
  CHECK(pwrite(file, "J", 1, 0) == 1);
  CHECK(pread(file, buffer, 5, 0) == 5 && memcmp(buffer, "Jello", 5) == 0);
  CHECK(lseek(file, 0, SEEK_CUR) == 10);
  CHECK_FAILS(lseek(file, -1, SEEK_SET), EINVAL);
  CHECK(pread(file, buffer, 5, 100) == 0);
  CHECK(fsync(file) == 0);
  CHECK(fdatasync(file) == 0);
  CHECK(close(file) == 0);
  CHECK(has_size(at("a"), 12));
  CHECK_FAILS(open(at("a"), O_RDWR | O_CREAT | O_EXCL, 0644), EEXIST);
  CHECK_FAILS(open(at("absent"), O_RDONLY), ENOENT);
  CHECK_FAILS(open(at("absent/b"), O_WRONLY | O_CREAT, 0644), ENOENT);
  CHECK_FAILS(open(at("a/b"), O_RDONLY), ENOTDIR);
  CHECK_FAILS(close(77), EBADF);
  CHECK_FAILS(read(77, buffer, 1), EBADF);
}

/* A host may write or read less than all of the buffers, but what it says it did is in order. */
static void check_vectors(void) {
  const char *text = "abcdefgh";
  char first[4];
  char second[20];
  char joined[24];
  struct iovec out[3] = {{"abc", 3}, {"", 0}, {"defgh", 5}};
  struct iovec in[2] = {{first, sizeof first}, {second, sizeof second}};
  int file = open(at("vectors"), O_RDWR | O_CREAT | O_TRUNC, 0644);
  CHECK(file >= 0);
  ssize_t written = writev(file, out, 3);
  CHECK(written >= 1 && written <= 8);
  CHECK(lseek(file, 0, SEEK_CUR) == written);
  CHECK(write(file, text + written, 8 - (size_t)written) == 8 - written);
  CHECK(lseek(file, 0, SEEK_SET) == 0);
  ssize_t size = readv(file, in, 2);
  CHECK(size >= 1 && size <= 8);
  memcpy(joined, first, sizeof first);
  memcpy(joined + sizeof first, second, sizeof second);
  CHECK(memcmp(joined, text, (size_t)size) == 0);
  CHECK(close(file) == 0);
  CHECK(unlink(at("vectors")) == 0);
}

static void check_append(void) {
  char buffer[64];
  int file = open(at("log"), O_WRONLY | O_CREAT | O_APPEND, 0644);
  CHECK(file >= 0);
  CHECK(write(file, "one\n", 4) == 4);
  CHECK(lseek(file, 0, SEEK_SET) == 0);
  CHECK(write(file, "two\n", 4) == 4);
  CHECK(close(file) == 0);
  file = open(at("log"), O_WRONLY | O_APPEND);
  CHECK(file >= 0);
  CHECK(write(file, "three\n", 6) == 6);
  CHECK(close(file) == 0);
  file = open(at("log"), O_RDONLY);
  CHECK(file >= 0);
  CHECK(read(file, buffer, sizeof buffer) == 14 && memcmp(buffer, "one\ntwo\nthree\n", 14) == 0);
  CHECK(write(file, "x", 1) == -1);
  CHECK(close(file) == 0);
  CHECK(unlink(at("log")) == 0);
}

static void check_size(void) {
  char buffer[32];
  int file = open(at("a"), O_RDWR);
  CHECK(file >= 0);
  CHECK(ftruncate(file, 4) == 0);
  CHECK(has_size(at("a"), 4));
  CHECK(ftruncate(file, 10) == 0);
  CHECK(pread(file, buffer, sizeof buffer, 0) == 10 && memcmp(buffer, "Jell\0\0\0\0\0\0", 10) == 0);
  CHECK(pwrite(file, "end", 3, 20) == 3);
  CHECK(pread(file, buffer, sizeof buffer, 10) == 13 && memcmp(buffer, "\0\0\0\0\0\0\0\0\0\0end", 13) == 0);
  CHECK(has_size(at("a"), 23));
  CHECK(close(file) == 0);
  file = open(at("a"), O_WRONLY | O_TRUNC);
  CHECK(file >= 0);
  CHECK(close(file) == 0);
  CHECK(has_size(at("a"), 0));
}

/* A file of more than one extent or message, written and read in pieces of odd sizes, with a hole. */
static void check_large(void) {
  static uint8_t bytes[LARGE];
  for (size_t i = 0; i < LARGE; i++) bytes[i] = pattern(i);
  int file = open(at("large"), O_RDWR | O_CREAT | O_EXCL, 0644);
  CHECK(file >= 0);
  for (size_t done = 0; done < LARGE;) {
    size_t size = LARGE - done < 33333 ? LARGE - done : 33333;
    CHECK(write(file, bytes + done, size) == (ssize_t)size);
    done += size;
  }
  CHECK(pwrite(file, "far", 3, 3 * LARGE) == 3);
  CHECK(has_size(at("large"), 3 * LARGE + 3));
  CHECK(lseek(file, 0, SEEK_SET) == 0);
  memset(bytes, 0, sizeof bytes);
  for (size_t done = 0; done < LARGE;) {
    ssize_t size = read(file, bytes + done, LARGE - done < 10007 ? LARGE - done : 10007);
    CHECK(size > 0);
    done += (size_t)size;
  }
  for (size_t i = 0; i < LARGE; i++) CHECK(bytes[i] == pattern(i));
  for (size_t done = 0; done < LARGE;) {
    ssize_t size = pread(file, bytes + done, LARGE - done, (off_t)(LARGE + done));
    CHECK(size > 0);
    done += (size_t)size;
  }
  for (size_t i = 0; i < LARGE; i++) CHECK(bytes[i] == 0);
  CHECK(close(file) == 0);
}

static void check_names(void) {
  struct stat before;
  struct stat after;
  CHECK(stat(at("large"), &before) == 0);
  CHECK(rename(at("large"), at("moved")) == 0);
  CHECK(stat(at("moved"), &after) == 0 && before.st_size == after.st_size);
  CHECK_FAILS(stat(at("large"), &after), ENOENT);
  CHECK(rename(at("moved"), at("a")) == 0); /* replaces */
  CHECK(has_size(at("a"), before.st_size));
  CHECK_FAILS(rename(at("absent"), at("b")), ENOENT);
  CHECK_FAILS(unlink(at("absent")), ENOENT);
}

static void check_directories(void) {
  struct stat status;
  CHECK(mkdir(at("d"), 0755) == 0);
  CHECK(stat(at("d"), &status) == 0 && S_ISDIR(status.st_mode));
  CHECK_FAILS(mkdir(at("d"), 0755), EEXIST);
  CHECK_FAILS(mkdir(at("absent/d"), 0755), ENOENT);
  CHECK(mkdir(at("d/e"), 0755) == 0);
  int file = open(at("d/e/f"), O_WRONLY | O_CREAT, 0644);
  CHECK(file >= 0);
  CHECK(write(file, "f", 1) == 1);
  CHECK(close(file) == 0);
  CHECK_FAILS(rmdir(at("d/e")), ENOTEMPTY);
  CHECK(unlink(at("d")) == -1);
  CHECK_FAILS(rmdir(at("a")), ENOTDIR);
  CHECK(rename(at("d/e"), at("moved")) == 0);
  CHECK(has_size(at("moved/f"), 1));
  CHECK(has_size(at("moved/../moved/./f"), 1));
  CHECK(unlink(at("moved/f")) == 0);
  CHECK(rmdir(at("moved")) == 0);
  CHECK(rmdir(at("d")) == 0);
}

/* More names than fit in one buffer of the C library. */
static void check_listing(void) {
  CHECK(mkdir(at("d"), 0755) == 0);
  enum { NAMES = 200 };
  static uint8_t seen[NAMES];
  char name[] = "d/a-name-of-some-length-000";
  size_t digits = strlen(name) - 3;
  for (int i = 0; i < NAMES; i++) {
    name[digits] = (char)('0' + i / 100);
    name[digits + 1] = (char)('0' + i / 10 % 10);
    name[digits + 2] = (char)('0' + i % 10);
    int file = open(at(name), O_WRONLY | O_CREAT | O_EXCL, 0644);
    CHECK(file >= 0);
    CHECK(close(file) == 0);
  }
  DIR *directory = opendir(at("d"));
  CHECK(directory != NULL);
  int count = 0;
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    CHECK(strlen(entry->d_name) == strlen(name) - 2);
    const char *number = entry->d_name + digits - 2;
    int i = (number[0] - '0') * 100 + (number[1] - '0') * 10 + (number[2] - '0');
    CHECK(i >= 0 && i < NAMES && seen[i] == 0);
    seen[i] = 1;
    count++;
  }
  CHECK(count == NAMES);
  CHECK(closedir(directory) == 0);
  for (int i = 0; i < NAMES; i++) {
    name[digits] = (char)('0' + i / 100);
    name[digits + 1] = (char)('0' + i / 10 % 10);
    name[digits + 2] = (char)('0' + i % 10);
    CHECK(unlink(at(name)) == 0);
  }
  CHECK(rmdir(at("d")) == 0);
}

int main(int argc, char **argv) {
  if (argc > 2) usage("[DIRECTORY]");
  root = argc == 2 ? argv[1] : "";
  CHECK(mkdir(at(""), 0755) == 0);
  check_read_and_write();
  check_vectors();
  check_append();
  check_size();
  check_large();
  check_names();
  check_directories();
  check_listing();
  CHECK(unlink(at("a")) == 0);
  CHECK(rmdir(at("")) == 0);
  CHECK_FAILS(open(at("a"), O_RDONLY), ENOENT);
  write_text(STDOUT_FILENO, "ok\n");
  return 0;
}
