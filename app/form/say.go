package form

import (
	"paycorcred/app/locale"
	"paycorcred/paycor/message"
)

// say returns a sentence of the page in its language.
func say(key string, args ...any) string { return locale.Current().Text(key, args...) }

// count returns a sentence about n things: the one for one or for several.
func count(n int, key string) string { return locale.Current().Plural(key, n) }

// sentence returns a message of a problem or a verdict in the page's language.
func sentence(m message.Message) string { return m.In(locale.Current()) }
