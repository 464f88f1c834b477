package app

import (
	"paycorcred/app/locale"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// say returns a sentence of the page in its language, with the arguments filled
// in.
func say(key string, args ...any) string { return locale.Current().Text(key, args...) }

// count returns a sentence about n things, in its singular or plural.
func count(n int, key string) string { return locale.Current().Plural(key, n) }

// hasText reports whether there is a sentence for a key that is built from data.
func hasText(key string) bool { return locale.Current().Has(key) }

// sentence returns a message of a problem, an error or a verdict in the page's
// language.
func sentence(m message.Message) string { return m.In(locale.Current()) }

// fieldLabel returns a field's name on the screen.
func fieldLabel(field fields.Field) string { return sayOrKey("label.", string(field)) }
