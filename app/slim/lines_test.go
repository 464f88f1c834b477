package main

import (
	"bytes"
	"encoding/binary"
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

// functionFixture is a function in testMemory, by the offsets of its tables.
type functionFixture struct{ stack, file, line, data uint32 }

// testMemory returns a program's memory: its table of functions with something before and
// behind it. The second function has the stack sizes that are the lines of the first.
func testMemory() (memory []byte, tables []byte) {
	tables = []byte{0}
	add := func(table []byte) uint32 {
		tables = append(tables, table...)
		return uint32(len(tables) - len(table))
	}
	first := functionFixture{add(stackTable), add(fileTable), add(lineTable), add(dataTable)}
	second := functionFixture{first.line, first.file, add(lineTable[2:]), 0}

	names, units, files := []byte("main.one\x00main.two\x00"), []byte{1, 0, 0, 0}, []byte("one.go\x00")
	var index, functions []byte
	for i, f := range []functionFixture{first, second} {
		index = binary.LittleEndian.AppendUint32(index, uint32(16*i))
		index = binary.LittleEndian.AppendUint32(index, uint32(20+len(functions)))
		for _, member := range []uint32{uint32(16 * i), uint32(9 * i), 8, 0, f.stack, f.file, f.line, 1, 3, 17, 0, f.data} {
			functions = binary.LittleEndian.AppendUint32(functions, member)
		}
	}
	index = binary.LittleEndian.AppendUint32(index, 32) // where the last function ends

	memory = append([]byte("before"), functionTable...)
	at := 72
	members := []int{2, 1, 0}
	for _, part := range [][]byte{names, units, files, tables} {
		members = append(members, at)
		at += len(part)
	}
	for _, member := range append(members, at) {
		memory = binary.LittleEndian.AppendUint64(memory, uint64(member))
	}
	return append(bytes.Join([][]byte{memory, names, units, files, tables, index, functions}, nil), "behind"...), tables
}

func TestLinesAreRemovedAndTheRestIsKept(t *testing.T) {
	memory, tables := testMemory()
	before := bytes.Clone(memory)
	require.NoError(t, removeLines(memory))
	assert.Len(t, memory, len(before))

	kept := append(append([]byte{0}, stackTable...), make([]byte, len(fileTable))...)
	kept = append(append(append(kept, lineTable...), dataTable...), make([]byte, len(lineTable)-2)...)
	require.Len(t, kept, len(tables))
	want := bytes.Replace(before, tables, kept, 1)
	want = bytes.Replace(want, []byte("\x01\x00\x00\x00one.go\x00"), make([]byte, 11), 1)
	for i := range 2 {
		function := want[len(want)-len("behind")-48*(2-i):]
		for _, at := range []int{functionFile, functionLine, functionUnit, functionStart} {
			clear(function[at : at+4])
		}
	}
	assert.Equal(t, want, memory)
	require.NoError(t, removeLines(memory))
	assert.Equal(t, want, memory, "there are none any more")
}

func TestAProgramWithoutLinesHasNoLongRunsOfZeros(t *testing.T) {
	memory, _ := testMemory()
	cleared := bytes.Clone(memory)
	require.NoError(t, removeLines(cleared))
	far := segment{offset: 1 << 20, content: []byte("far")}
	segments, err := withoutLines([]segment{{64, memory[:30]}, {94, memory[30:]}, far})
	require.NoError(t, err)
	assert.Equal(t, []segment{{64, cleared}, far}, segments)
}

func TestAnotherTableOfFunctionsIsRefused(t *testing.T) {
	memory, _ := testMemory()
	twice := segment{1 << 20, bytes.Clone(memory)}
	_, err := withoutLines([]segment{{64, memory}, twice})
	require.ErrorIs(t, err, errWasm)
	_, err = withoutLines([]segment{{64, []byte("no table")}})
	require.ErrorIs(t, err, errWasm)
	memory, _ = testMemory()
	assert.ErrorIs(t, removeLines(memory[:90]), errWasm, "it is cut")
}

func TestSplitLeavesOutLongRunsOfZeros(t *testing.T) {
	content := append(append([]byte("\x00\x00ab\x00\x00c"), make([]byte, 3)...), "d\x00"...)
	assert.Equal(t, []segment{{102, []byte("ab\x00\x00c")}, {110, []byte("d")}}, split(segment{100, content}, 2))
	assert.Empty(t, split(segment{100, make([]byte, 9)}, 2))
}
