package redact_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/redact"
)

// echoes are the encodings in which a server may repeat a value.
func echoes(value string) map[string]string {
	quoted, _ := json.Marshal(value)
	inner := string(quoted[1 : len(quoted)-1])
	twice, _ := json.Marshal(inner)
	var percent, unicodes, references strings.Builder
	for _, b := range []byte(value) {
		fmt.Fprintf(&percent, "%%%02x", b)
	}
	for _, r := range value {
		if r < 0x10000 {
			fmt.Fprintf(&unicodes, `\u%04X`, r)
		} else {
			unicodes.WriteRune(r)
		}
		fmt.Fprintf(&references, "&#%d;", r)
	}
	found := map[string]string{
		"raw":                    value,
		"capitals":               strings.ToUpper(value),
		"query":                  url.QueryEscape(value),
		"query, lower case":      strings.ToLower(url.QueryEscape(value)),
		"query in a query":       url.QueryEscape(url.QueryEscape(value)),
		"path":                   url.PathEscape(value),
		"every byte escaped":     percent.String(),
		"slash left, plus not":   strings.ReplaceAll(value, "+", "%2B"),
		"JSON":                   inner,
		"JSON in JSON":           string(twice[1 : len(twice)-1]),
		"JSON with slashes":      strings.ReplaceAll(inner, "/", `\/`),
		"JSON as .NET writes":    strings.NewReplacer("+", `\u002B`, "&", `\u0026`, "'", `\u0027`).Replace(inner),
		"a programming language": strings.ReplaceAll(value, "+", `\x2b`),
		"JSON in code points":    unicodes.String(),
		"JSON in a query":        url.QueryEscape(strings.ReplaceAll(inner, "+", `\u002b`)),
		"HTML":                   html.EscapeString(value),
		"HTML in code points":    references.String(),
		"HTML as .NET writes":    strings.NewReplacer("+", "&#x2B;", "&", "&amp;", "'", "&#39;").Replace(value),
		"hex":                    hex.EncodeToString([]byte(value)),
		"hex in capitals":        strings.ToUpper(hex.EncodeToString([]byte(value))),
		"base64":                 base64.StdEncoding.EncodeToString([]byte(value)),
		"base64 in a query":      url.QueryEscape(base64.StdEncoding.EncodeToString([]byte("id:" + value))),
		"base64 for URLs":        base64.URLEncoding.EncodeToString([]byte(value)),
		"base64 after one byte":  base64.StdEncoding.EncodeToString([]byte("i" + value + "x")),
		"base64 after two":       base64.StdEncoding.EncodeToString([]byte("id" + value + "xy")),
		"basic authorization":    base64.StdEncoding.EncodeToString([]byte("5f0c1:" + value)),
	}
	return found
}

// remains returns a piece of the value that a text contains: the value in a
// plain encoding, or the part of its base64 that does not depend on neighbors.
func remains(text, value string) string {
	text = lower(strings.ReplaceAll(text, "[secret]", "\x00"))
	quoted, _ := json.Marshal(value)
	pieces := []string{
		value, string(quoted[1 : len(quoted)-1]), url.QueryEscape(value), url.PathEscape(value), hex.EncodeToString([]byte(value)),
	}
	for shift := range 3 {
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			whole := encoding.EncodeToString([]byte(strings.Repeat("i", shift) + value))
			first, last := (shift*8+5)/6, (shift+len(value))*8/6
			pieces = append(pieces, whole[first:last])
		}
	}
	for _, piece := range pieces {
		if strings.Contains(text, lower(piece)) {
			return piece
		}
	}
	return ""
}

// lower converts ASCII letters only, because other capitals are another value.
func lower(text string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, text)
}

