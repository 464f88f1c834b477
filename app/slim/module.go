package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Where members of runtime.moduledata are, in bytes, and how the index is made by which the
// runtime finds a function by program counter: it searches on from a bucket.
const (
	modulePointers  = 8 // the size of a pointer
	moduleBuckets   = 19 * modulePointers
	moduleData      = 40 * modulePointers // further data of functions
	bucketSize      = 20                  // of runtime.findfuncbucket
	functionBuckets = 16                  // how many there are for each function
	functionsApart  = 8                   // how many functions a bucket may be ahead of its own
)

// moduleOf returns the description of the program in its memory (runtime.moduledata).
// table is the segment with the table of functions.
func moduleOf(segments []segment, table segment) ([]byte, error) {
	at := bytes.Index(table.content, functionTable)
	header := uint64(table.offset) + uint64(at)
	names := binary.LittleEndian.Uint64(table.content[at+headerNames:])
	beginning := binary.LittleEndian.AppendUint64(nil, header)
	beginning = binary.LittleEndian.AppendUint64(beginning, header+names)
	for _, s := range segments {
		if found := bytes.Index(s.content, beginning); found >= 0 && found+moduleData+modulePointers <= len(s.content) {
			return s.content[found:], nil
		}
	}
	return nil, fmt.Errorf("%w: it does not describe itself", errWasm)
}

// behind returns the content of the segment with the table of functions from where a member
// of the module points. It reports false if that is not behind the table's beginning.
func behind(table segment, module []byte, member int) ([]byte, bool) {
	header := uint64(table.offset) + uint64(bytes.Index(table.content, functionTable))
	pointer := binary.LittleEndian.Uint64(module[member:])
	if pointer <= header || pointer >= uint64(table.offset)+uint64(len(table.content)) {
		return nil, false
	}
	return table.content[pointer-uint64(table.offset):], true
}

// coarsenBuckets lets the buckets of several functions begin at the same function, which
// compresses to almost nothing. table is the segment with the table of functions.
func coarsenBuckets(table segment, module []byte) error {
	functions := binary.LittleEndian.Uint64(table.content[bytes.Index(table.content, functionTable)+headerFunctions:])
	count := (functions - 1) * functionBuckets // the last function has as many as it needs
	index, ok := behind(table, module, moduleBuckets)
	if !ok || uint64(len(index)) < count*bucketSize {
		return fmt.Errorf("%w: it has no index of its functions", errWasm)
	}
	for i := range count {
		bucket := index[bucketSize*i:]
		first := binary.LittleEndian.Uint32(bucket)
		binary.LittleEndian.PutUint32(bucket, first-first%functionsApart)
	}
	return nil
}
