package paycor

import (
	"strings"
)

// FoldName returns what is the same for names that the eye does not tell apart.
func FoldName(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

// Purpose is what a credential is selected for.
type Purpose string

// The purposes.
const (
	PurposeSource      Purpose = "source"
	PurposeDestination Purpose = "destination"
)
