package form

import "paycorcred/paycor/message"

// say returns a sentence in the page's language.
func (c Context) say(key string, args ...any) string { return c.Language().Text(key, args...) }

// count returns a sentence about n things: the one for one or for several.
func (c Context) count(n int, key string) string { return c.Language().Plural(key, n) }

// sentence returns the text of a message of a problem or a verdict.
func (c Context) sentence(m message.Message) string { return m.In(c.Language()) }
