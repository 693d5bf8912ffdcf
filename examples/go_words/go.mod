module splitrack.org/examples/go_words

go 1.21
