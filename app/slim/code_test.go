package main

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bytesOf reads hexadecimal numbers, each line up to a comment.
func bytesOf(t testing.TB, text string) []byte {
	t.Helper()
	var digits strings.Builder
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, ";")
		digits.WriteString(strings.Join(strings.Fields(line), ""))
	}
	code, err := hex.DecodeString(digits.String())
	require.NoError(t, err)
	return code
}

func codeSection(bodies ...[]byte) []byte {
	section := binary.AppendUvarint(nil, uint64(len(bodies)))
	for _, body := range bodies {
		section = append(binary.AppendUvarint(section, uint64(len(body))), body...)
	}
	return section
}

// compiledFixture is what is known of the first function.
var compiledFixture = map[int]compiledFunction{0: {}}

func TestOnlyCompiledFunctionsAreWrittenAgain(t *testing.T) {
	other := []byte{0, opLocalGet, 0, opEnd}
	written, calls, err := rewriteCode(codeSection(functionBefore(t), other, functionBefore(t)), compiledFixture)
	require.NoError(t, err)
	assert.Equal(t, codeSection(functionAfter(t), other, functionBefore(t)), written)
	assert.Equal(t, callCounters{0: {1, 2, none, 4, none}}, calls)
}

func TestUnknownCodeIsRefused(t *testing.T) {
	for name, section := range map[string][]byte{
		"no number":           {},
		"cut":                 codeSection(functionBefore(t))[:40],
		"cut locals":          codeSection([]byte{3, 1}),
		"cut instruction":     codeSection([]byte{0, opI32Const, 0x80}),
		"unknown instruction": codeSection([]byte{0, 0xff, opEnd}),
		"unknown operation":   codeSection([]byte{0, opMisc, 40, opEnd}),
		"more behind":         append(codeSection([]byte{0, opEnd}), 0),
	} {
		_, _, err := rewriteCode(section, compiledFixture)
		assert.ErrorIs(t, err, errWasm, name)
	}
}

func FuzzCode(f *testing.F) {
	f.Add([]byte{1, 4, 0, opLocalGet, 0, opEnd})
	f.Add(codeSection(functionBefore(f)))
	f.Fuzz(func(t *testing.T, section []byte) { _, _, _ = rewriteCode(section, compiledFixture) })
}
