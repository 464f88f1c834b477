package e2e_test

import (
	"strings"

	"paycorcred/app/locale"
)

// say returns a sentence of the page in English. Tests find elements by the
// catalogue's names.
func say(key string, args ...any) string { return locale.English.Text(key, args...) }

// problems is the title of an error summary with n problems.
func problems(n int) string { return locale.English.Plural("summary.problems", n) }

// beginning returns the beginning of a sentence whose first argument a test does not know,
// such as a time.
func beginning(key string) string {
	text, _, _ := strings.Cut(say(key), "%")
	return strings.TrimSpace(text)
}
