package paycor_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
)

func TestTypedID(t *testing.T) {
	const (
		notInteger = "a Legal Entity ID is a whole number written in digits"
		outOfRange = "a Legal Entity ID lies between 1 and 2147483647"
	)
	for name, test := range map[string]struct {
		typed paycor.TypedID
		want  int32
		err   string
	}{
		"usual":                {"501123", 501123, ""},
		"smallest":             {"1", 1, ""},
		"largest":              {"2147483647", 2147483647, ""},
		"zeros in front":       {"007", 7, ""},
		"a million zeros":      {paycor.TypedID(strings.Repeat("0", 1_000_000) + "7"), 7, ""},
		"zero":                 {"0", 0, outOfRange},
		"beyond int32":         {"2147483648", 0, outOfRange},
		"wraps to one":         {"4294967297", 0, outOfRange},
		"beyond int64":         {"9223372036854775808", 0, outOfRange},
		"a million nines":      {paycor.TypedID(strings.Repeat("9", 1_000_000)), 0, outOfRange},
		"empty":                {"", 0, notInteger},
		"blank":                {" ", 0, notInteger},
		"blank in front":       {" 7", 0, notInteger},
		"plus":                 {"+1", 0, notInteger},
		"minus":                {"-1", 0, notInteger},
		"exponent":             {"1e3", 0, notInteger},
		"fraction":             {"1.5", 0, notInteger},
		"fraction of nothing":  {"1.0", 0, notInteger},
		"thousands":            {"501,123", 0, notInteger},
		"underscore":           {"501_123", 0, notInteger},
		"hexadecimal":          {"0x1F", 0, notInteger},
		"Arabic digits":        {"٥٠١١٢٣", 0, notInteger},
		"wide digits":          {"５０１", 0, notInteger},
		"superscript":          {"5²", 0, notInteger},
		"byte order mark":      {"\ufeff7", 0, notInteger},
		"bytes that are none":  {"7\xff", 0, notInteger},
		"NUL":                  {"7\x00", 0, notInteger},
		"letters":              {"seven", 0, notInteger},
		"digits, then letters": {"99999999999999999999x", 0, notInteger},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := test.typed.LegalEntityID()
			assert.Equal(t, test.want, got)
			if test.err == "" {
				assert.NoError(t, err)
			} else {
				assert.EqualError(t, err, test.err)
			}
		})
	}
}

func TestTypedIDInJSON(t *testing.T) {
	for name, test := range map[string]struct {
		in, out string
		typed   paycor.TypedID
		fails   bool
	}{
		"number":         {in: `501123`, typed: "501123", out: `501123`},
		"null":           {in: `null`, typed: "", out: `null`},
		"exponent":       {in: `1e3`, typed: "1e3", out: `null`},
		"fraction":       {in: `1.5`, typed: "1.5", out: `null`},
		"negative":       {in: `-1`, typed: "-1", out: `null`},
		"beyond int32":   {in: `2147483648`, typed: "2147483648", out: `null`},
		"beyond float":   {in: `1e999`, typed: "1e999", out: `null`},
		"text":           {in: `"501123"`, fails: true},
		"empty text":     {in: `""`, fails: true},
		"list":           {in: `[1]`, fails: true},
		"object":         {in: `{}`, fails: true},
		"boolean":        {in: `true`, fails: true},
		"zeros in front": {in: `007`, fails: true},
		"plus":           {in: `+1`, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			var id paycor.TypedID
			err := json.Unmarshal([]byte(test.in), &id)
			if test.fails {
				require.Error(t, err)
				assert.Empty(t, id)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.typed, id)
			out, err := json.Marshal(id)
			require.NoError(t, err)
			assert.Equal(t, test.out, string(out))
		})
	}
}

func FuzzTypedID(f *testing.F) {
	for _, seed := range []string{"", "0", "1", "007", "2147483647", "2147483648", "1e3", "1.5", "+1", "-1", "٥", "\ufeff7", "null", `"7"`, "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, err := paycor.TypedID(text).LegalEntityID()
		if err == nil {
			require.Positive(t, id)
			require.Equal(t, strconv.Itoa(int(id)), strings.TrimLeft(text, "0"))
		} else {
			require.Zero(t, id)
			require.Contains(t, []string{
				"a Legal Entity ID is a whole number written in digits",
				"a Legal Entity ID lies between 1 and 2147483647",
			}, err.Error(), "the error may repeat nothing")
		}
		out, err := json.Marshal(paycor.TypedID(text))
		require.NoError(t, err)
		if id == 0 {
			require.Equal(t, "null", string(out))
		} else {
			require.Equal(t, strconv.Itoa(int(id)), string(out))
		}

		// JSON input decodes to exactly the number as written, or fails.
		var in paycor.TypedID
		if err := json.Unmarshal([]byte(text), &in); err == nil && in != "" {
			require.Equal(t, strings.Trim(text, " \t\r\n"), string(in))
			require.True(t, json.Valid([]byte(in)))
		}
	})
}
