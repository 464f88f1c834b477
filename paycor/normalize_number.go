package paycor

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"paycorcred/paycor/fields"
)

// Ways to write a number that Paycor accepts as digits only.
var (
	artifactGroups   = PasteArtifact{fields.ProblemNotInteger, "separators"}
	artifactDecimals = PasteArtifact{fields.ProblemNotInteger, "decimals"}
	artifactSign     = PasteArtifact{fields.ProblemNotInteger, "sign"}
	artifactExponent = PasteArtifact{fields.ProblemNotInteger, "exponent"}
	artifactDigits   = PasteArtifact{fields.ProblemNotInteger, "digits"}
)

// NormalizeField is normalize. For a Legal Entity ID it also undoes the ways in which a
// spreadsheet or a person writes a number: 501,123 or 501123.0 or +501123 or
// 5.01123E+05.
func NormalizeField(field fields.Field, value string) (string, []PasteArtifact) {
	cleaned, found := normalize(value)
	if field != fields.LegalEntityID {
		return cleaned, found
	}
	number, spelt := normalizeNumber(cleaned)
	if _, err := TypedID(number).LegalEntityID(); err != nil || len(spelt) == 0 {
		return cleaned, found // still not a number: leave it unchanged for the person to fix
	}
	return number, append(found, spelt...)
}

func normalizeNumber(text string) (string, []PasteArtifact) {
	var found []PasteArtifact
	if len(text) > 64 {
		return text, nil
	}
	add := func(artifact PasteArtifact, cleaned string) {
		if cleaned != text {
			text = cleaned
			found = append(found, artifact)
		}
	}
	add(artifactDigits, strings.Map(asciiDigit, text))
	add(artifactSign, strings.TrimSpace(strings.TrimLeft(text, "+#№")))
	if number, ok := withoutExponent(text); ok {
		add(artifactExponent, number)
	}
	for _, point := range []string{".", ","} {
		head, tail, cut := strings.Cut(text, point)
		if cut && len(tail) != 3 && strings.Trim(tail, "0") == "" {
			add(artifactDecimals, head)
		}
	}
	for _, separator := range []string{",", ".", "'", "’", "_", " ", "\u00a0", "\u202f", "\u2009"} {
		if groups := strings.Split(text, separator); len(groups) > 1 && grouped(groups) {
			add(artifactGroups, strings.Join(groups, ""))
		}
	}
	return text, slices.Compact(found)
}

// grouped reports whether the parts are the thousands groups of one number.
func grouped(groups []string) bool {
	for i, group := range groups {
		if strings.Trim(group, "0123456789") != "" || len(group) == 0 || len(group) > 3 || i > 0 && len(group) != 3 {
			return false
		}
	}
	return true
}

func withoutExponent(text string) (string, bool) {
	if !strings.ContainsAny(text, "eE") || strings.Trim(text, "0123456789.,eE+") != "" {
		return text, false
	}
	number, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", "."), 64)
	if err != nil || number < 1 || number > MaxLegalEntityID || number != float64(int64(number)) {
		return text, false
	}
	return strconv.FormatInt(int64(number), 10), true
}

// asciiDigit converts a digit of another script to 0 to 9.
func asciiDigit(r rune) rune {
	if r < 0x80 || !unicode.IsDigit(r) {
		return r
	}
	zero := r
	for unicode.IsDigit(zero-1) && r-zero < 9 { // the ten digits of a script are consecutive
		zero--
	}
	return '0' + (r-zero)%10
}
