package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// parts are parts of functions, by name: ROOM makes room for a return address, CALL stores
// it and calls, and BACK returns if the goroutine is switched.
var parts = strings.NewReplacer(
	"ROOM", "2001 4108 6b 2201 2400 2001",
	"CALL", "370300 4100 1005 2300 2101",
	"BACK", "0440 4101 0f 0b",
)

// before is the first function of a program, with every kind of jump and call. It has five
// blocks behind the first one.
const before = `
	01 02 7f              ; two locals
	2300 2101             ; the stack pointer
	0240 0340             ; unwinding, the loop
	0240 0240 0240 0240 0240 0240 2000 0e06000001020304 05 0b
	2001 0440 ROOM 428080808001 CALL 0d07 0b ; a larger stack
	2002 0440 4104 2100 0c06 0b              ; a jump on a condition
	2002 0440 ROOM 428280808001 CALL 0d07 0b ; a nil pointer
	ROOM 428280808001 CALL 0d06
	0b
	ROOM 428380808001 CALL 0d05
	0b
	4105 2100 0c03        ; a jump
	0b
	2002 0440 01 0b       ; a condition inside of the block
	2002 ROOM 428580808001 370300 4210 88 a7 2100 4100 2000 1100 00 2300 2101 0d03 ; a call by address
	0b
	2002 0440 4104 2100 0c02 0b    ; back, on a condition
	2002 0440 4102 2100 0c02 01 0b ; more than a jump on a condition
	0b
	01 4100 2100 0c00     ; back to the start
	0b 00 0b 4101 0b`

const after = `
	01 04 7f
	2300 2101
	41 8080808001 2102
	0340
	0240 0240 0240 0240 0240 2000 0e040001020304 0b
	2001 0440 ROOM 2002 ad CALL BACK 0b
	2004 0d02
	2004 0440 ROOM 2002 4101 72 ad CALL BACK 0b
	ROOM 2002 2000 4101 6a 2200 72 ad CALL BACK
	0b
	ROOM 2002 2000 4101 6a 2200 72 ad CALL BACK
	0b
	0c01
	0b
	2004 0440 01 0b
	2004 ROOM 2002 4104 2200 72 ad 370300 4210 88 a7 2103 4100 2003 1100 00 2300 2101 BACK
	0b
	2004 4103 2100 0d00
	2004 0440 4101 2100 0c01 01 0b
	01 4100 2100 0c00
	0b 00 0b`

func functionBefore(t testing.TB) []byte { return bytesOf(t, parts.Replace(before)) }
func functionAfter(t testing.TB) []byte  { return bytesOf(t, parts.Replace(after)) }

func changed(t *testing.T, old, replacement string) []byte {
	t.Helper()
	body := bytesOf(t, parts.Replace(strings.Replace(before, old, replacement, 1)))
	require.NotEqual(t, functionBefore(t), body)
	return body
}

func TestFunctionsOfAnotherFormAreKept(t *testing.T) {
	for name, change := range map[string][2]string{
		"another block around":        {"0240 0340", "0340 0340"},
		"cut":                         {"0b 00 0b 4101 0b", "4101 0b"},
		"other code at the end":       {"0b 00 0b 4101 0b", "0b 01 0b 4101 0b"},
		"no table":                    {"2000 0e06000001020304 05", "2000 1a"},
		"a block that is not there":   {"2000 0e06000001020304 05", "2000 0e06000001020304 07"},
		"another local is dispatched": {"2000 0e", "2002 0e"},
		"no local stack pointer":      {"2300 2101 ", "2300 2102 "},
	} {
		body := changed(t, change[0], change[1])
		written, calls, err := rewriteCode(codeSection(body), compiledFixture)
		require.NoError(t, err, name)
		assert.Equal(t, codeSection(body), written, name)
		assert.Empty(t, calls, name)
	}
}

// In a function that has something to resume at, nothing is left as it is.
func TestOtherJumpsAndCallsAreRefused(t *testing.T) {
	for name, change := range map[string][2]string{
		"first local":           {"01 02 7f", "01 02 7e"},
		"another branch":        {"01 4100 2100 0c00 ", "01 0c00"},
		"no return address":     {"ROOM 428380808001", "ROOM 42838080800a"},
		"does not return":       {"CALL 0d05", "CALL"},
		"does not unwind":       {"CALL 0d07", "CALL 0440 00 0b"},
		"resumes elsewhere":     {"ROOM 428380808001", "ROOM 428480808001"},
		"more behind a call":    {"CALL 0d05", "CALL 0d05 01"},
		"unwinds without call":  {"4105 2100 0c03", "2002 0d04"},
		"a table in the middle": {"01 4100 2100 0c00 ", "01 2002 0e00 00"},
	} {
		_, _, err := rewriteCode(codeSection(changed(t, change[0], change[1])), compiledFixture)
		require.ErrorIs(t, err, errWasm, name)
		assert.ErrorContains(t, err, "function 0: it", name)
	}
}

func TestAFunctionResumesWhereItCallsDeferredFunctions(t *testing.T) {
	// Nothing jumps to block 3 and no call is before it.
	body := changed(t, "4104 2100 0c06", "4105 2100 0c06")
	body = []byte(strings.ReplaceAll(string(body), string(bytesOf(t, "4104 2100 0c02")), string(bytesOf(t, "4105 2100 0c02"))))
	for deferred, calls := range map[int][]int{0: {1, 2, 4, none}, 4: {1, 2, none, 4, none}} {
		_, got, err := rewriteCode(codeSection(body), map[int]compiledFunction{0: {deferred}})
		require.NoError(t, err)
		assert.Equal(t, callCounters{0: calls}, got)
	}
	_, _, err := rewriteCode(codeSection(body), map[int]compiledFunction{0: {3}})
	assert.ErrorContains(t, err, "its deferred functions are called elsewhere")
}

func TestAFunctionWithoutJumpsBackHasNoLoop(t *testing.T) {
	body := bytesOf(t, parts.Replace("01 01 7f 2300 2101 0240 0240 0240 2000 0e010001 0b ROOM 428180808001 CALL 0d01 0b 00 0b 4101 0b"))
	written, calls, err := rewriteCode(codeSection(body), compiledFixture)
	require.NoError(t, err)
	want := bytesOf(t, parts.Replace("01 03 7f 2300 2101 418080808001 2102 0240 0240 2000 0e010001 0b ROOM 2002 2000 4101 6a 2200 72 ad CALL BACK 0b 00 0b"))
	assert.Equal(t, codeSection(want), written)
	assert.Equal(t, callCounters{0: {0, none}}, calls)
}
