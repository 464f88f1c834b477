package e2e_test

import "paycorcred/app/locale"

// say returns a sentence of the page in English. Tests find elements by the
// catalogue's names.
func say(key string, args ...any) string { return locale.English.Text(key, args...) }

// problems is the title of an error summary with n problems.
func problems(n int) string { return locale.English.Plural("summary.problems", n) }
