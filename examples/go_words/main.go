// Command go_words counts the words of a file, or of standard input, and prints the ten most frequent.
//
//	go_words [FILE]
//
// A word is a maximal run of ASCII letters, compared in lower case, as in word_count.c, and the output has the same lines as
// that program's: "bytes N", "words N", "distinct N", "checksum H" and ten times "top RANK COUNT WORD".
package main

import (
	"bufio"
	"io"
	"os"
	"sort"
	"strconv"
	"strings"
)

type tally struct {
	bytes  uint64
	words  uint64
	counts map[string]uint64
}

type ranked struct {
	word  string
	count uint64
}

func count(input io.Reader) (tally, error) {
	t := tally{counts: make(map[string]uint64)}
	reader := bufio.NewReaderSize(input, 1<<16)
	word := make([]byte, 0, 64)
	endWord := func() {
		if len(word) > 0 {
			t.words++
			t.counts[string(word)]++
			word = word[:0]
		}
	}
	for {
		b, err := reader.ReadByte()
		if err == io.EOF {
			endWord()
			return t, nil
		}
		if err != nil {
			return t, err
		}
		t.bytes++
		lower := b | 0x20
		if lower >= 'a' && lower <= 'z' {
			word = append(word, lower)
		} else {
			endWord()
		}
	}
}

func (t tally) checksum() uint64 {
	var sum uint64
	for word, count := range t.counts {
		hash := uint64(0xcbf29ce484222325)
		for i := 0; i < len(word); i++ {
			hash = (hash ^ uint64(word[i])) * 0x100000001b3
		}
		sum += hash * count
	}
	return sum
}

func (t tally) ranking() []ranked {
	ranking := make([]ranked, 0, len(t.counts))
	for word, count := range t.counts {
		ranking = append(ranking, ranked{word, count})
	}
	sort.Slice(ranking, func(i, j int) bool {
		if ranking[i].count != ranking[j].count {
			return ranking[i].count > ranking[j].count
		}
		return ranking[i].word < ranking[j].word
	})
	return ranking
}

func decimal(number uint64) string { return strconv.FormatUint(number, 10) }

func (t tally) report() string {
	checksum := strconv.FormatUint(t.checksum(), 16)
	lines := []string{
		"bytes " + decimal(t.bytes),
		"words " + decimal(t.words),
		"distinct " + strconv.Itoa(len(t.counts)),
		"checksum " + strings.Repeat("0", 16-len(checksum)) + checksum,
	}
	for i, r := range t.ranking() {
		if i == 10 {
			break
		}
		lines = append(lines, "top "+strconv.Itoa(i+1)+" "+decimal(r.count)+" "+r.word)
	}
	return strings.Join(lines, "\n") + "\n"
}

func run(args []string) error {
	input := os.Stdin
	if len(args) > 0 {
		file, err := os.Open(args[0])
		if err != nil {
			return err
		}
		defer file.Close()
		input = file
	}
	t, err := count(input)
	if err != nil {
		return err
	}
	_, err = os.Stdout.WriteString(t.report())
	return err
}

func main() {
	if len(os.Args) > 2 {
		os.Stderr.WriteString("usage: go_words [FILE]\n")
		os.Exit(2)
	}
	if err := run(os.Args[1:]); err != nil {
		os.Stderr.WriteString("go_words: " + err.Error() + "\n")
		os.Exit(1)
	}
}
