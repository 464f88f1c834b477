package main

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Tables by program counter. The first pair of some begins with zero.
var (
	stackTable = []byte{2, 4, 0}
	dataTable  = []byte{0, 9, 6, 0x80, 1, 0}
	fileTable  = []byte{4, 7, 0}
	lineTable  = []byte{0x82, 3, 7, 8, 1, 0}
)

// functionFixture is a function in testMemory: the offsets of its tables, other members
// that are cleared, and offsets of further data.
type functionFixture struct {
	deferred, stack, file, line, unit, start uint32
	others, data                             []uint32
}

// testMemory returns a program's memory: its table of functions with something before and
// behind it.
func testMemory(units, files, tables string, list ...functionFixture) []byte {
	names := "main.one\x00main.two\x00"
	var index, functions []byte
	for i, f := range list {
		index = binary.LittleEndian.AppendUint32(index, uint32(i))
		index = binary.LittleEndian.AppendUint32(index, uint32(8*len(list)+4+len(functions)))
		members := []uint32{uint32(firstFunction + i), uint32(9 * i), 8, f.deferred, f.stack, f.file, f.line, uint32(len(f.others)), f.unit, f.start, uint32(len(f.data)) << 24}
		for _, member := range slices.Concat(members, f.others, f.data) {
			functions = binary.LittleEndian.AppendUint32(functions, member)
		}
	}
	index = binary.LittleEndian.AppendUint32(index, uint32(len(list))) // where the last function ends

	memory := append([]byte("before"), functionTable...)
	at := 72
	members := []int{len(list), 1, 0}
	for _, part := range []string{names, units, files, tables} {
		members = append(members, at)
		at += len(part)
	}
	for _, member := range append(members, at) {
		memory = binary.LittleEndian.AppendUint64(memory, uint64(member))
	}
	return slices.Concat(memory, []byte(names+units+files+tables), index, functions, []byte("behind"))
}

// tableIn returns the memory from the table of functions on.
func tableIn(memory []byte) []byte { return memory[bytes.Index(memory, functionTable):] }

// fullMemory returns the memory of a program of two functions. The second has the stack
// sizes that are the lines of the first.
func fullMemory() []byte {
	tables := string(slices.Concat([]byte{0}, fileTable, stackTable, lineTable, dataTable))
	file, stack := uint32(1), uint32(1+len(fileTable))
	line := stack + uint32(len(stackTable))
	data := line + uint32(len(lineTable))
	return testMemory("\x01\x00\x00\x00", "one.go\x00", tables,
		functionFixture{0, stack, file, line, 3, 17, []uint32{line, data}, []uint32{1, 2, 3, 4, 5, 6, 7, 8}},
		functionFixture{0, line, file, line, 4, 30, []uint32{0, data, stack, line}, []uint32{9}},
	)
}

// emptyMemory returns the same memory as slim leaves it.
func emptyMemory() []byte {
	tables := string(slices.Concat([]byte{0}, stackTable, dataTable, lineTable, make([]byte, len(fileTable))))
	stack, data := uint32(1), uint32(1+len(stackTable))
	line := data + uint32(len(dataTable))
	return testMemory("\x00\x00\x00\x00", strings.Repeat("\x00", 7), tables,
		functionFixture{stack: stack, others: []uint32{0, data}, data: []uint32{1, 2, 3, noData, 5, noData, noData, noData}},
		functionFixture{stack: line, others: []uint32{0, data, 0, 0}, data: []uint32{9}},
	)
}

func TestLinesAreRemovedAndTheRestIsKept(t *testing.T) {
	memory := fullMemory()
	require.NoError(t, removeLines(tableIn(memory), nil, nil))
	assert.Equal(t, emptyMemory(), memory)
	require.NoError(t, removeLines(tableIn(memory), nil, nil))
	assert.Equal(t, emptyMemory(), memory, "there are none any more")
}

func TestProgramCountersChangeWithTheFunction(t *testing.T) {
	sizes, maps := counterTable{{0, 1}, {48, 9}}.encode(), counterTable{{-1, 2}, {0, 4}, {1, 9}}.encode()
	unused := make([]byte, 12)
	memory := testMemory("", "", string(slices.Concat([]byte{0}, sizes, maps, unused)),
		functionFixture{deferred: 6, stack: 1, others: []uint32{0, uint32(1 + len(sizes))}},
		functionFixture{deferred: 6, stack: 1},
	)
	require.NoError(t, removeLines(tableIn(memory), nil, callCounters{0: {none, 3, 6, none}}))
	changed, changedMaps := counterTable{{0, 1}, {48, endless}}.encode(), counterTable{{0, 2}, {1, endless}}.encode()
	tables := append(slices.Concat([]byte{0}, changed, changedMaps, sizes), unused...)[:1+len(sizes)+len(maps)+len(unused)]
	want := testMemory("", "", string(tables),
		functionFixture{deferred: 2, stack: 1, others: []uint32{0, uint32(1 + len(changed))}},
		functionFixture{deferred: 6, stack: uint32(1 + len(changed) + len(changedMaps))},
	)
	assert.Equal(t, want, memory)

	memory = testMemory("", "", string(append([]byte{0}, counterTable{{0, 1}, {48, 3}, {0, 9}}.encode()...)), functionFixture{stack: 1})
	assert.ErrorContains(t, removeLines(tableIn(memory), nil, callCounters{0: {none}}), "more than one size of its stack")
	memory = testMemory("", "", string(append([]byte{0}, sizes...)), functionFixture{stack: 1})
	assert.ErrorContains(t, removeLines(tableIn(memory), nil, callCounters{0: {none}}), "tables by program counter are too short")
}

