package paycor

import (
	"strings"
	"unicode"
)

// Soil is something that came along when a value was copied.
type Soil struct {
	Code ProblemCode
	What string // "begins or ends with a blank": completes a sentence about the field
	Rest string // "the blank": what to remove
}

// Mend returns a copied value without what came along with the copying
// (blanks around it, invisible characters, quotes of a spreadsheet, a pasted
// "Bearer " or header name) and says what that was. The value itself is left
// as it is: a blank inside is not taken out.
func Mend(value string) (string, []Soil) {
	var found []Soil
	for {
		mended, soil := mendOnce(value)
		if soil == nil {
			return value, found
		}
		value = mended
		found = append(found, *soil)
	}
}

// prefixes are what people paste in front of a value, in lower case.
var prefixes = []struct {
	text string
	soil Soil
}{
	{"bearer ", Soil{ProblemBearer, `begins with "Bearer "`, `"Bearer "`}},
	{"ocp-apim-subscription-key:", Soil{ProblemHeaderName, "begins with a header's name", "the header's name"}},
	{"authorization:", Soil{ProblemHeaderName, "begins with a header's name", "the header's name"}},
}

// quotes are the pairs that spreadsheets and chat programs put around a value.
var quotes = []struct{ open, close string }{{`"`, `"`}, {"'", "'"}, {"“", "”"}, {"‘", "’"}, {"`", "`"}, {"«", "»"}}

// mendOnce takes one thing away, or returns nil.
func mendOnce(value string) (string, *Soil) {
	if mended := strings.Map(dropHidden, value); mended != value {
		return mended, &Soil{ProblemInvisible, "holds an invisible character", "the invisible character"}
	}
	if mended := strings.TrimSpace(value); mended != value {
		return mended, &Soil{ProblemBlanks, "begins or ends with a blank", "the blank"}
	}
	for _, prefix := range prefixes {
		if len(value) >= len(prefix.text) && strings.EqualFold(value[:len(prefix.text)], prefix.text) {
			return value[len(prefix.text):], &prefix.soil
		}
	}
	for _, pair := range quotes {
		if inner, ok := strings.CutPrefix(value, pair.open); ok {
			if inner, ok := strings.CutSuffix(inner, pair.close); ok {
				return inner, &Soil{ProblemQuotes, "stands in quotes", "the quotes"}
			}
		}
	}
	return value, nil
}

func dropHidden(r rune) rune {
	if hidden(r) && !unicode.IsSpace(r) {
		return -1
	}
	return r
}

// hidden reports whether a person cannot see the character: a control or
// format character, such as a zero-width space or a byte order mark.
func hidden(r rune) bool {
	return unicode.Is(unicode.C, r) || r == '\u2028' || r == '\u2029' || r == '\u115f' || r == '\u1160' || r == '\u3164'
}
