/*
 * A table of distinct words. A word is a maximal run of ASCII letters (A-Z, a-z), compared in lower case; every other byte
 * separates. Words get numbers from 0 in the order in which they first appear.
 */
#ifndef WORDS_H
#define WORDS_H

#include "example.h"

struct word {
  uint32_t hash;
  uint32_t length;
  uint32_t offset; /* into `letters` */
};

struct word_table {
  uint32_t *slots; /* number of a word + 1; 0 is free */
  uint32_t slot_count; /* a power of two, more than twice the words */
  struct word *words;
  uint32_t word_count;
  uint32_t word_capacity;
  uint8_t *letters;
  uint64_t letters_size;
  uint64_t letters_capacity;
};

static inline void *grow(void *memory, uint64_t bytes) {
  void *larger = bytes <= SIZE_MAX ? realloc(memory, (size_t)bytes) : NULL;
  if (larger == NULL) fail(1, "cannot allocate %" PRIu64 " bytes", bytes);
  return larger;
}

static inline struct word_table make_word_table(void) {
  struct word_table table = {.slot_count = 1 << 12, .word_capacity = 1 << 11, .letters_capacity = 1 << 15};
  table.slots = allocate_zeroed(table.slot_count, sizeof *table.slots);
  table.words = allocate(table.word_capacity * sizeof *table.words);
  table.letters = allocate(table.letters_capacity);
  return table;
}

/* The letter in lower case, or 0 for a byte that separates words. */
static inline uint8_t letter_of(uint8_t byte) {
  uint8_t lower = byte | 0x20;
  return (uint8_t)(lower - 'a') < 26 ? lower : 0;
}

static inline uint32_t slot_hash(uint64_t fnv) { return (uint32_t)(fnv ^ (fnv >> 32)); }

KERNEL void double_slots(struct word_table *table) {
  free(table->slots);
  table->slot_count *= 2;
  table->slots = allocate_zeroed(table->slot_count, sizeof *table->slots);
  for (uint32_t number = 0; number < table->word_count; number++) {
    uint32_t slot = table->words[number].hash & (table->slot_count - 1);
    while (table->slots[slot] != 0) slot = (slot + 1) & (table->slot_count - 1);
    table->slots[slot] = number + 1;
  }
}

static inline uint32_t add_word(struct word_table *table, const uint8_t *letters, uint32_t length, uint32_t hash) {
  if (table->word_count == table->word_capacity) {
    table->word_capacity *= 2;
    table->words = grow(table->words, table->word_capacity * sizeof *table->words);
  }
  if (table->letters_size + length > table->letters_capacity) {
    while (table->letters_size + length > table->letters_capacity) table->letters_capacity *= 2;
    table->letters = grow(table->letters, table->letters_capacity);
  }
  memcpy(table->letters + table->letters_size, letters, length);
  table->words[table->word_count] = (struct word){hash, length, (uint32_t)table->letters_size};
  table->letters_size += length;
  return table->word_count++;
}

/* The number of the word with these lower-case letters, which is new when it equals the former `word_count`. */
KERNEL uint32_t number_of_word(struct word_table *table, const uint8_t *letters, uint32_t length, uint64_t fnv) {
  uint32_t hash = slot_hash(fnv);
  uint32_t slot = hash & (table->slot_count - 1);
  while (table->slots[slot] != 0) {
    uint32_t number = table->slots[slot] - 1;
    const struct word *word = &table->words[number];
    if (word->hash == hash && word->length == length && memcmp(table->letters + word->offset, letters, length) == 0)
      return number;
    slot = (slot + 1) & (table->slot_count - 1);
  }
  uint32_t number = add_word(table, letters, length, hash);
  table->slots[slot] = number + 1;
  if (table->word_count >= table->slot_count / 2) double_slots(table);
  return number;
}

KERNEL uint64_t fnv_of_word(const struct word_table *table, uint32_t number) {
  uint64_t fnv = FNV_START;
  for (uint32_t i = 0; i < table->words[number].length; i++)
    fnv = fnv_byte(fnv, table->letters[table->words[number].offset + i]);
  return fnv;
}

/* Whether word `a` comes before word `b`: a larger count first, then the order of their letters. */
static inline int ranks_before(const struct word_table *table, const uint32_t *counts, uint32_t a, uint32_t b) {
  if (counts[a] != counts[b]) return counts[a] > counts[b];
  const struct word *x = &table->words[a];
  const struct word *y = &table->words[b];
  int order = memcmp(table->letters + x->offset, table->letters + y->offset, x->length < y->length ? x->length : y->length);
  return order != 0 ? order < 0 : x->length < y->length;
}

#define TOP_WORDS 10

/* Prints "top RANK COUNT WORD" for the words with the largest counts. */
KERNEL void print_top_words(const struct word_table *table, const uint32_t *counts) {
  uint32_t top[TOP_WORDS + 1];
  unsigned size = 0;
  for (uint32_t number = 0; number < table->word_count; number++) {
    unsigned place = size;
    for (; place > 0 && ranks_before(table, counts, number, top[place - 1]); place--) top[place] = top[place - 1];
    top[place] = number;
    if (size < TOP_WORDS) size++;
  }
  for (unsigned i = 0; i < size; i++) {
    const struct word *word = &table->words[top[i]];
    printf("top %u %" PRIu32 " %.*s\n", i + 1, counts[top[i]], (int)word->length, (const char *)table->letters + word->offset);
  }
}

#endif
