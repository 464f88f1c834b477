package paycor

import "strings"

// FoldName returns the form of a name in which names that look alike are equal.
func FoldName(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

// Purpose is what a credential is selected for.
type Purpose string

// The purposes.
const (
	PurposeSource      Purpose = "source"
	PurposeDestination Purpose = "destination"
)
