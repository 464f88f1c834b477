package trace_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/trace"
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
			span, ok := trace.Parse(test.header)
			assert.Equal(t, test.want != "", ok)
			if ok {
				assert.Equal(t, test.want, span.String())
			} else {
				assert.Zero(t, span)
			}
		})
	}
}

func TestTheContextHoldsTheTrace(t *testing.T) {
	_, ok := trace.From(t.Context())
	assert.False(t, ok)
	span, _ := trace.Parse(goodTrace)
	ctx, cancel := context.WithCancel(trace.With(t.Context(), span))
	defer cancel()
	found, ok := trace.From(ctx)
	assert.True(t, ok)
	assert.Equal(t, span, found)
}

func FuzzParseTrace(f *testing.F) {
	for _, seed := range []string{goodTrace, "", "fe" + goodTrace[2:] + "-more", strings.Repeat("-", 55), goodTrace + "-"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		span, ok := trace.Parse(header)
		if !ok {
			require.Zero(t, span)
			return
		}
		written := span.String()
		require.Len(t, written, 55)
		again, ok := trace.Parse(written)
		require.True(t, ok)
		require.Equal(t, span, again)
		require.Equal(t, header[3:52], written[3:52], "nothing of another's making is passed on")
	})
}
