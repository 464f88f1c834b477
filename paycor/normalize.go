package paycor

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// PasteArtifact is something that was copied along with a value.
type PasteArtifact struct {
	Code fields.ProblemCode
	Name string // in the catalogue: "artifact." and this name
}

// What returns what is wrong with the value: "starts or ends with a space".
func (s PasteArtifact) What() message.Message { return message.New("artifact." + s.Name) }

// Rest returns what to remove: "the space".
func (s PasteArtifact) Rest() message.Message { return message.New("artifact." + s.Name + ".rest") }

// The kinds of artifact.
var (
	artifactInvisible = PasteArtifact{fields.ProblemInvisible, "invisible"}
	artifactSpace     = PasteArtifact{fields.ProblemBlanks, "space"}
	artifactLineBreak = PasteArtifact{fields.ProblemBlanks, "line-break"}
	artifactBearer    = PasteArtifact{fields.ProblemBearer, "bearer"}
	artifactHeader    = PasteArtifact{fields.ProblemHeaderName, "header"}
	artifactLabel     = PasteArtifact{fields.ProblemHeaderName, "label"}
	artifactQuotes    = PasteArtifact{fields.ProblemQuotes, "quotes"}
)

// labels are names that people copy along with a value, in lower case, followed by a
// colon or an equals sign.
var labels = []struct {
	name     string
	artifact PasteArtifact
}{
	{"authorization", artifactHeader},
	{"ocp-apim-subscription-key", artifactHeader},
	{"subscription-key", artifactLabel},
	{"subscription_key", artifactLabel},
	{"apim subscription key", artifactLabel},
	{"client id", artifactLabel},
	{"client_id", artifactLabel},
	{"client secret", artifactLabel},
	{"client_secret", artifactLabel},
	{"legal entity id", artifactLabel},
	{"legal_entity_id", artifactLabel},
	{"scope id", artifactLabel},
	{"scope", artifactLabel},
}

const (
	bearer     = "bearer"
	openQuotes = "\"'`´“”„‟‘’‚‛«»‹›「『＂＇"
	lineBreaks = "\n\r\v\f\u0085\u2028\u2029"

	// The closing quote may be of another kind, because programs convert
	// quotes.
	closeQuotes = "\"'`´“”„‟‘’‚‛«»‹›」』＂＇"
)

// normalize removes paste artifacts from a copied value (surrounding space, invisible
// characters, a spreadsheet's quotes, a pasted "Bearer ", header name or label) and
// returns each kind it removed. It never changes the value itself: a space inside stays.
// It does not touch text that is not UTF-8. It runs in time linear in the length of the
// value.
func normalize(value string) (string, []PasteArtifact) {
	if !utf8.ValidString(value) {
		return value, nil
	}
	var found []PasteArtifact
	if cleaned := strings.Map(DropInvisible, value); cleaned != value {
		value, found = cleaned, append(found, artifactInvisible)
	}
	for {
		cleaned, artifact := trimOnce(value)
		if artifact == nil {
			return value, found
		}
		value = cleaned
		if !slices.Contains(found, *artifact) {
			found = append(found, *artifact)
		}
	}
}

// trimOnce removes one artifact from either end, or returns nil. It looks no further
// than what it removes, so that normalize stays linear.
func trimOnce(value string) (string, *PasteArtifact) {
	if cleaned := strings.TrimSpace(value); len(cleaned) < len(value) {
		before := len(value) - len(trimLeft(value))
		if strings.ContainsAny(value[:before]+value[before+len(cleaned):], lineBreaks) {
			return cleaned, &artifactLineBreak
		}
		return cleaned, &artifactSpace
	}
	first, open := utf8.DecodeRuneInString(value)
	last, end := utf8.DecodeLastRuneInString(value)
	if len(value) >= open+end && strings.ContainsRune(openQuotes, first) && strings.ContainsRune(closeQuotes, last) {
		return value[open : len(value)-end], &artifactQuotes
	}
	if rest, ok := cutPrefixFold(value, bearer); ok && (rest == "" || len(trimLeft(rest)) < len(rest)) {
		return trimLeft(rest), &artifactBearer
	}
	for _, label := range labels {
		rest, ok := cutPrefixFold(value, label.name)
		if rest = trimLeft(rest); ok && rest != "" && (rest[0] == ':' || rest[0] == '=') {
			return trimLeft(rest[1:]), &label.artifact
		}
	}
	return value, nil
}

// cutPrefixFold cuts an ASCII prefix without regard to case.
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

// hidden reports whether a character is invisible: a control or format character such as
// a zero-width space or a byte order mark, a filler, or a variation selector.
func hidden(r rune) bool {
	if ' ' <= r && r <= '~' {
		return false
	}
	return unicode.In(r, unicode.C, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) || r == brailleBlank
}

// brailleBlank is a symbol in Unicode but shows nothing.
const brailleBlank = '\u2800'
