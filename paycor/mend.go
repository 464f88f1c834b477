package paycor

import (
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Soil is something that came along when a value was copied.
type Soil struct {
	Code fields.ProblemCode
	Name string // in the catalogue: "artifact." and this
}

// What completes a sentence about the field: "starts or ends with a space".
func (s Soil) What() message.Message { return message.New("artifact." + s.Name) }

// Rest names what to remove: "the space".
func (s Soil) Rest() message.Message { return message.New("artifact." + s.Name + ".rest") }

// The kinds of soil.
var (
	soilInvisible = Soil{fields.ProblemInvisible, "invisible"}
	soilSpace     = Soil{fields.ProblemBlanks, "space"}
	soilLineBreak = Soil{fields.ProblemBlanks, "line-break"}
	soilBearer    = Soil{fields.ProblemBearer, "bearer"}
	soilHeader    = Soil{fields.ProblemHeaderName, "header"}
	soilLabel     = Soil{fields.ProblemHeaderName, "label"}
	soilQuotes    = Soil{fields.ProblemQuotes, "quotes"}
)

// labels are the names that people copy along with a value, in lower case. A
// colon or an equals sign follows them.
var labels = []struct {
	name string
	soil Soil
}{
	{"authorization", soilHeader},
	{"ocp-apim-subscription-key", soilHeader},
	{"subscription-key", soilLabel},
	{"subscription_key", soilLabel},
	{"apim subscription key", soilLabel},
	{"client id", soilLabel},
	{"client_id", soilLabel},
	{"client secret", soilLabel},
	{"client_secret", soilLabel},
	{"legal entity id", soilLabel},
	{"legal_entity_id", soilLabel},
	{"scope id", soilLabel},
	{"scope", soilLabel},
}

const (
	bearer     = "bearer"
	openQuotes = "\"'`´“”„‟‘’‚‛«»‹›「『＂＇"
	lineBreaks = "\n\r\v\f\u0085\u2028\u2029"

	// A closing quote may be of another kind: programs change them on the way.
	closeQuotes = "\"'`´“”„‟‘’‚‛«»‹›」』＂＇"
)

// Mend returns a copied value without what came along with the copying
// (blanks around it, invisible characters, quotes of a spreadsheet, a pasted
// "Bearer ", header name or label) and says what that was, each thing once.
// The value itself is left as it is: a blank inside is not taken out. What is
// no text (UTF-8) is not mended at all. The time it takes is proportional to
// the value's length, whatever stands in it.
func Mend(value string) (string, []Soil) {
	if !utf8.ValidString(value) {
		return value, nil
	}
	var found []Soil
	if mended := strings.Map(DropInvisible, value); mended != value {
		value, found = mended, append(found, soilInvisible)
	}
	for {
		mended, soil := peel(value)
		if soil == nil {
			return value, found
		}
		value = mended
		if !slices.Contains(found, *soil) {
			found = append(found, *soil)
		}
	}
}

// peel takes one thing off either end, or returns nil. It looks no further
// than what it takes off, so that Mend stays linear.
func peel(value string) (string, *Soil) {
	if mended := strings.TrimSpace(value); len(mended) < len(value) {
		before := len(value) - len(trimLeft(value))
		if strings.ContainsAny(value[:before]+value[before+len(mended):], lineBreaks) {
			return mended, &soilLineBreak
		}
		return mended, &soilSpace
	}
	first, open := utf8.DecodeRuneInString(value)
	last, end := utf8.DecodeLastRuneInString(value)
	if len(value) >= open+end && strings.ContainsRune(openQuotes, first) && strings.ContainsRune(closeQuotes, last) {
		return value[open : len(value)-end], &soilQuotes
	}
	if rest, ok := cutPrefixFold(value, bearer); ok && (rest == "" || len(trimLeft(rest)) < len(rest)) {
		return trimLeft(rest), &soilBearer
	}
	for _, label := range labels {
		rest, ok := cutPrefixFold(value, label.name)
		if rest = trimLeft(rest); ok && rest != "" && (rest[0] == ':' || rest[0] == '=') {
			return trimLeft(rest[1:]), &label.soil
		}
	}
	return value, nil
}

// cutPrefixFold cuts an ASCII prefix of either case.
func cutPrefixFold(value, prefix string) (string, bool) {
	if len(value) < len(prefix) || !strings.EqualFold(value[:len(prefix)], prefix) {
		return value, false
	}
	return value[len(prefix):], true
}

func trimLeft(text string) string { return strings.TrimLeftFunc(text, unicode.IsSpace) }

// DropInvisible is a strings.Map function that removes characters a person
// cannot see, spaces excepted.
func DropInvisible(r rune) rune {
	if hidden(r) && !unicode.IsSpace(r) {
		return -1
	}
	return r
}

// hidden reports whether a person cannot see the character: a control or
// format character such as a zero-width space or a byte order mark, a filler,
// or a selector of another character's form.
func hidden(r rune) bool {
	if ' ' <= r && r <= '~' {
		return false
	}
	return unicode.In(r, unicode.C, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) || r == brailleBlank
}

// brailleBlank counts as a symbol in Unicode, and shows nothing.
const brailleBlank = '\u2800'
