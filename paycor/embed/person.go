package embed

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"paycorcred/paycor"
)

// Limits of a Person. Lengths are in characters.
const (
	MaxSubject    = 128 // also of the name of a group
	MaxPersonName = 100
	MaxEmail      = 254
	MaxGroups     = 100
)

// Person is a user of an embedding site, as the site describes them. All but the subject may be
// empty.
type Person struct {
	Subject string // by an id of the site
	Name    string // for the page and the history
	Email   string
	Groups  []string
}

// ValidSubject reports whether there is a subject that can be shown.
func (p Person) ValidSubject() bool { return IsLabel(p.Subject, MaxSubject) }

// ValidName reports whether the name can be shown.
func (p Person) ValidName() bool { return p.Name == "" || IsLabel(p.Name, MaxPersonName) }

// ValidEmail reports whether the address can be shown and looks like one.
func (p Person) ValidEmail() bool {
	return p.Email == "" || IsLabel(p.Email, MaxEmail) && strings.Contains(p.Email, "@") && !strings.ContainsAny(p.Email, " ,;<>")
}

// ValidGroups reports whether the groups are few, and can be shown.
func (p Person) ValidGroups() bool {
	return len(p.Groups) <= MaxGroups && !slices.ContainsFunc(p.Groups, func(group string) bool { return !IsLabel(group, MaxSubject) })
}

// Caller returns the caller that the person is, without rights. The site's ID comes before
// its names of people and groups: a site cannot claim the name of
// a person or a group that another site or the sign-in knows. The tenant comes
// with it, because two tenants can have people and groups of the same name in one workspace.
func (p Person) Caller(host Host, scope Scope) paycor.Caller {
	prefix := host.ID
	if scope.Tenant != "" {
		prefix += ":" + scope.Tenant // no ID of a site has a colon
	}
	qualified := func(name string) string { return prefix + "/" + name }
	caller := paycor.Caller{
		Kind: paycor.CallerEmbedded, ID: qualified(p.Subject), Name: cmp.Or(p.Name, p.Email, p.Subject) + " (" + host.Name + ")", Workspace: scope.Workspace,
	}
	if p.Email != "" {
		caller.Login = qualified(p.Email)
	}
	for _, group := range p.Groups {
		caller.Groups = append(caller.Groups, qualified(group))
	}
	return caller
}

// IsLabel reports whether a text can be shown: it is present, at most limit characters
// long, and has no invisible ones.
func IsLabel(text string, limit int) bool {
	return strings.TrimSpace(text) != "" && utf8.ValidString(text) && utf8.RuneCountInString(text) <= limit &&
		!strings.ContainsFunc(text, func(c rune) bool { return !unicode.IsPrint(c) })
}
