package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
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

// noData is the offset of data that a function does not have.
const noData = 1<<32 - 1

// unusedTables are the tables by program counter, and unusedData the further data of
// functions, that are left out (internal/abi/symtab.go): where a goroutine may be
// preempted by a signal, which there is none of in a browser, and for traces the functions
// that were copied to where they are called, and the arguments of each call.
var (
	unusedTables = []int{0, 2, 3}    // PCDATA_UnsafePoint, PCDATA_InlTreeIndex, PCDATA_ArgLiveIndex
	unusedData   = []int{3, 5, 6, 7} // FUNCDATA_InlTree, FUNCDATA_ArgInfo, FUNCDATA_ArgLiveInfo, FUNCDATA_WrapInfo
)

// tableStackMaps is the table of which maps of pointers are right for the stack
// (PCDATA_StackMapIndex).
const tableStackMaps = 1

// The runtime finds a function by program counter in an index of buckets, from where it
// searches on.
const (
	modulePointers  = 8 // the size of a pointer in runtime.moduledata
	moduleBuckets   = 19 * modulePointers
	bucketSize      = 20 // of runtime.findfuncbucket
	functionBuckets = 16 // how many there are for each function
	functionsApart  = 8  // how many functions a bucket may be ahead of its own
)

// tableGap is the most zero bytes that are in the table of functions in a row.
const tableGap = 4096

// withoutLines returns a program's memory without the files and lines of its functions,
// and with the program counters of those that are written again.
func withoutLines(segments []segment, calls callCounters) ([]segment, error) {
	segments = merge(segments, tableGap)
	tables := 0
	for _, s := range segments {
		if bytes.Contains(s.content, functionTable) {
			tables++
			if err := removeLines(s.content, calls); err != nil {
				return nil, err
			}
			if err := coarsenBuckets(segments, s); err != nil {
				return nil, err
			}
		}
	}
	if tables != 1 {
		return nil, fmt.Errorf("%w: it has %d tables of functions", errWasm, tables)
	}
	var cleared []segment
	for _, s := range segments {
		cleared = append(cleared, split(s, largestGap)...)
	}
	return cleared, nil
}

// coarsenBuckets lets the buckets of several functions begin at the same function, which
// compresses to almost nothing. table is the segment with the table of functions.
func coarsenBuckets(segments []segment, table segment) error {
	at := bytes.Index(table.content, functionTable)
	header := uint64(table.offset) + uint64(at)
	names := binary.LittleEndian.Uint64(table.content[at+headerNames:])
	module := binary.LittleEndian.AppendUint64(nil, header) // how runtime.moduledata begins
	module = binary.LittleEndian.AppendUint64(module, header+names)
	for _, s := range segments {
		found := bytes.Index(s.content, module)
		if found < 0 || found+moduleBuckets+8 > len(s.content) {
			continue
		}
		buckets := binary.LittleEndian.Uint64(s.content[found+moduleBuckets:])
		functions := binary.LittleEndian.Uint64(table.content[at+headerFunctions:])
		count := (functions - 1) * functionBuckets // the last function has as many as it needs
		if buckets < header || buckets+count*bucketSize > uint64(table.offset)+uint64(len(table.content)) {
			break
		}
		index := table.content[buckets-uint64(table.offset):]
		for i := range count {
			bucket := index[bucketSize*i:]
			first := binary.LittleEndian.Uint32(bucket)
			binary.LittleEndian.PutUint32(bucket, first-first%functionsApart)
		}
		return nil
	}
	return fmt.Errorf("%w: it has no index of its functions", errWasm)
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

// removeLines clears the files and lines of all functions in a program's memory, and what
// else of them the runtime does not need. It needs them only for traces, where the names of
// functions stay. It takes the offset 0 of a table as that there is none.
func removeLines(memory []byte, calls callCounters) (err error) {
	defer func() {
		if recover() != nil { // an offset is outside of the memory
			err = fmt.Errorf("%w: its table of functions is of another form", errWasm)
		}
	}()
	table := memory[bytes.Index(memory, functionTable):]
	member := func(at int) int { return int(binary.LittleEndian.Uint64(table[at:])) }
	tables := table[member(headerTables):member(headerIndex)]

	kept, offsets := []byte{0}, map[string]uint32{}
	// change replaces a table if there is one. Equal tables are kept once.
	change := func(function []byte, changed func(counterTable) (counterTable, bool)) error {
		offset := binary.LittleEndian.Uint32(function)
		if offset == 0 {
			return nil
		}
		changedTable, ok := changed(readCounterTable(tables[offset:]))
		if !ok {
			return fmt.Errorf("%w: a function has more than one size of its stack", errWasm)
		}
		encoded := string(changedTable.encode())
		if offsets[encoded] == 0 && len(changedTable) > 0 {
			offsets[encoded] = uint32(len(kept))
			kept = append(kept, encoded...)
		}
		binary.LittleEndian.PutUint32(function, offsets[encoded])
		return nil
	}
	same := func(t counterTable) (counterTable, bool) { return t, true }
	for function := range functionsIn(table) {
		count := int(binary.LittleEndian.Uint32(function[functionTableCount:]))
		for _, at := range []int{functionFile, functionLine, functionUnit, functionStart} {
			clear(function[at : at+4])
		}
		for _, table := range unusedTables {
			if table < count {
				clear(function[functionTables+4*table:][:4])
			}
		}
		for _, data := range unusedData {
			if data < int(function[functionDataCount]) {
				binary.LittleEndian.PutUint32(function[functionTables+4*(count+data):], noData)
			}
		}
		own, again := calls[numberOf(function)]
		stack, others := same, same
		if again {
			stack = counterTable.behindBeginning
			others = func(t counterTable) (counterTable, bool) { return t.atCalls(own), true }
			if deferred := int(binary.LittleEndian.Uint32(function[functionDeferred:])); deferred != 0 {
				binary.LittleEndian.PutUint32(function[functionDeferred:], uint32(slices.Index(own, deferred)))
			}
		}
		if err := change(function[functionStack:], stack); err != nil {
			return err
		}
		for table := range count {
			if err := change(function[functionTables+4*table:], others); err != nil {
				return err
			}
		}
	}
	if len(kept) > len(tables) {
		return fmt.Errorf("%w: its tables by program counter are too short", errWasm)
	}
	clear(table[member(headerUnits):member(headerTables)])
	clear(tables[copy(tables, kept):])
	return nil
}

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
