package paycor_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"paycorcred/app/locale"
	"paycorcred/paycor"
)

func TestNormalize(t *testing.T) {
	const (
		invisible = "invisible"
		space     = "space"
		lineBreak = "line-break"
		bearer    = "bearer"
		header    = "header"
		label     = "label"
		quotes    = "quotes"
	)
	for name, test := range map[string]struct {
		value, want string
		found       []string
	}{
		"clean":                 {"abc", "abc", nil},
		"empty":                 {"", "", nil},
		"blank inside":          {"ab c", "ab c", nil},
		"quote inside":          {`a"b'c`, `a"b'c`, nil},
		"one quote only":        {`"abc`, `"abc`, nil},
		"a quote alone":         {`"`, `"`, nil},
		"no text":               {" \xff ", " \xff ", nil},
		"bearer without blank":  {"Bearerabc", "Bearerabc", nil},
		"bearer inside":         {"abcBearer x", "abcBearer x", nil},
		"label without colon":   {"client idabc", "client idabc", nil},
		"colon inside":          {"ab:c", "ab:c", nil},
		"blanks around":         {"  abc ", "abc", []string{space}},
		"only blanks":           {" \t ", "", []string{space}},
		"tab":                   {"abc\t", "abc", []string{space}},
		"no-break space":        {"\u00a0abc", "abc", []string{space}},
		"ideographic space":     {"abc\u3000", "abc", []string{space}},
		"line break":            {"abc\n", "abc", []string{lineBreak}},
		"line break of Windows": {"abc\r\n", "abc", []string{lineBreak}},
		"line separator":        {"abc\u2028", "abc", []string{lineBreak}},
		"zero-width space":      {"a\u200bbc", "abc", []string{invisible}},
		"zero-width joiner":     {"a\u200dbc", "abc", []string{invisible}},
		"byte order mark":       {"\ufeffabc", "abc", []string{invisible}},
		"soft hyphen":           {"a\u00adbc", "abc", []string{invisible}},
		"right-to-left mark":    {"abc\u200f", "abc", []string{invisible}},
		"override":              {"\u202eabc", "abc", []string{invisible}},
		"word joiner":           {"abc\u2060", "abc", []string{invisible}},
		"Mongolian separator":   {"abc\u180e", "abc", []string{invisible}},
		"Hangul filler":         {"abc\u3164", "abc", []string{invisible}},
		"variation selector":    {"abc\ufe0f", "abc", []string{invisible}},
		"tag":                   {"abc\U000e0041", "abc", []string{invisible}},
		"braille blank":         {"abc\u2800", "abc", []string{invisible}},
		"NUL":                   {"abc\x00", "abc", []string{invisible}},
		"escape":                {"\x1babc", "abc", []string{invisible}},
		"bearer":                {"Bearer abc", "abc", []string{bearer}},
		"bearer in capitals":    {"BEARER abc", "abc", []string{bearer}},
		"bearer in small":       {"bearer abc", "abc", []string{bearer}},
		"bearer and tab":        {"bEaReR\t abc", "abc", []string{bearer}},
		"bearer and nbsp":       {"Bearer\u00a0abc", "abc", []string{bearer}},
		"bearer alone":          {"Bearer", "", []string{bearer}},
		"bearer twice":          {"Bearer bearer abc", "abc", []string{bearer}},
		"authorization header":  {"Authorization: Bearer abc", "abc", []string{header, bearer}},
		"key header":            {"Ocp-Apim-Subscription-Key: abc", "abc", []string{header}},
		"key header in small":   {"ocp-apim-subscription-key:abc", "abc", []string{header}},
		"key header, far colon": {"OCP-APIM-SUBSCRIPTION-KEY\t:  abc", "abc", []string{header}},
		"key in a query":        {"subscription-key=abc", "abc", []string{label}},
		"label":                 {"Client ID: abc", "abc", []string{label}},
		"label as in a form":    {"client_secret=abc", "abc", []string{label}},
		"label of the key":      {"APIM Subscription Key:\nabc", "abc", []string{label}},
		"label alone":           {"Scope ID:", "", []string{label}},
		"double quotes":         {`"abc"`, "abc", []string{quotes}},
		"single quotes":         {"'abc'", "abc", []string{quotes}},
		"backticks":             {"`abc`", "abc", []string{quotes}},
		"English quotes":        {"“abc”", "abc", []string{quotes}},
		"English single":        {"‘abc’", "abc", []string{quotes}},
		"German quotes":         {"„abc“", "abc", []string{quotes}},
		"French quotes":         {"« abc »", "abc", []string{quotes, space}},
		"single guillemets":     {"‹abc›", "abc", []string{quotes}},
		"Japanese quotes":       {"「abc」", "abc", []string{quotes}},
		"wide quotes":           {"＂abc＂", "abc", []string{quotes}},
		"mixed quotes":          {"“abc\"", "abc", []string{quotes}},
		"quotes in quotes":      {`"'abc'"`, "abc", []string{quotes}},
		"quotes and nothing":    {`""`, "", []string{quotes}},
		"everything": {
			"\ufeff \"Authorization: Bearer 'abc' \"\r\n", "abc", []string{invisible, lineBreak, quotes, space, header, bearer},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, artifact := paycor.Normalize(test.value)
			var found []string
			for _, s := range artifact {
				found = append(found, s.Name)
				assert.NotEmpty(t, s.Code)
				assert.True(t, locale.English.Has(s.What().Key) && locale.English.Has(s.Rest().Key))
			}
			assert.Equal(t, test.want, got)
			assert.Equal(t, test.found, found)
			again, none := paycor.Normalize(got)
			assert.Equal(t, got, again)
			assert.Empty(t, none)
		})
	}
}

