package main

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wasmModule returns a module with a custom section, a code section and a data section.
func wasmModule(segments ...segment) []byte {
	data := writeSegments(segments)
	module := append([]byte(wasmHeader), 0, 3, 2, 'a', 'b', sectionCode, 1, 0)
	module = append(module, sectionData)
	module = binary.AppendUvarint(module, uint64(len(data)))
	return append(module, data...)
}

// memory returns the initial memory of a module.
func memory(t *testing.T, module []byte) map[uint32]byte {
	t.Helper()
	segments, err := readSegments(dataSection(t, module))
	require.NoError(t, err)
	bytes := map[uint32]byte{}
	for _, s := range segments {
		for i, b := range s.content {
			if b != 0 {
				bytes[s.offset+uint32(i)] = b
			}
		}
	}
	return bytes
}

func dataSection(t *testing.T, module []byte) []byte {
	t.Helper()
	for rest := module[len(wasmHeader):]; len(rest) > 0; {
		size, n := binary.Uvarint(rest[1:])
		if rest[0] == sectionData {
			return rest[1+n : 1+n+int(size)]
		}
		rest = rest[1+n+int(size):]
	}
	require.Fail(t, "there is no data section")
	return nil
}

func mergeSegments(module []byte) ([]byte, error) {
	return rewriteModule(module, func(code []byte, data []segment) ([]byte, []segment, error) {
		return code, merge(data, largestGap), nil
	})
}

func TestMergedSegmentsHoldTheSameMemory(t *testing.T) {
	module := wasmModule(
		segment{64, []byte("one")}, segment{75, []byte("near")}, segment{75 + 4 + largestGap, []byte("just near")},
		segment{4096, []byte("far")}, segment{4099, []byte("next to it")}, segment{4099 + 10 + largestGap + 1, []byte("just too far")},
		segment{math.MaxInt32, []byte("high")}, segment{1<<31 + 100, []byte("negative as a signed number")},
	)
	merged, err := mergeSegments(module)
	require.NoError(t, err)
	assert.Equal(t, memory(t, module), memory(t, merged))
	segments, err := readSegments(dataSection(t, merged))
	require.NoError(t, err)
	assert.Len(t, segments, 5)
	again, err := mergeSegments(merged)
	require.NoError(t, err)
	assert.Equal(t, merged, again)
}

func TestWhatIsNoModuleIsRefused(t *testing.T) {
	module := wasmModule(segment{64, []byte("one")}, segment{75, []byte("near")})
	for name, broken := range map[string][]byte{
		"empty":          {},
		"text":           []byte("<!doctype html>"),
		"no code":        append([]byte(wasmHeader), sectionData, 1, 0),
		"no data":        append([]byte(wasmHeader), sectionCode, 1, 0),
		"cut":            module[:len(module)-1],
		"counts ahead":   append([]byte(wasmHeader), sectionDataCount, 1, 1),
		"passive":        append([]byte(wasmHeader), sectionCode, 1, 0, sectionData, 4, 1, 1, 1, 'x'),
		"longer section": append([]byte(wasmHeader), sectionCode, 1, 0, sectionData, 200, 1, 1),
		"more behind":    append([]byte(wasmHeader), sectionCode, 1, 0, sectionData, 8, 1, 0, opI32Const, 0, opEnd, 1, 'x', 'y'),
	} {
		_, err := mergeSegments(broken)
		assert.ErrorIs(t, err, errWasm, name)
	}
}

func FuzzMergeSegments(f *testing.F) {
	f.Add(wasmModule(segment{64, []byte("one")}, segment{75, []byte("near")}))
	f.Add([]byte(wasmHeader))
	f.Fuzz(func(t *testing.T, module []byte) {
		merged, err := mergeSegments(module)
		if err != nil {
			return
		}
		_, err = mergeSegments(merged)
		assert.NoError(t, err)
	})
}

func TestSignedNumbersComeBack(t *testing.T) {
	for _, number := range []int32{0, 1, -1, 63, 64, -64, -65, 8191, 8192, math.MaxInt32, math.MinInt32} {
		written := appendSigned(nil, number)
		got, length := signed(written)
		assert.Equal(t, number, got)
		assert.Len(t, written, length)
	}
}
