package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"iter"
)

// functionTable is the beginning of the table that Go's linker writes for all functions
// (runtime.pcHeader), since Go 1.20: its magic number, the smallest instruction and the
// size of a pointer.
var functionTable = []byte{0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8}

// Where the members of runtime.pcHeader and of runtime._func are, in bytes.
const (
	headerFunctions = 8  // how many there are
	headerNames     = 32 // runtime.funcnametab, the names of functions
	headerUnits     = 40 // runtime.cutab, the files of each compilation unit
	headerFiles     = 48 // runtime.filetab, the names of files
	headerTables    = 56 // runtime.pctab, the tables by program counter
	headerIndex     = 64 // runtime.functab, the functions

	functionName       = 4  // offset of its name
	functionDeferred   = 12 // where it calls deferred functions
	functionStack      = 16 // offset of the table of stack sizes
	functionFile       = 20 // offset of the table of files
	functionLine       = 24 // offset of the table of lines
	functionTableCount = 28 // how many other tables there are
	functionUnit       = 32 // index in runtime.cutab
	functionStart      = 36 // line of its first line
	functionFlags      = 41 // flagAssembly among others
	functionDataCount  = 43 // how many further data there are
	functionTables     = 44 // offsets of the other tables, then of the further data
)

// flagAssembly is the flag of functions in assembly language (abi.FuncFlagAsm).
const flagAssembly = 1 << 2

// tableGap is the most zero bytes that are in the table of functions in a row.
const tableGap = 4096

// functionsIn yields the description of each function in the table of functions.
func functionsIn(table []byte) iter.Seq[[]byte] {
	member := func(at int) int { return int(binary.LittleEndian.Uint64(table[at:])) }
	return func(yield func([]byte) bool) {
		index := table[member(headerIndex):]
		for i := range member(headerFunctions) {
			if !yield(index[binary.LittleEndian.Uint32(index[8*i+4:]):]) {
				return
			}
		}
	}
}

// numberOf returns the position of a function in the code section.
func numberOf(function []byte) int { return int(binary.LittleEndian.Uint32(function)) - firstFunction }

// compiledFunction is what is known of a function that is compiled from Go.
type compiledFunction struct{ deferred int }

// compiledFunctions returns the functions that are compiled from Go, by their positions in
// the code section.
func compiledFunctions(segments []segment) (compiled map[int]compiledFunction, err error) {
	defer func() {
		if recover() != nil { // an offset is outside of the memory
			err = fmt.Errorf("%w: its table of functions is of another form", errWasm)
		}
	}()
	compiled = map[int]compiledFunction{}
	for _, s := range merge(segments, tableGap) {
		at := bytes.Index(s.content, functionTable)
		if at < 0 {
			continue
		}
		for function := range functionsIn(s.content[at:]) {
			if function[functionFlags]&flagAssembly == 0 {
				compiled[numberOf(function)] = compiledFunction{int(binary.LittleEndian.Uint32(function[functionDeferred:]))}
			}
		}
	}
	return compiled, nil
}
