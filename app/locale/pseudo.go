//go:build !js

package locale

import "strings"

// Pseudo is the tag of the pseudo-locale. It looks like English with accents,
// is a third longer and has brackets around each sentence, so a test sees which
// sentences do not come from the catalogue, which are cut off, and which do not
// fit.
const Pseudo = "en-XA"

var accents = strings.NewReplacer(
	"a", "á", "b", "ƀ", "c", "ç", "d", "ð", "e", "é", "f", "ƒ", "g", "ĝ", "h", "ĥ", "i", "î", "j", "ĵ", "k", "ķ", "l", "ļ", "m", "ɱ",
	"n", "ñ", "o", "ö", "p", "þ", "q", "ǫ", "r", "ŕ", "s", "š", "t", "ţ", "u", "û", "v", "ṽ", "w", "ŵ", "x", "ẋ", "y", "ý", "z", "ž",
	"A", "Å", "B", "Ɓ", "C", "Ç", "D", "Ð", "E", "É", "F", "Ƒ", "G", "Ĝ", "H", "Ĥ", "I", "Î", "J", "Ĵ", "K", "Ķ", "L", "Ļ", "M", "Ṁ",
	"N", "Ñ", "O", "Ö", "P", "Þ", "Q", "Ǫ", "R", "Ŕ", "S", "Š", "T", "Ţ", "U", "Û", "V", "Ṽ", "W", "Ŵ", "X", "Ẋ", "Y", "Ý", "Z", "Ž",
)

// padding makes short words longer, as translations often are.
const padding = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"

// pseudo derives the pseudo-locale from a catalogue.
func pseudo(of *Catalogue) *Catalogue {
	made := &Catalogue{tag: Pseudo, sentences: make(map[string]string, len(of.sentences))}
	for key, format := range of.sentences {
		made.sentences[key] = pseudoFormat(format)
	}
	return made
}

// pseudoFormat accents a format, leaves its verbs alone and makes it longer.
func pseudoFormat(format string) string {
	var text strings.Builder
	rest := format
	for {
		before, after, found := strings.Cut(rest, "%")
		text.WriteString(accents.Replace(before))
		if !found {
			break
		}
		verb := verbLength(after)
		text.WriteString("%" + after[:verb])
		rest = after[verb:]
	}
	if strings.TrimSpace(format) != format { // joins words, such as " and "
		return text.String()
	}
	more := min(max(len(format)/3, 1), len(padding))
	return "[" + text.String() + " " + accents.Replace(strings.TrimSpace(padding[:more])) + "]"
}

// verbLength returns the length of the verb after a percent sign, such as "s" or
// "[2]d"; 0 if there is none.
func verbLength(after string) int {
	length := 0
	if strings.HasPrefix(after, "[") {
		length = strings.IndexByte(after, ']') + 1
	}
	if length < len(after) && strings.IndexByte("dqsv", after[length]) >= 0 {
		return length + 1
	}
	return 0
}
