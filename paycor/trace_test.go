package paycor_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
)

const goodTrace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

func TestParseTrace(t *testing.T) {
	for name, test := range map[string]struct {
		header, want string
	}{
		"version 00":               {goodTrace, goodTrace},
		"not sampled":              {goodTrace[:53] + "00", goodTrace[:53] + "00"},
		"other flags":              {goodTrace[:53] + "ff", goodTrace[:53] + "ff"},
		"a newer version":          {"01" + goodTrace[2:], goodTrace},
		"a newer and longer one":   {"fe" + goodTrace[2:] + "-abc", goodTrace},
		"flags of a newer one":     {"01" + goodTrace[2:53] + "ff", goodTrace},
		"longer without a dash":    {"01" + goodTrace[2:] + "abc", ""},
		"00 and longer":            {goodTrace + "-abc", ""},
		"version ff":               {"ff" + goodTrace[2:], ""},
		"short":                    {goodTrace[:54], ""},
		"empty":                    {"", ""},
		"no dashes":                {strings.ReplaceAll(goodTrace, "-", "0"), ""},
		"capitals":                 {strings.ToUpper(goodTrace), ""},
		"no hex":                   {"00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01", ""},
		"a trace id of zeroes":     {"00-" + strings.Repeat("0", 32) + goodTrace[35:], ""},
		"a parent id of zeroes":    {goodTrace[:36] + strings.Repeat("0", 16) + "-01", ""},
		"blanks":                   {" " + goodTrace[:54], ""},
		"two bytes for one letter": {"00-4bf92f3577b34da6a3ce929d0e0e47é-00f067aa0ba902b7-01", ""},
	} {
		t.Run(name, func(t *testing.T) {
			trace, ok := paycor.ParseTrace(test.header)
			assert.Equal(t, test.want != "", ok)
			if ok {
				assert.Equal(t, test.want, trace.String())
			} else {
				assert.Zero(t, trace)
			}
		})
	}
}

func TestTheContextHoldsTheTrace(t *testing.T) {
	_, ok := paycor.TraceOf(t.Context())
	assert.False(t, ok)
	trace, _ := paycor.ParseTrace(goodTrace)
	ctx, cancel := context.WithCancel(paycor.WithTrace(t.Context(), trace))
	defer cancel()
	found, ok := paycor.TraceOf(ctx)
	assert.True(t, ok)
	assert.Equal(t, trace, found)
}

func FuzzParseTrace(f *testing.F) {
	for _, seed := range []string{goodTrace, "", "fe" + goodTrace[2:] + "-more", strings.Repeat("-", 55), goodTrace + "-"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		trace, ok := paycor.ParseTrace(header)
		if !ok {
			require.Zero(t, trace)
			return
		}
		written := trace.String()
		require.Len(t, written, 55)
		again, ok := paycor.ParseTrace(written)
		require.True(t, ok)
		require.Equal(t, trace, again)
		require.Equal(t, header[3:52], written[3:52], "nothing of another's making is passed on")
	})
}
