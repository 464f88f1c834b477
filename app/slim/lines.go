package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
)

// noData is the offset of data that a function does not have.
const noData = 1<<32 - 1

// unusedTables are the tables by program counter, and unusedData the further data of
// functions, that are left out (internal/abi/symtab.go): where a goroutine may be
// preempted by a signal, which there is none of in a browser, and for traces the functions
// that were copied to where they are called, and the arguments of each call.
var (
	unusedTables = []int{0, tableInlined, 3}   // PCDATA_UnsafePoint, PCDATA_InlTreeIndex, PCDATA_ArgLiveIndex
	unusedData   = []int{dataInlined, 5, 6, 7} // FUNCDATA_InlTree, FUNCDATA_ArgInfo, FUNCDATA_ArgLiveInfo, FUNCDATA_WrapInfo
)

// The table and the data of the functions that were inlined.
const (
	tableInlined = 2
	dataInlined  = 3
	inlinedSize  = 16 // of runtime.inlinedCall
	inlinedName  = 4  // offset of the name of the function
)

// withoutLines returns a program's memory without the files and lines of its functions,
// and with the program counters of those that are written again.
func withoutLines(segments []segment, calls callCounters) ([]segment, error) {
	segments = merge(segments, tableGap)
	tables := 0
	for _, s := range segments {
		if at := bytes.Index(s.content, functionTable); at >= 0 {
			tables++
			module, err := moduleOf(segments, s)
			if err != nil {
				return nil, err
			}
			data, ok := behind(s, module, moduleData)
			if !ok {
				return nil, fmt.Errorf("%w: its functions have no further data", errWasm)
			}
			if err := removeLines(s.content[at:], data, calls); err != nil {
				return nil, err
			}
			if err := coarsenBuckets(s, module); err != nil {
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
// functions stay. It takes the offset 0 of a table as that there is none. data is what is in
// the memory from the further data of functions on.
func removeLines(table, data []byte, calls callCounters) (err error) {
	defer func() {
		if recover() != nil { // an offset is outside of the memory
			err = fmt.Errorf("%w: its table of functions is of another form", errWasm)
		}
	}()
	member := func(at int) int { return int(binary.LittleEndian.Uint64(table[at:])) }
	names, tables := table[member(headerNames):member(headerUnits)], table[member(headerTables):member(headerIndex)]

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
		if err := removeInlined(function, tables, data, names); err != nil {
			return err
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
	named := map[int]bool{}
	for function := range functionsIn(table) {
		named[int(binary.LittleEndian.Uint32(function[functionName:]))] = true
	}
	removeNames(names, named)
	clear(table[member(headerUnits):member(headerTables)])
	clear(tables[copy(tables, kept):])
	return nil
}

// removeInlined clears the list of the functions that were inlined in a function. A table
// has the positions in it.
func removeInlined(function, tables, data, names []byte) error {
	count := int(binary.LittleEndian.Uint32(function[functionTableCount:]))
	if count <= tableInlined || int(function[functionDataCount]) <= dataInlined {
		return nil
	}
	positions := binary.LittleEndian.Uint32(function[functionTables+4*tableInlined:])
	list := binary.LittleEndian.Uint32(function[functionTables+4*(count+dataInlined):])
	if positions == 0 || list == noData {
		return nil
	}
	for _, s := range readCounterTable(tables[positions:]) {
		if s.value < 0 {
			continue
		}
		inlined := data[int(list)+inlinedSize*s.value:][:inlinedSize]
		// That it has a name shows that it is one.
		if name := binary.LittleEndian.Uint32(inlined[inlinedName:]); name > 0 && names[name-1] != 0 {
			return fmt.Errorf("%w: a function that was inlined has no name", errWasm)
		}
		clear(inlined)
	}
	return nil
}

// removeNames clears the names that no function has. Functions that were inlined wherever
// they are called have left theirs.
func removeNames(names []byte, used map[int]bool) {
	for at := 0; at < len(names); {
		length := bytes.IndexByte(names[at:], 0)
		if length < 0 {
			return
		}
		if !used[at] {
			clear(names[at : at+length])
		}
		at += length + 1
	}
}
