package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// functionTable is the beginning of the table that Go's linker writes for all functions
// (runtime.pcHeader), since Go 1.20: its magic number, the smallest instruction and the
// size of a pointer.
var functionTable = []byte{0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8}

// Where the members of runtime.pcHeader and of runtime._func are, in bytes.
const (
	headerFunctions = 8  // how many there are
	headerUnits     = 40 // runtime.cutab, the files of each compilation unit
	headerFiles     = 48 // runtime.filetab, the names of files
	headerTables    = 56 // runtime.pctab, the tables by program counter
	headerIndex     = 64 // runtime.functab, the functions

	functionStack  = 16 // offset of the table of stack sizes
	functionFile   = 20 // offset of the table of files
	functionLine   = 24 // offset of the table of lines
	functionData   = 28 // how many other tables follow at the end
	functionUnit   = 32 // index in runtime.cutab
	functionStart  = 36 // line of its first line
	functionTables = 44 // offsets of the other tables
)

// tableGap is the most zero bytes that are in the table of functions in a row.
const tableGap = 4096

// withoutLines returns a program's memory without the files and lines of its functions.
func withoutLines(segments []segment) ([]segment, error) {
	segments = merge(segments, tableGap)
	var cleared []segment
	tables := 0
	for _, s := range segments {
		if bytes.Contains(s.content, functionTable) {
			tables++
			if err := removeLines(s.content); err != nil {
				return nil, err
			}
		}
		cleared = append(cleared, split(s, largestGap)...)
	}
	if tables != 1 {
		return nil, fmt.Errorf("%w: it has %d tables of functions", errWasm, tables)
	}
	return cleared, nil
}

// split divides a segment where there are more than gap zero bytes in a row.
func split(s segment, gap int) []segment {
	var parts []segment
	start, end := -1, 0 // of the part
	for at, b := range s.content {
		if b == 0 {
			continue
		}
		if start >= 0 && at-end > gap {
			parts = append(parts, segment{s.offset + uint32(start), s.content[start:end]})
			start = -1
		}
		if start < 0 {
			start = at
		}
		end = at + 1
	}
	if start >= 0 {
		parts = append(parts, segment{s.offset + uint32(start), s.content[start:end]})
	}
	return parts
}

// removeLines clears the files and lines of all functions in a program's memory. The
// runtime needs them only for traces, where the names of functions stay. It takes the
// offset 0 of a table as that there is none.
func removeLines(memory []byte) (err error) {
	defer func() {
		if recover() != nil { // an offset is outside of the memory
			err = fmt.Errorf("%w: its table of functions is of another form", errWasm)
		}
	}()
	at := bytes.Index(memory, functionTable)
	table := memory[at:]
	member := func(at int) int { return int(binary.LittleEndian.Uint64(table[at:])) }
	tables, index := table[member(headerTables):member(headerIndex)], table[member(headerIndex):]

	kept := make([]byte, len(tables))
	keep := func(offset uint32) {
		if offset != 0 {
			copy(kept[offset:], tables[offset:offset+lengthOf(tables[offset:])])
		}
	}
	for i := range member(headerFunctions) {
		function := index[binary.LittleEndian.Uint32(index[8*i+4:]):]
		number := func(at int) uint32 { return binary.LittleEndian.Uint32(function[at:]) }
		keep(number(functionStack))
		for j := range number(functionData) {
			keep(number(functionTables + 4*int(j)))
		}
		for _, at := range []int{functionFile, functionLine, functionUnit, functionStart} {
			clear(function[at : at+4])
		}
	}
	clear(table[member(headerUnits):member(headerTables)])
	copy(tables, kept)
	return nil
}

// lengthOf returns the length of a table by program counter, in bytes: pairs of numbers
// that end before a pair whose first is zero. The first pair may begin with zero.
func lengthOf(table []byte) uint32 {
	length := 0
	for first := true; first || table[length] != 0; first = false {
		for range 2 {
			_, n := binary.Uvarint(table[length:])
			length += n
		}
	}
	return uint32(length + 1)
}
