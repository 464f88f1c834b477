package app

import (
	"paycorcred/app/client"
	"paycorcred/app/locale"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// words writes sentences in the language of one page. A server renders pages of several
// languages at once, so the language belongs to the page.
type words struct{ catalogue *locale.Catalogue }

// say returns a sentence with the arguments filled in.
func (w words) say(key string, args ...any) string { return w.catalogue.Text(key, args...) }

// count returns a sentence about n things, in its singular or plural.
func (w words) count(n int, key string) string { return w.catalogue.Plural(key, n) }

// number writes n as people read it: 12,345.
func (w words) number(n int) string { return w.catalogue.Number(n) }

// hasText reports whether there is a sentence for a key that is built from data.
func (w words) hasText(key string) bool { return w.catalogue.Has(key) }

// sentence returns the text of a message of a problem, an error or a verdict.
func (w words) sentence(m message.Message) string { return m.In(w.catalogue) }

// errorText returns what an error means to a person, and how to fix it.
func (w words) errorText(err error) string { return w.sentence(client.ErrorMessage(err)) }

// fieldLabel returns a field's name on the screen.
func (w words) fieldLabel(field fields.Field) string { return w.sayOrKey("label.", string(field)) }

// nameText returns the stored name of a caller. Callers without a name of their own are
// named in the page's language.
func (w words) nameText(name string) string {
	switch name {
	case audit.NameLocalAdministrator:
		return w.say("audit.who.local")
	case audit.NameOperator:
		return w.say("audit.who.operator")
	case audit.NameActivationLink:
		return w.say("audit.who.link")
	case audit.NameServer:
		return w.say("audit.who.server")
	}
	return name
}

// sayOrKey returns the sentence for a key of a group, or the word itself if there is
// none.
func (w words) sayOrKey(group, word string) string {
	if w.hasText(group + word) {
		return w.say(group + word)
	}
	return word
}
