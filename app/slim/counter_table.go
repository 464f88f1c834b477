package main

import "encoding/binary"

// counterTable is a table by program counter of a function: each span has a value.
type counterTable []span

type span struct {
	value int
	end   int // the first program counter behind it
}

// endless is the end of the last span of a table. The runtime does not look further than
// a function is long, and tables that end at the same place are the same more often.
const endless = 1<<16 - 1

// readCounterTable reads a table: pairs of a difference of values, from -1 on, and a
// length. It ends before a pair whose first is zero, unless that is the first pair.
func readCounterTable(encoded []byte) (table counterTable) {
	next := span{value: -1}
	for len(table) == 0 || encoded[0] != 0 {
		difference, n := binary.Varint(encoded)
		length, m := binary.Uvarint(encoded[n:])
		encoded = encoded[n+m:]
		next = span{next.value + int(difference), next.end + int(length)}
		table = append(table, next)
	}
	return table
}

func (t counterTable) encode() (encoded []byte) {
	last := span{value: -1}
	for _, s := range t {
		encoded = binary.AppendVarint(encoded, int64(s.value-last.value))
		encoded = binary.AppendUvarint(encoded, uint64(s.end-last.end))
		last = s
	}
	return append(encoded, 0)
}

// at returns the value at a program counter.
func (t counterTable) at(counter int) int {
	i := 0
	for t[i].end <= counter {
		i++
	}
	return t[i].value
}

// atCalls returns the table of a function that is written again, in which only calls are
// looked up.
func (t counterTable) atCalls(calls []int) (table counterTable) {
	for n, call := range calls {
		if call == none {
			continue
		}
		value := t.at(call)
		if last := len(table) - 1; last >= 0 {
			if table[last].value == value {
				continue
			}
			table[last].end = n
		}
		table = append(table, span{value, endless})
	}
	return table
}

// behindBeginning returns the table of stack sizes of a function that is written again.
// The size must not change but behind its beginning, before its first call.
func (t counterTable) behindBeginning() (table counterTable, ok bool) {
	if len(t) > 2 || len(t) == 2 && t[0].end != 1 {
		return nil, false
	}
	table = append(table, t...)
	table[len(table)-1].end = endless
	return table, true
}