func TestInlinedFunctionsAreForgotten(t *testing.T) {
	positions := counterTable{{-1, 2}, {0, 4}, {2, 6}, {0, 9}}.encode()
	memory := testMemory("", "", string(append([]byte{0}, positions...)),
		functionFixture{others: []uint32{0, 0, 1}, data: []uint32{noData, noData, noData, 1}},
		functionFixture{others: []uint32{0, 0, 1}, data: []uint32{noData, noData, noData, noData}},
		functionFixture{others: []uint32{0, 0, 0}, data: []uint32{noData, noData, noData, 1}},
	)
	inlined := func(name uint32) []byte {
		return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32([]byte{7, 0, 0, 0}, name), 5), 30)
	}
	data := slices.Concat([]byte{1}, inlined(9), inlined(0), inlined(0), []byte{2})
	require.NoError(t, removeLines(tableIn(memory), data, nil))
	assert.Equal(t, slices.Concat([]byte{1}, make([]byte, inlinedSize), inlined(0), make([]byte, inlinedSize), []byte{2}), data)

	memory = testMemory("", "", string(append([]byte{0}, positions...)), functionFixture{others: []uint32{0, 0, 1}, data: []uint32{0, 0, 0, 0}})
	assert.ErrorContains(t, removeLines(tableIn(memory), inlined(8), nil), "has no name")
}

func TestNamesThatNoFunctionHasAreRemoved(t *testing.T) {
	names := []byte("\x00one\x00two\x00three\x00four")
	removeNames(names, map[int]bool{5: true})
	assert.Equal(t, []byte("\x00\x00\x00\x00\x00two\x00\x00\x00\x00\x00\x00\x00four"), names)
}

// withIndex returns segments of a program: the table of functions with the index of its
// buckets behind it, and what points to both.
func withIndex(memory []byte, firsts ...uint32) []segment {
	const offset = 64
	table := segment{offset, bytes.Clone(memory)}
	for _, first := range firsts {
		for range functionBuckets {
			table.content = binary.LittleEndian.AppendUint32(table.content, first)
			table.content = append(table.content, make([]byte, bucketSize-4)...)
		}
	}
	module := make([]byte, moduleData+modulePointers)
	header := offset + uint64(bytes.Index(memory, functionTable))
	binary.LittleEndian.PutUint64(module, header)
	binary.LittleEndian.PutUint64(module[8:], header+72)
	binary.LittleEndian.PutUint64(module[moduleBuckets:], offset+uint64(len(memory)))
	binary.LittleEndian.PutUint64(module[moduleData:], offset+uint64(len(memory)))
	return []segment{table, {1 << 20, module}}
}

func TestBucketsBeginAtTheSameFunction(t *testing.T) {
	var list []functionFixture
	var firsts, coarse []uint32
	for i := range uint32(20) {
		list = append(list, functionFixture{})
		firsts, coarse = append(firsts, i), append(coarse, i-i%8)
	}
	memory := testMemory("", "", "\x00", list...)
	coarse[19] = 19 // the last function may have fewer buckets
	segments, want := withIndex(memory, firsts...), withIndex(memory, coarse...)
	module, err := moduleOf(segments, segments[0])
	require.NoError(t, err)
	require.NoError(t, coarsenBuckets(segments[0], module))
	assert.Equal(t, want, segments)

	segments = withIndex(memory, firsts[:10]...)
	require.ErrorIs(t, coarsenBuckets(segments[0], module), errWasm, "the index is too short")
}

func TestAProgramWithoutLinesHasNoLongRunsOfZeros(t *testing.T) {
	whole := withIndex(fullMemory(), 0, 1)
	table := whole[0].content
	far := segment{offset: 1 << 21, content: []byte("far")}
	segments, err := withoutLines([]segment{{64, table[:30]}, {94, table[30:]}, whole[1], far}, nil)
	require.NoError(t, err)
	want := withIndex(emptyMemory(), 0, 1)
	var parts []segment
	for _, s := range append(want, far) {
		parts = append(parts, split(s, largestGap)...)
	}
	assert.Equal(t, parts, segments)
}

func TestAnotherTableOfFunctionsIsRefused(t *testing.T) {
	whole := withIndex(fullMemory(), 0, 1)
	_, err := withoutLines(append(whole, segment{1 << 21, fullMemory()}), nil)
	require.ErrorIs(t, err, errWasm)
	_, err = withoutLines(whole[:1], nil)
	require.ErrorContains(t, err, "it does not describe itself")
	for at, message := range map[int]string{moduleData: "no further data", moduleBuckets: "no index"} {
		whole = withIndex(fullMemory(), 0, 1)
		clear(whole[1].content[at:][:modulePointers])
		_, err = withoutLines(whole, nil)
		require.ErrorContains(t, err, message)
	}
	_, err = withoutLines([]segment{{64, []byte("no table")}}, nil)
	require.ErrorIs(t, err, errWasm)
	assert.ErrorIs(t, removeLines(tableIn(fullMemory()[:90]), nil, nil), errWasm, "it is cut")
}

func TestSplitLeavesOutLongRunsOfZeros(t *testing.T) {
	content := append(append([]byte("\x00\x00ab\x00\x00c"), make([]byte, 3)...), "d\x00"...)
	assert.Equal(t, []segment{{102, []byte("ab\x00\x00c")}, {110, []byte("d")}}, split(segment{100, content}, 2))
	assert.Empty(t, split(segment{100, make([]byte, 9)}, 2))
}