// heavy are fragments that an attacker may repeat very often.
var heavy = map[string]string{
	"letters":           "a",
	"digits":            "7",
	"zeros":             "0",
	"blanks":            " ",
	"line breaks":       "\r\n",
	"NBSP":              "\u00a0",
	"zero-width spaces": "\u200b",
	"joiners":           "\u200d",
	"double quotes":     `"`,
	"mixed quotes":      "“'",
	"quotes and blanks": `" `,
	"bearer":            "Bearer ",
	"headers":           "Authorization: ",
	"labels":            "client id : ",
	"names":             "client id ",
	"bad bytes":         "\xff",
	"combining marks":   "\u0301",
	"emoji":             "👩\u200d👧",
}

// assertLinear fails if ten times the input takes far more than ten times as
// long: quadratic time would be a hundred times. It allows for a busy machine.
func assertLinear(t *testing.T, piece string, run func(text string)) {
	t.Helper()
	const million = 1_000_000
	repeat := func(characters int) string {
		text := strings.Repeat(piece, characters/utf8.RuneCountInString(piece))
		if strings.ContainsAny(piece, `"'`) { // quotes count at both ends
			return text + reversed(text)
		}
		return text
	}
	short, long := repeat(million/10), repeat(million)
	base := fastest(func() { run(short) })
	start := time.Now()
	run(long)
	assert.Less(t, time.Since(start), 60*base+2*time.Second, "a tenth took %s", base)
}

// fastest returns the shortest of a few runs.
func fastest(run func()) time.Duration {
	best := time.Hour
	for range 3 {
		start := time.Now()
		run()
		best = min(best, time.Since(start))
	}
	return best
}

func reversed(text string) string {
	runes := []rune(text)
	for i, j := 0, len(runes)-1; i < j; i, j = i+1, j-1 {
		runes[i], runes[j] = runes[j], runes[i]
	}
	return string(runes)
}

func TestNormalizeIsLinear(t *testing.T) {
	for name, piece := range heavy {
		t.Run(name, func(t *testing.T) {
			assertLinear(t, piece, func(text string) {
				_, found := paycor.Normalize(text)
				assert.LessOrEqual(t, len(found), 7, "each thing is named once")
			})
		})
	}
}

func TestCheckIsLinear(t *testing.T) {
	for name, piece := range heavy {
		t.Run(name, func(t *testing.T) {
			assertLinear(t, piece, func(text string) {
				secret := paycor.NewSecret(text)
				report := paycor.Check(paycor.Draft{
					Name: text, Description: text, Environment: text, Grant: paycor.Grant(text), ClientID: text,
					ClientSecret: secret, SubscriptionKey: secret, LegalEntityID: paycor.TypedID(text), Scope: text,
				}, rules)
				assert.GreaterOrEqual(t, len(report.Problems), 6)
			})
		})
	}
}
