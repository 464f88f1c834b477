package paycor

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// Sharing restricts a credential to the people and groups it names, its owner and
// administrators. Nobody else can see it. A nil *Sharing restricts nothing.
type Sharing struct {
	People []string `json:"people"` // e-mail addresses or IDs from the sign-in
	Groups []string `json:"groups"` // from the sign-in
}

// Bounds of a Sharing.
const (
	maxShares    = 200 // people and groups together
	maxShareSize = 200 // bytes of one
)

// Clean returns the sharing with names trimmed, sorted and without duplicates. E-mail
// addresses are in lower case.
func (s Sharing) Clean() Sharing {
	clean := func(names []string, person bool) []string {
		kept := []string{}
		for _, name := range names {
			name = strings.TrimSpace(name)
			if person && strings.Contains(name, "@") {
				name = strings.ToLower(name)
			}
			if name != "" {
				kept = append(kept, name)
			}
		}
		slices.Sort(kept)
		return slices.Compact(kept)
	}
	return Sharing{People: clean(s.People, true), Groups: clean(s.Groups, false)}
}

// Check returns what is wrong with a sharing.
func (s Sharing) Check() []fields.Problem {
	var problems []fields.Problem
	wrong := func(sentence message.Message) {
		problems = append(problems, fields.Problem{Field: fields.Sharing, Code: fields.ProblemUnusualShape, Message: sentence})
	}
	if len(s.People)+len(s.Groups) > maxShares {
		wrong(message.New("problem.sharing-too-many", maxShares))
	}
	for _, name := range slices.Concat(s.People, s.Groups) {
		if len(name) > maxShareSize || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
			wrong(message.New("problem.sharing-name"))
			break
		}
	}
	return problems
}

// Keys returns the named people and groups as keys that tell the two apart.
func (s Sharing) Keys() []string {
	keys := []string{}
	for _, person := range s.People {
		keys = append(keys, personKey+person)
	}
	for _, group := range s.Groups {
		keys = append(keys, groupKey+group)
	}
	return keys
}

const (
	personKey = "person:"
	groupKey  = "group:"
)

// SharingOf is the inverse of Keys.
func SharingOf(keys []string) Sharing {
	s := Sharing{People: []string{}, Groups: []string{}}
	for _, key := range keys {
		if person, ok := strings.CutPrefix(key, personKey); ok {
			s.People = append(s.People, person)
		} else if group, ok := strings.CutPrefix(key, groupKey); ok {
			s.Groups = append(s.Groups, group)
		}
	}
	return s
}

// Viewer is a caller as sharing sees them: what they own and the keys that name them.
type Viewer struct {
	Owner string
	Keys  []string
}

// Viewer returns how sharing sees the caller, or nil for callers that see
// everything in the workspace: administrators, this server and its operator,
// and a program whose API token lists its credentials, because an administrator
// chose them. The list of a person on an embedding site only narrows what they see,
// because the site chose it.
func (c Caller) Viewer() *Viewer {
	chosen := c.Kind != CallerEmbedded && len(c.Credentials) > 0
	if c.SeesAll || c.Rights.Has(RightAdmin) || c.Kind == CallerServer || c.Kind == CallerOperator || chosen {
		return nil
	}
	viewer := &Viewer{Owner: c.Owner(), Keys: []string{}}
	if c.Kind == CallerConsumer {
		return viewer // a program is in no group, and its ID is not a person's
	}
	viewer.Keys = append(viewer.Keys, personKey+c.ID)
	if c.Login != "" {
		viewer.Keys = append(viewer.Keys, personKey+c.Login, personKey+strings.ToLower(c.Login))
	}
	for _, group := range c.Groups {
		viewer.Keys = append(viewer.Keys, groupKey+group)
	}
	return viewer
}

// Owner returns the caller as the owner of what they add.
func (c Caller) Owner() string { return string(c.Kind) + " " + c.ID }

// Sees reports whether the viewer may see a credential with this owner and
// sharing. It is the only rule for that; lists in the store follow it.
func (v *Viewer) Sees(owner string, sharing *Sharing) bool {
	if v == nil || sharing == nil || owner != "" && owner == v.Owner {
		return true
	}
	return slices.ContainsFunc(sharing.Keys(), func(key string) bool { return slices.Contains(v.Keys, key) })
}
