/*
 * threadbomb [MOST]: starts threads that wait for ever until the host refuses one or MOST (10000 unless told) are running.
 *
 * Prints "started N" and "refused 1" or "refused 0", and ends with exit code 0, which ends the threads too.
 */
#define PROGRAM "threadbomb"
#include "../threads.h"

static _Atomic uint32_t never;

static void wait_for_ever(void *argument) {
  (void)argument;
  for (;;) wait_while_equal(&never, 0);
}

int main(int argc, char **argv) {
  uint64_t most = 10000;
  if (argc > 2) fail(2, "takes one number at most");
  if (argc == 2) most = parse_number("threadbomb", argv[1], 1, 100000);
  uint64_t started = 0;
  int refused = 0;
  while (started < most && !refused) {
    struct thread *thread = malloc(sizeof *thread);
    if (thread == NULL) fail(1, "no memory left after %" PRIu64 " threads", started);
    refused = !start_thread(thread, wait_for_ever, NULL);
    if (!refused) started++;
  }
  printf("started %" PRIu64 "\nrefused %d\n", started, refused);
  return 0;
}
