/*
 * escape: tries to leave its directories by every path it can think of, through WASI itself rather than the C library, which
 * would already refuse some. It uses the first directory that it was given (descriptor 3).
 *
 * Prints "refused N of N" when nothing outside was reached, else "reached WHAT" for each and exit code 1. A path that merely
 * does not exist counts as refused; so does a symbolic link that cannot be made.
 */
#define PROGRAM "escape"
#include "../plain.h"

#include <wasi/api.h>

#define DIRECTORY 3
#define INSIDE "escape-test"
#define LINK INSIDE "/link"

static unsigned tried;
static unsigned refused;

static void count(const char *what, int was_refused) {
  tried++;
  if (was_refused) {
    refused++;
    return;
  }
  write_text(STDOUT_FILENO, "reached ");
  write_text(STDOUT_FILENO, what);
  write_text(STDOUT_FILENO, "\n");
}

static void try_to_open(const char *path) {
  __wasi_fd_t file;
  __wasi_errno_t error =
      __wasi_path_open(DIRECTORY, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, path, 0, __WASI_RIGHTS_FD_READ, 0, 0, &file);
  count(path, error != 0);
  if (error == 0) (void)__wasi_fd_close(file);
}

static void try_to_create(const char *path) {
  __wasi_fd_t file;
  __wasi_errno_t error = __wasi_path_open(DIRECTORY, 0, path, __WASI_OFLAGS_CREAT, __WASI_RIGHTS_FD_WRITE, 0, 0, &file);
  count(path, error != 0);
  if (error == 0) (void)__wasi_fd_close(file);
}

static void try_to_look_at(const char *path) {
  __wasi_filestat_t status;
  count(path, __wasi_path_filestat_get(DIRECTORY, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, path, &status) != 0);
}

/* Opens `beyond` through a symbolic link to `target`, if one can be made. */
static void try_through_link(const char *target, const char *beyond) {
  if (__wasi_path_symlink(target, DIRECTORY, LINK) != 0) {
    count(target, 1);
    return;
  }
  __wasi_fd_t file;
  __wasi_errno_t error =
      __wasi_path_open(DIRECTORY, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, beyond, 0, __WASI_RIGHTS_FD_READ, 0, 0, &file);
  count(target, error != 0);
  if (error == 0) (void)__wasi_fd_close(file);
  (void)__wasi_path_unlink_file(DIRECTORY, LINK);
}

static void try_to_move_out(const char *path) {
  __wasi_fd_t file;
  if (__wasi_path_open(DIRECTORY, 0, INSIDE "/file", __WASI_OFLAGS_CREAT, __WASI_RIGHTS_FD_WRITE, 0, 0, &file) != 0)
    fail(INSIDE "/file", "cannot be made");
  (void)__wasi_fd_close(file);
  count(path, __wasi_path_rename(DIRECTORY, INSIDE "/file", DIRECTORY, path) != 0);
  count(path, __wasi_path_link(DIRECTORY, 0, INSIDE "/file", DIRECTORY, path) != 0);
  (void)__wasi_path_unlink_file(DIRECTORY, INSIDE "/file");
}

int main(void) {
  if (__wasi_path_create_directory(DIRECTORY, INSIDE) != 0) fail(INSIDE, "cannot be made in the first directory");

  try_to_open("/etc/passwd");
  try_to_open("//etc/passwd");
  try_to_open("../etc/passwd");
  try_to_open("../../../../../../etc/passwd");
  try_to_open(INSIDE "/../../../../../../etc/passwd");
  try_to_open("./../../../../../etc/passwd");
  try_to_open("../");
  try_to_open("..");
  try_to_open(INSIDE "/../..");
  try_to_open("/proc/self/environ");
  try_to_create("../escaped");
  try_to_create("/tmp/escaped");
  try_to_create(INSIDE "/../../escaped");
  try_to_look_at("../../../../../../etc/passwd");
  try_to_look_at("/etc/passwd");
  try_to_look_at("..");
  try_to_move_out("../escaped");
  try_to_move_out("/tmp/escaped");
  try_through_link("/etc/passwd", LINK);
  try_through_link("../../../../../../etc/passwd", LINK);
  try_through_link("/etc", LINK "/passwd");
  try_through_link("..", LINK "/../../etc/passwd");

  if (__wasi_path_remove_directory(DIRECTORY, INSIDE) != 0) fail(INSIDE, "cannot be removed");
  write_text(STDOUT_FILENO, "refused ");
  write_number(STDOUT_FILENO, refused);
  write_text(STDOUT_FILENO, " of ");
  write_number(STDOUT_FILENO, tried);
  write_text(STDOUT_FILENO, "\n");
  return refused == tried ? 0 : 1;
}
