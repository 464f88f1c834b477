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
func bytesOf(t *testing.T, text string) []byte {
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

// before has two blocks to resume at behind the first one, and every kind of jump.
const before = `
	01 02 7f              ; two locals
	2300 2101             ; the stack pointer
	0240 0340             ; unwinding, the loop
	0240 0240 0240 2000 0e02000102 0b
	2002 0440 4101 2100 0c03 0b ; to the next block, on a condition
	2002 0440 01 0b       ; a condition inside of the block
	4100 1005 2300 2101 0d03 ; a call, and unwinding
	0b
	4102 2100 0c01        ; to the next block
	0440 4109 2100 0c02 0b ; to the last block, by a number that has no entry
	4100 1106 00 2300 2101 0d02
	0b
	2002 0440 4101 2100 0c01 0b ; back, on a condition
	2002 0440 4102 2100 0c01 01 0b ; more than a jump on a condition
	4100 2100 0c00        ; back to the start
	0b 00 0b 4101 0b`

const after = `
	01 02 7f
	2300 2101
	0340
	0240 0240 0240 2000 0e02000102 0b
	2002 0d00
	2002 0440 01 0b
	4100 1005 2300 2101 0440 4101 0f 0b
	0b
	0c00
	0d00
	4100 1106 00 2300 2101 0440 4101 0f 0b
	0b
	2002 4101 2100 0d00
	2002 0440 4102 2100 0c01 01 0b
	4100 2100 0c00
	0b 00 0b`

func TestJumpsForwardDoNotDispatch(t *testing.T) {
	other := []byte{0, opLocalGet, 0, opEnd}
	written, err := withJumps(codeSection(bytesOf(t, before), other))
	require.NoError(t, err)
	assert.Equal(t, codeSection(bytesOf(t, after), other), written)
}

// A function of another form may use local 0 for something else.
func TestFunctionsOfAnotherFormAreKept(t *testing.T) {
	for name, change := range map[string][2]string{
		"another block around":        {"0240 0340", "0340 0340"},
		"cut":                         {"0b 00 0b 4101 0b", "4101 0b"},
		"no table":                    {"2000 0e02000102", "2000 1a"},
		"another local is dispatched": {"2000 0e", "2002 0e"},
		"a jump to the end":           {"4100 2100 0c00 ", "0c01"},
	} {
		body := bytesOf(t, strings.Replace(before, change[0], change[1], 1))
		require.NotEqual(t, bytesOf(t, before), body, name)
		written, err := withJumps(codeSection(body))
		require.NoError(t, err, name)
		assert.Equal(t, codeSection(body), written, name)
	}
}

func TestUnknownCodeIsRefused(t *testing.T) {
	for name, section := range map[string][]byte{
		"no number":           {},
		"cut":                 codeSection(bytesOf(t, before))[:40],
		"cut locals":          codeSection([]byte{3, 1}),
		"cut instruction":     codeSection([]byte{0, opI32Const, 0x80}),
		"unknown instruction": codeSection([]byte{0, 0xff, opEnd}),
		"unknown operation":   codeSection([]byte{0, opMisc, 40, opEnd}),
		"more behind":         append(codeSection([]byte{0, opEnd}), 0),
	} {
		_, err := withJumps(section)
		assert.ErrorIs(t, err, errWasm, name)
	}
}

func FuzzJumps(f *testing.F) {
	f.Add([]byte{1, 4, 0, opLocalGet, 0, opEnd})
	f.Fuzz(func(t *testing.T, section []byte) { _, _ = withJumps(section) })
}
