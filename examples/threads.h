/*
 * Threads for the threaded examples, without a thread-aware C library: each is started by wasi-threads' `wasi.thread-spawn`
 * and enters at `wasi_thread_start` (thread_start.s), which gives it the stack found in its first argument.
 *
 * The C library under them knows of one thread: only the first one may allocate, print or use files.
 * Compiled natively, the same interface stands on pthreads and futexes.
 */
#ifndef THREADS_H
#define THREADS_H

#include "example.h"

#include <stdatomic.h>

#define MOST_THREADS 16
#define STACK_SIZE (64 * KIB)

static inline void wait_while_equal(_Atomic uint32_t *word, uint32_t value);
static inline void wake(_Atomic uint32_t *word, uint32_t waiters);

struct thread {
  uint8_t *stack_top; /* first: thread_start.s reads it there */
  void (*body)(void *argument);
  void *argument;
  _Atomic uint32_t ended;
  void *stack;
};

#ifdef __wasm__

__attribute__((import_module("wasi"), import_name("thread-spawn"))) int32_t wasi_thread_spawn(struct thread *thread);

/* Called by thread_start.s on the thread's own stack. */
void run_thread(int32_t id, struct thread *thread) {
  (void)id;
  thread->body(thread->argument);
  atomic_store(&thread->ended, 1);
  wake(&thread->ended, UINT32_MAX);
}

/* Returns whether the host started the thread. */
static inline int start_thread(struct thread *thread, void (*body)(void *), void *argument) {
  thread->stack = malloc(STACK_SIZE);
  if (thread->stack == NULL) return 0;
  thread->stack_top = (uint8_t *)(((uintptr_t)thread->stack + STACK_SIZE) & ~(uintptr_t)15);
  thread->body = body;
  thread->argument = argument;
  atomic_store(&thread->ended, 0);
  if (wasi_thread_spawn(thread) > 0) return 1;
  free(thread->stack);
  return 0;
}

static inline void join_thread(struct thread *thread) {
  while (atomic_load(&thread->ended) == 0) wait_while_equal(&thread->ended, 0);
  /* The stack is left alone: the thread is still on it for its last few instructions. */
}

static inline void wait_while_equal(_Atomic uint32_t *word, uint32_t value) {
  __builtin_wasm_memory_atomic_wait32((int *)word, (int)value, -1);
}

static inline void wake(_Atomic uint32_t *word, uint32_t waiters) {
  __builtin_wasm_memory_atomic_notify((int *)word, waiters);
}

#else

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>

static inline void *run_thread(void *started) {
  struct thread *thread = started;
  thread->body(thread->argument);
  atomic_store(&thread->ended, 1);
  wake(&thread->ended, UINT32_MAX);
  return NULL;
}

static inline int start_thread(struct thread *thread, void (*body)(void *), void *argument) {
  pthread_t id;
  thread->body = body;
  thread->argument = argument;
  atomic_store(&thread->ended, 0);
  return pthread_create(&id, NULL, run_thread, thread) == 0 && pthread_detach(id) == 0;
}

static inline void join_thread(struct thread *thread) {
  while (atomic_load(&thread->ended) == 0) wait_while_equal(&thread->ended, 0);
}

static inline void wait_while_equal(_Atomic uint32_t *word, uint32_t value) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static inline void wake(_Atomic uint32_t *word, uint32_t waiters) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, waiters > INT_MAX ? INT_MAX : waiters, NULL, NULL, 0);
}

#endif

/* A mutex of one word: 0 free, 1 held, 2 held and somebody may wait (Drepper, "Futexes Are Tricky"). */
struct mutex {
  _Atomic uint32_t state;
};

static inline void lock(struct mutex *mutex) {
  uint32_t seen = 0;
  if (atomic_compare_exchange_strong(&mutex->state, &seen, 1)) return;
  if (seen != 2) seen = atomic_exchange(&mutex->state, 2);
  while (seen != 0) {
    wait_while_equal(&mutex->state, 2);
    seen = atomic_exchange(&mutex->state, 2);
  }
}

static inline void unlock(struct mutex *mutex) {
  if (atomic_exchange(&mutex->state, 0) == 2) wake(&mutex->state, 1);
}

/* Lets nobody past until `parties` threads have come; can be used again. */
struct barrier {
  uint32_t parties;
  _Atomic uint32_t arrived;
  _Atomic uint32_t round;
};

static inline void wait_for_all(struct barrier *barrier) {
  uint32_t round = atomic_load(&barrier->round);
  if (atomic_fetch_add(&barrier->arrived, 1) + 1 == barrier->parties) {
    atomic_store(&barrier->arrived, 0);
    atomic_fetch_add(&barrier->round, 1);
    wake(&barrier->round, UINT32_MAX);
    return;
  }
  while (atomic_load(&barrier->round) == round) wait_while_equal(&barrier->round, round);
}

/* Starts `count` threads, thread t on arguments + t * argument_size, or fails the program. */
static inline void start_threads(struct thread *threads, uint64_t count, void (*body)(void *), void *arguments,
                                 size_t argument_size) {
  for (uint64_t t = 0; t < count; t++)
    if (!start_thread(&threads[t], body, (uint8_t *)arguments + t * argument_size))
      fail(1, "thread %" PRIu64 " of %" PRIu64 " could not be started", t + 1, count);
}

#endif
