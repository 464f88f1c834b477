package paycor

import "strings"

// FoldName returns the form of a name in which names that look alike are equal.
func FoldName(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

// NameKey returns the form of a name that lists are sorted by, as text: without
// differences of case. It goes through upper case because some letters have two
// lower-case forms.
func NameKey(name string) string {
	return strings.ToLower(strings.ToUpper(strings.ToValidUTF8(name, "\uFFFD")))
}

// Purpose is what a credential is selected for.
type Purpose string

// The purposes.
const (
	PurposeSource      Purpose = "source"
	PurposeDestination Purpose = "destination"
)