func TestRedactorFindsEverySpelling(t *testing.T) {
	for kind, value := range map[string]string{
		"Client Secret":    "Zq8/x+9Zk=w2LmPa7/Rt+5Yb1Nc0Ud3Ve6Wf4Xg8h",
		"Subscription Key": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
		"awkward":          `a"b\c/d+e=f&g<h>i'j%41k`,
		"shortest":         "x+/=9z",
		"other letters":    "schlüssel-ключ-鍵",
		"looks escaped":    `%2Fab\u0041&amp;cd`,
	} {
		redactor := redact.New(paycor.NewSecret("another-value-1234"), paycor.NewSecret(value))
		for spelling, echo := range echoes(value) {
			t.Run(kind+" as "+spelling, func(t *testing.T) {
				if kind == "other letters" && spelling == "capitals" {
					t.Skip("capitals of letters beyond ASCII are another value")
				}
				got := redactor.Redact("bad value " + echo + " was sent.")
				assert.Empty(t, remains(got, value), "%s from %s", got, echo)
				assert.True(t, strings.HasPrefix(got, "bad value "), got)
				assert.True(t, strings.HasSuffix(got, " was sent."), got)
				assert.Contains(t, got, "[secret]")
				assert.LessOrEqual(t, len(got), len("bad value NWYwYzE6[secret]A%3D was sent."), "%s from %s", got, echo)
			})
		}
	}
}

func TestRedact(t *testing.T) {
	const value = "Zq8/x+9Zk=w2LmPa7"
	long := strings.Repeat("word ", 100)
	for name, test := range map[string]struct {
		secrets    []string
		text, want string
	}{
		"nothing known":                {nil, "Access denied", "Access denied"},
		"no echo":                      {[]string{value}, "Access denied due to an unknown subscription key.", "Access denied due to an unknown subscription key."},
		"empty text":                   {[]string{value}, "", ""},
		"empty secret":                 {[]string{""}, "Access denied", "Access denied"},
		"twice":                        {[]string{value}, value + " " + value, "[secret] [secret]"},
		"side by side":                 {[]string{value}, value + value, "[secret]"},
		"one secret within another":    {[]string{"abcdef", "xabcdefx"}, "a xabcdefx b abcdef", "a [secret] b [secret]"},
		"overlapping secrets":          {[]string{"abcdef", "defghi"}, "(abcdefghi)", "([secret])"},
		"lines become one":             {[]string{value}, "one\r\n two\t" + value, "one two [secret]"},
		"split by an invisible":        {[]string{value}, "bad " + value[:8] + "\u200b" + value[8:], "bad [secret]"},
		"split by a NUL":               {[]string{value}, "bad " + value[:8] + "\x00" + value[8:], "bad [secret]"},
		"split by bytes that are none": {[]string{value}, "bad " + value[:8] + "\xff\xc3" + value[8:], "bad [secret]"},
		"secret with an invisible":     {[]string{"abc\u200bdefgh"}, "bad abcdefgh", "bad [secret]"},
		"secret with two blanks":       {[]string{"abc  defgh"}, "bad abc  defgh", "bad [secret]"},
		"secret with a blank in a URL": {[]string{"abc defgh"}, "bad abc+defgh abc%20defgh", "bad [secret] [secret]"},
		"cut off in the middle":        {[]string{value}, "you sent " + value[:12], "you sent [secret]"},
		"cut off in base64":            {[]string{value}, "you sent " + base64.StdEncoding.EncodeToString([]byte("id:" + value))[:16], "you sent aWQ6[secret]"},
		"short, absent":                {[]string{"abc"}, "Access denied", "Access denied"},
		"short, present":               {[]string{"abc"}, "bad abc", "[withheld: it repeats a secret]"},
		"short, in capitals":           {[]string{"abc"}, "bad ABC", "[withheld: it repeats a secret]"},
		"short, escaped":               {[]string{"a+/="}, "bad a%2B%2f%3D", "[withheld: it repeats a secret]"},
		"short, split":                 {[]string{"abc"}, "bad a\u200bbc", "[withheld: it repeats a secret]"},
		"half an escape":               {[]string{value}, `50% of \u00 &amp &#x; &#xffffffff; %zz \`, `50% of \u00 &amp &#x; &#xffffffff; %zz \`},
		"escapes that are none of it":  {[]string{value}, `a%20b \"c\" &lt;d&gt;`, `a%20b \"c\" &lt;d&gt;`},
		"the mark itself":              {[]string{"secret"}, "a secret", "a [secret]"},
		"300 characters":               {nil, strings.Repeat("é", 300), strings.Repeat("é", 300)},
		"301 characters":               {nil, strings.Repeat("é", 301), strings.Repeat("é", 300) + "…"},
		"secret at the cut":            {[]string{value}, strings.Repeat("x", 295) + value, strings.Repeat("x", 295) + "[secr…"},
		"secret beyond what is read":   {[]string{value}, strings.Repeat("\n", 64<<10-8) + value, "[secret]"},
		"text beyond what is read":     {nil, "start" + strings.Repeat("\n", 64<<10) + "end", "start"},
		"long":                         {[]string{value}, long, long[:300] + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			secrets := make([]paycor.Secret, len(test.secrets))
			for i, value := range test.secrets {
				secrets[i] = paycor.NewSecret(value)
			}
			assert.Equal(t, test.want, redact.New(secrets...).Redact(test.text))
		})
	}
}

