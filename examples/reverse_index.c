/*
 * Builds an inverted index of a text: for every word the documents it occurs in, as Phoenix's reverse_index does for links.
 *
 *   reverse_index [--size BYTES] [--seed N] [--lines N] [FILE]
 *
 * A document is N successive lines (32 unless told). A word is a maximal run of ASCII letters, in lower case. Output:
 *
 *   bytes N, documents N, words N, distinct N
 *   postings N    pairs of a distinct word and a document that it occurs in
 *   checksum H    sum over the postings of FNV-1a-64(word) x (number of the document from 1), modulo 2^64, 16 hex digits
 *   top R C W     for R = 1 to 10: the word W that occurs in the R-th largest number C of documents
 *
 * Two passes, so that memory is written in long runs rather than through one growing list a word: the first streams through
 * the text and appends (word, document) pairs; the second sorts them by word by counting.
 */
#define PROGRAM "reverse_index"
#include "example.h"
#include "text.h"
#include "words.h"

/* The pairs in order of documents: those of document d are words[starts[d]] to words[starts[d + 1] - 1]. */
struct pairs {
  uint32_t *words;
  uint64_t size;
  uint64_t capacity;
  uint32_t *starts;
  uint64_t documents;
  uint64_t documents_capacity;
};

struct collection {
  struct word_table table;
  uint32_t *counts; /* by word: documents it occurs in */
  uint32_t *last_documents; /* by word: number from 1 of the last document it was seen in; 0 for none */
  uint32_t capacity;
  struct pairs pairs;
  uint64_t words;
};

static void begin_document(struct pairs *pairs) {
  if (pairs->documents + 2 > pairs->documents_capacity) {
    pairs->documents_capacity *= 2;
    pairs->starts = grow(pairs->starts, pairs->documents_capacity * sizeof *pairs->starts);
  }
  pairs->starts[pairs->documents++] = (uint32_t)pairs->size;
}

KERNEL void add_pair(struct pairs *pairs, uint32_t word) {
  if (pairs->size == pairs->capacity) {
    pairs->capacity += pairs->capacity / 2;
    pairs->words = grow(pairs->words, pairs->capacity * sizeof *pairs->words);
  }
  pairs->words[pairs->size++] = word;
}

KERNEL void see_word(struct collection *collection, const uint8_t *letters, uint32_t length, uint64_t fnv) {
  uint32_t number = number_of_word(&collection->table, letters, length, fnv);
  if (number == collection->capacity) {
    uint32_t old = collection->capacity;
    collection->capacity *= 2;
    collection->counts = grow(collection->counts, collection->capacity * sizeof(uint32_t));
    collection->last_documents = grow(collection->last_documents, collection->capacity * sizeof(uint32_t));
    memset(collection->counts + old, 0, old * sizeof(uint32_t));
    memset(collection->last_documents + old, 0, old * sizeof(uint32_t));
  }
  collection->words++;
  if (collection->last_documents[number] == collection->pairs.documents) return;
  collection->last_documents[number] = (uint32_t)collection->pairs.documents;
  collection->counts[number]++;
  add_pair(&collection->pairs, number);
}

KERNEL void collect(struct collection *collection, struct input text, uint64_t lines_each) {
  uint64_t lines = 0;
  size_t at = 0;
  while (at < text.size) {
    if (lines % lines_each == 0 && (at == 0 || text.bytes[at - 1] == '\n')) begin_document(&collection->pairs);
    size_t start = at;
    uint64_t fnv = FNV_START;
    for (uint8_t letter; at < text.size && (letter = letter_of(text.bytes[at])) != 0; at++) {
      text.bytes[at] = letter;
      fnv = fnv_byte(fnv, letter);
    }
    if (at > start) see_word(collection, text.bytes + start, (uint32_t)(at - start), fnv);
    else if (text.bytes[at++] == '\n') lines++;
  }
  collection->pairs.starts[collection->pairs.documents] = (uint32_t)collection->pairs.size;
}

/* The documents of word w, from 1, are in order at [offsets[w], offsets[w + 1]). */
KERNEL uint32_t *index_by_word(const struct collection *collection, uint32_t *offsets) {
  const struct pairs *pairs = &collection->pairs;
  uint32_t words = collection->table.word_count;
  uint32_t *index = allocate(pairs->size * sizeof *index);
  uint32_t *next = allocate((uint64_t)words * sizeof *next);
  offsets[0] = 0;
  for (uint32_t word = 0; word < words; word++) {
    next[word] = offsets[word];
    offsets[word + 1] = offsets[word] + collection->counts[word];
  }
  for (uint32_t document = 0; document < pairs->documents; document++)
    for (uint32_t i = pairs->starts[document]; i < pairs->starts[document + 1]; i++)
      index[next[pairs->words[i]]++] = document + 1;
  free(next);
  return index;
}

int main(int argc, char **argv) {
  uint64_t size = 40 * MIB;
  uint64_t seed = 1;
  uint64_t lines_each = 32;
  const struct option options[] = {{"size", &size, KIB, LARGEST_INPUT},
                                   {"seed", &seed, 0, UINT64_MAX},
                                   {"lines", &lines_each, 1, MIB},
                                   {NULL, NULL, 0, 0}};
  int from_file = parse_options(argc, argv, options, 1);
  struct input text = from_file ? read_whole_file(argv[0]) : generate_text((size_t)size, seed);

  struct collection collection = {.table = make_word_table(), .capacity = 1 << 11};
  collection.counts = allocate_zeroed(collection.capacity, sizeof(uint32_t));
  collection.last_documents = allocate_zeroed(collection.capacity, sizeof(uint32_t));
  collection.pairs = (struct pairs){.capacity = MIB, .documents_capacity = 4 * KIB};
  collection.pairs.words = allocate(collection.pairs.capacity * sizeof(uint32_t));
  collection.pairs.starts = allocate(collection.pairs.documents_capacity * sizeof(uint32_t));
  collect(&collection, text, lines_each);
  free(text.bytes);

  uint32_t *offsets = allocate(((uint64_t)collection.table.word_count + 1) * sizeof *offsets);
  uint32_t *index = index_by_word(&collection, offsets);
  uint64_t checksum = 0;
  for (uint32_t word = 0; word < collection.table.word_count; word++) {
    uint64_t documents = 0;
    for (uint32_t i = offsets[word]; i < offsets[word + 1]; i++) {
      if (i > offsets[word] && index[i] <= index[i - 1]) fail(1, "the index is not in order at %" PRIu32, i);
      documents += index[i];
    }
    checksum += fnv_of_word(&collection.table, word) * documents;
  }
  printf("bytes %" PRIu64 "\ndocuments %" PRIu64 "\nwords %" PRIu64 "\n", (uint64_t)text.size, collection.pairs.documents,
         collection.words);
  printf("distinct %" PRIu32 "\npostings %" PRIu64 "\nchecksum %016" PRIx64 "\n", collection.table.word_count,
         collection.pairs.size, checksum);
  print_top_words(&collection.table, collection.counts);
  return 0;
}
