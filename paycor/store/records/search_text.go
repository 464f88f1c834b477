package records

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"paycorcred/paycor"
)

// searchRules is the version of the rules by which a search document is made. Increase
// it when they change; Open then renews the stored documents.
const searchRules = 6

// wordStart marks the start of a word, so that a search for one or two letters has
// three characters too, as the index needs: \x01\x01p and \x01pa for "payroll".
const wordStart = "\x01"

// searchText returns the text that a search matches. Line breaks keep a word from
// matching across two fields, because a word contains none.
func searchText(c paycor.Credential) string {
	state := string(stateOf(c))
	text := foldSearch(strings.Join([]string{
		c.Name, c.Description, c.ClientID, strconv.Itoa(int(c.LegalEntityID)), c.LegalEntityName, c.Environment, string(c.Tags), c.Owner,
		state, strings.ReplaceAll(state, "_", " "), // the code, and the words of the page
	}, "\n"))
	return text + "\n" + wordStarts(text)
}

func stateOf(c paycor.Credential) paycor.State { return paycor.StateOf(c.Verdict, c.LastConclusive) }

// letters are folded letters that differ from another one only in their looks but
// have no decomposition.
var letters = strings.NewReplacer("ł", "l", "ø", "o", "đ", "d", "ð", "d", "þ", "th", "æ", "ae", "œ", "oe", "ı", "i")

// foldSearch removes differences of case, accents and width.
func foldSearch(text string) string {
	text = norm.NFKD.String(cases.Fold().String(strings.ToValidUTF8(text, "\uFFFD")))
	text = strings.Map(func(r rune) rune {
		switch {
		case r >= 0x300 && r <= 0x36f: // combining accents
			return -1
		case unicode.IsControl(r) && r != '\n':
			return unicode.ReplacementChar
		}
		return r
	}, text)
	return letters.Replace(norm.NFKC.String(text))
}

// wordStarts returns the first two characters of each word, marked.
func wordStarts(text string) string {
	runes := []rune(text)
	var starts []string
	for i, r := range runes {
		if !startsWord(runes, i) {
			continue
		}
		start := string(r)
		if i+1 < len(runes) && !unicode.IsSpace(runes[i+1]) {
			start += string(runes[i+1])
		}
		starts = append(starts, wordStart+wordStart+start)
	}
	slices.Sort(starts)
	return strings.Join(slices.Compact(starts), "")
}

// startsWord reports whether a word starts at i. Punctuation is a word by itself, and
// so is each character of a script that does not separate words.
func startsWord(text []rune, i int) bool {
	r := text[i]
	switch {
	case unicode.IsSpace(r):
		return false
	case i == 0, !isAlphanumeric(r), !isAlphanumeric(text[i-1]):
		return true
	}
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

func isAlphanumeric(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r)
}

// splitIDs separates the IDs of credentials from the words of a search. Only whole ones are
// found: parts of such random text would be hits for short words.
func splitIDs(search string) (ids []string, words string) {
	var others []string
	for _, word := range strings.Fields(search) {
		if id := strings.ToLower(word); paycor.IsCredentialID(id) {
			ids = append(ids, id)
		} else {
			others = append(others, word)
		}
	}
	return ids, strings.Join(others, " ")
}

// searchPatterns returns what the text of each hit contains: the words of a search, or
// the start of a word for one or two letters.
func searchPatterns(search string) []string {
	var patterns []string
	for word := range strings.FieldsSeq(foldSearch(strings.Join(strings.Fields(search), " "))) {
		switch len([]rune(word)) {
		case 1:
			word = wordStart + wordStart + word
		case 2:
			word = wordStart + word
		}
		patterns = append(patterns, word)
	}
	slices.Sort(patterns)
	return slices.Compact(patterns)
}