func TestRedactorWithoutSecrets(t *testing.T) {
	var zero redact.Redactor
	assert.Equal(t, "a b", zero.Redact("a\nb"))
}

func FuzzRedactor(f *testing.F) {
	f.Add("Zq8/x+9Zk=w2LmPa7", "bad ", " sent", uint8(0))
	f.Add(`%2Fab\u0041&amp;cd`, `\`, "%", uint8(3))
	f.Add("abc\u200bdefgh", "a", "b", uint8(7))
	f.Add("0f1e2d3c4b5a6978", "", "\xff", uint8(12))
	names := []string{"raw", "capitals", "query", "query, lower case", "query in a query", "path", "JSON", "JSON in JSON", "hex", "hex in capitals", "base64", "base64 for URLs", "base64 after one byte", "base64 after two"}
	f.Fuzz(func(t *testing.T, value, before, after string, which uint8) {
		if len(value) < 6 || len(value) > 100 || !utf8.ValidString(value) || len(before) > 100 || len(after) > 100 {
			t.Skip()
		}
		redactor := redact.New(paycor.NewSecret(value))
		echo := echoes(value)[names[int(which)%len(names)]]
		got := redactor.Redact(before + echo + after)
		require.True(t, utf8.ValidString(got))
		require.LessOrEqual(t, utf8.RuneCountInString(got), redact.MaxDetail+1)
		if got == "[withheld: it repeats a secret]" || remains("…", value) != "" {
			return
		}
		require.Empty(t, remains(got, value), "%q from %q", got, before+echo+after)
		require.Equal(t, got, redactor.Redact(before+echo+after))
	})
}

// Remove keeps the lines of a long text.
func TestRemove(t *testing.T) {
	t.Parallel()
	redactor := redact.New(paycor.NewSecret("an-invented-token/of+some/length"))
	for text, want := range map[string]string{
		"a\n\tb \u200bc": "a\n\tb c",
		"{\n  \"t\": \"an-invented-token/of+some/length\"\n}": "{\n  \"t\": \"" + paycor.SecretMark + "\"\n}",
		"an-invented-\u200btoken/of+some/length":              paycor.SecretMark,
		"an-invented-token%2Fof%2Bsome%2Flength":              paycor.SecretMark,
		`\u0061n-invented-token/of+some\u00`:                  paycor.SecretMark, // cut off within an escape
		"100% of \u00e9":                                      "100% of \u00e9",
		"50%":                                                 "50%",
		"":                                                    "",
	} {
		assert.Equal(t, want, redactor.Remove(text))
	}
	long := strings.Repeat("word ", 20_000)
	assert.Equal(t, long[:64<<10], redactor.Remove(long))
	assert.Equal(t, "a\nb", redact.Redactor{}.Remove("a\nb"))
	assert.NotContains(t, redact.New(paycor.NewSecret("short")).Remove("it is short"), "short")
}
