package paycor

import (
	"slices"
	"strings"
	"time"

	"paycorcred/paycor/message"
)

// Right is one thing a caller may do.
type Right string

// The rights. None includes another, except that use includes read.
const (
	RightView  Right = "view"  // list and select
	RightRead  Right = "read"  // call Paycor through a credential, with GET and HEAD only
	RightUse   Right = "use"   // call Paycor through a credential, with any method
	RightEdit  Right = "edit"  // create, change, verify, activate
	RightEmbed Right = "embed" // open sessions for people on embedding sites; only API tokens use it
	RightAdmin Right = "admin" // delete; hosts, tokens, audit
)

// Rights is a set of rights.
type Rights []Right

// AllRights returns every right.
func AllRights() Rights {
	return Rights{RightView, RightRead, RightUse, RightEdit, RightEmbed, RightAdmin}
}

// Has reports whether right is in the set.
func (r Rights) Has(right Right) bool { return slices.Contains(r, right) }

// String returns the rights with commas between them.
func (r Rights) String() string {
	names := make([]string, len(r))
	for i, right := range r {
		names[i] = string(right)
	}
	return strings.Join(names, ",")
}

// ParseRights reads rights with commas between them, as String writes them.
func ParseRights(text string) (Rights, error) {
	var rights Rights
	for name := range strings.SplitSeq(text, ",") {
		right := Right(strings.TrimSpace(name))
		if !AllRights().Has(right) {
			return nil, message.Errorf("cli.rights-unknown", string(right), AllRights())
		}
		if !rights.Has(right) {
			rights = append(rights, right)
		}
	}
	return rights, nil
}

// CallerKind says what kind of caller it is.
type CallerKind string

// The kinds of caller.
const (
	CallerPerson   CallerKind = "person"   // signed in, in a browser
	CallerConsumer CallerKind = "consumer" // a program with an API token
	CallerOperator CallerKind = "operator" // a command on the server's own machine
	CallerServer   CallerKind = "server"   // this server by itself
	CallerUnknown  CallerKind = "unknown"  // not signed in; only in the record of a denial
	CallerEmbedded CallerKind = "embedded" // a person authenticated by an embedding site
	CallerLink     CallerKind = "link"     // the holder of an activation link
)

// Caller is who makes a request: identity, rights and origin. Every service is bound to
// one.
type Caller struct {
	Kind        CallerKind `json:"kind"`
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	Workspace   string     `json:"workspace"` // the tenant; tenants are isolated from each other
	Rights      Rights     `json:"rights"`
	Credentials []string   `json:"credentials,omitempty"` // allow-list of credentials; empty means all of the workspace
	Login       string     `json:"login,omitempty"`       // of a person: other names that sharing may list
	Groups      []string   `json:"groups,omitempty"`      // of a person, from the sign-in
	SeesAll     bool       `json:"-"`                     // has the right admin, even on a route that does not grant it: sharing hides nothing from them
	SignIn      string     `json:"-"`                     // id of the session; empty without one
	Until       time.Time  `json:"-"`                     // when the API token of the request expires; zero means never
	Browser     string     `json:"-"`                     // identifies a signed-in browser; authenticates nothing
	From        string     `json:"-"`                     // network address
	RequestID   string     `json:"-"`
}

// LocalAdministrator is the ID of the person who opened a one-time link on the server's
// own machine. No identity provider may use it.
const LocalAdministrator = "local"

// Covers reports whether the caller's allow-list includes the credential.
func (c Caller) Covers(id string) bool {
	return len(c.Credentials) == 0 || slices.Contains(c.Credentials, id)
}

// OnlyListed reports whether a person sees only the credentials that an embedding site
// listed, and so would not see one that they add.
func (c Caller) OnlyListed() bool { return c.Kind == CallerEmbedded && len(c.Credentials) > 0 }

// DefaultWorkspace is the workspace of a server that has only one.
const DefaultWorkspace = "default"
