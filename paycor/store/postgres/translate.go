package postgres

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// statement is a statement of package records in the words of PostgreSQL.
type statement struct {
	text      string
	arguments []int // which arguments it has, from 0, in the order of its own
	revises   bool  // see revises
}

// statements has the statements that were translated. There are as many as there are
// statements of package records.
var statements sync.Map // of *statement, by query

// translated returns a statement and its arguments in the words of PostgreSQL. See
// records.Conn for what is translated.
func translated(query string, arguments []any) (string, []any) {
	s := translation(query)
	own := make([]any, len(s.arguments))
	for i, argument := range s.arguments {
		own[i] = arguments[argument]
	}
	return s.text, own
}

// translation returns a statement, which is translated once.
func translation(query string) *statement {
	found, ok := statements.Load(query)
	if !ok {
		found, _ = statements.LoadOrStore(query, translate(query))
	}
	return found.(*statement)
}

var (
	hints       = regexp.MustCompile(` INDEXED BY \w+| ?NOT INDEXED`)
	nullTest    = regexp.MustCompile(`(\?\d+) IS NULL`)
	greatest    = regexp.MustCompile(`\bmax(\([^(),]+, [^(),]+\))`)
	least       = regexp.MustCompile(`\bmin(\([^(),]+, [^(),]+\))`)
	placeholder = regexp.MustCompile(`\?\d*`)
)

func translate(query string) *statement {
	text := hints.ReplaceAllString(query, ``)
	text = nullTest.ReplaceAllString(text, `$1::text IS NULL`)
	text = greatest.ReplaceAllString(text, `greatest$1`)
	text = least.ReplaceAllString(text, `least$1`)
	text = strings.NewReplacer(`CROSS JOIN LATERAL`, `CROSS JOIN LATERAL`, `CROSS JOIN`, `JOIN`, `json_each(`, `json_list(`, `instr(`, `strpos(`).Replace(text)

	// PostgreSQL wants to know the type of every argument, so one that a statement does
	// not use is left out.
	s := &statement{revises: revises(query)}
	numbers, highest := map[int]int{}, 0 // by number in the query
	s.text = placeholder.ReplaceAllStringFunc(text, func(mark string) string {
		number, err := strconv.Atoi(mark[1:])
		if err != nil { // as SQLite counts
			number = highest + 1
		}
		highest = max(highest, number)
		if numbers[number] == 0 {
			s.arguments = append(s.arguments, number-1)
			numbers[number] = len(s.arguments)
		}
		return "$" + strconv.Itoa(numbers[number])
	})
	return s
}
