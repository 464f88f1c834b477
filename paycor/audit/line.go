package audit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
)

// longestLine bounds one line of an exported trail, in bytes.
const longestLine = 1 << 20

// ReadLines reads an exported trail: one JSON object per line.
func ReadLines(from io.Reader) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		lines := bufio.NewScanner(from)
		lines.Buffer(make([]byte, 0, 64<<10), longestLine)
		for number := 1; lines.Scan(); number++ {
			if len(bytes.TrimSpace(lines.Bytes())) == 0 {
				continue
			}
			line, err := readLine(lines.Bytes())
			if err != nil {
				yield(line, fmt.Errorf("line %d is no audit entry: %w", number, err))
				return
			}
			if !yield(line, nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(Line{}, fmt.Errorf("reading the lines: %w", err))
		}
	}
}

// readLine rejects unknown fields, because the hash would not cover them.
func readLine(text []byte) (line Line, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&line); err != nil {
		return line, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return line, fmt.Errorf("unexpected data after the object")
	}
	return line, nil
}

// Checked is the result of CheckLines.
type Checked struct {
	First Head // the entry before the first line; Sequence 0 if the lines start with the first entry
	Last  Head
	Lines int64
	Gaps  int64 // entries missing between the lines
}

// CheckLines checks an exported trail. Each line's hash must match its own
// Previous, and Previous must match the preceding line if no entry lies between.
// Only a filtered export may leave out entries; gaps allows it.
func CheckLines(lines iter.Seq2[Line, error], gaps bool, heads ...Head) (Checked, error) {
	var found Checked
	noted := map[int64]string{}
	for _, head := range heads {
		noted[head.Sequence] = head.Hash
	}
	for line, err := range lines {
		if err != nil {
			return found, err
		}
		if found.Lines == 0 {
			found.First = Head{line.Sequence - 1, line.Previous}
			found.Last = found.First
			if line.Sequence == 1 && line.Previous != "" {
				return found, &BrokenError{1, Changed}
			}
			if !gaps && line.Sequence < 1 {
				return found, &BrokenError{line.Sequence, Changed}
			}
		}
		missing := line.Sequence - found.Last.Sequence - 1
		switch {
		case missing < 0:
			return found, &BrokenError{line.Sequence, Reordered}
		case missing > 0 && !gaps:
			return found, &BrokenError{found.Last.Sequence + 1, Missing}
		case missing == 0 && line.Previous != found.Last.Hash, !fits(line.Previous, line.Entry):
			return found, &BrokenError{line.Sequence, Changed}
		}
		if hash, known := noted[line.Sequence]; known && hash != line.Hash {
			return found, &BrokenError{line.Sequence, Rewritten}
		}
		found.Last, found.Lines, found.Gaps = Head{line.Sequence, line.Hash}, found.Lines+1, found.Gaps+missing
	}
	return found, cutOff(found.Last, heads)
}
