package embed

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"paycorcred/paycor"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/message"
)

// Host is a web site that may embed the page. Its keys are public: they prove that a
// token comes from the site's server. A site without keys gets one-time tokens.
type Host struct {
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Workspace string          `json:"workspace"`
	Origins   []string        `json:"origins"`            // exactly as a browser writes them
	Rights    paycor.Rights   `json:"rights"`             // the most it may grant
	Keys      json.RawMessage `json:"keys,omitempty"`     // a JWKS, or …
	KeysURL   string          `json:"keys_url,omitempty"` // … the address of one; neither for a site that signs no tokens
	CreatedAt time.Time       `json:"created_at"`
	CreatedBy string          `json:"created_by"`
	Version   int64           `json:"version"`           // grows with every change
	Altered   bool            `json:"altered,omitempty"` // something other than this program wrote it to the database; it is refused
}

// ETag returns the quoted entity tag, the version.
func (h Host) ETag() string { return `"` + strconv.FormatInt(h.Version, 10) + `"` }

// GrantableRights returns the rights that a site may grant. A frame cannot have the right
// to open sessions.
func GrantableRights() paycor.Rights {
	return slices.DeleteFunc(paycor.AllRights(), func(right paycor.Right) bool { return right == paycor.RightEmbed })
}

// HostDraft is an embedding site to register.
type HostDraft struct {
	ID      string // empty lets the server choose one
	Name    string
	Origins []string
	Rights  paycor.Rights
	Keys    string // public keys: a JWKS, a JWK or PEM
	KeysURL string
}

// HostPatch is a change to an embedding site. Nil keeps a value, except that keys
// replace an address of keys and vice versa.
type HostPatch struct {
	Name    *string
	Origins *[]string
	Rights  *paycor.Rights
	Keys    *string // public keys: a JWKS, a JWK or PEM
	KeysURL *string
}

// Over returns the patched site.
func (p HostPatch) Over(host Host) HostDraft {
	draft := HostDraft{ID: host.ID, Name: host.Name, Origins: host.Origins, Rights: host.Rights, Keys: string(host.Keys), KeysURL: host.KeysURL}
	if p.Keys != nil && *p.Keys != "" && p.KeysURL == nil {
		draft.KeysURL = ""
	}
	if p.KeysURL != nil && *p.KeysURL != "" && p.Keys == nil {
		draft.Keys = ""
	}
	overlay(&draft.Name, p.Name)
	overlay(&draft.Origins, p.Origins)
	overlay(&draft.Rights, p.Rights)
	overlay(&draft.Keys, p.Keys)
	overlay(&draft.KeysURL, p.KeysURL)
	return draft
}

// HostList is a list of sites, by name.
type HostList struct {
	Hosts      []Host              `json:"hosts"`
	Tenants    map[string][]Tenant `json:"tenants,omitempty"`    // of the sites that have some, by the site's ID, by name
	Unreadable int                 `json:"unreadable,omitempty"` // sites and tenants that are left out, because their part of the database is damaged
}

// Service manages embedding sites. It needs the right admin and is not available from
// inside a frame.
type Service interface {
	// Hosts lists the sites of the workspace.
	Hosts(ctx context.Context) (HostList, error)

	// AddHost registers a site. KindConflict if the ID is taken.
	AddHost(ctx context.Context, draft HostDraft) (Host, error)

	// UpdateHost changes a site. Its open frames lose removed rights and
	// origins at once. ifMatch may be empty; KindStale if it is of another
	// version.
	UpdateHost(ctx context.Context, id string, patch HostPatch, ifMatch string) (Host, error)

	// RemoveHost removes a site and ends its sessions.
	RemoveHost(ctx context.Context, id string) error
}

// Limits of a site.
const (
	maxHostName     = 100
	maxOrigins      = 16
	maxKeysText     = 32 << 10
	maxHostIDLength = 40
)

// Clean returns the draft with values trimmed.
func (d HostDraft) Clean() HostDraft {
	d.ID, d.Name = strings.TrimSpace(d.ID), strings.Join(strings.Fields(d.Name), " ")
	d.Keys, d.KeysURL = strings.TrimSpace(d.Keys), strings.TrimSpace(d.KeysURL)
	var origins []string
	for _, origin := range d.Origins {
		for one := range strings.FieldsSeq(origin) {
			if !slices.Contains(origins, one) {
				origins = append(origins, one)
			}
		}
	}
	d.Origins = origins
	return d
}

// CheckHost returns what is wrong with a cleaned draft. The server checks whether the
// keys are valid.
func CheckHost(d HostDraft) []fields.Problem {
	var problems []fields.Problem
	wrong := func(field fields.Field, code fields.ProblemCode, sentence message.Message) {
		problems = append(problems, fields.Problem{Field: field, Code: code, Message: sentence})
	}
	if d.ID != "" && !IsPlainHostID(d.ID) {
		wrong(fields.HostID, fields.ProblemUnusualShape, message.New("problem.site-id", maxHostIDLength))
	}
	switch {
	case d.Name == "":
		wrong(fields.HostName, fields.ProblemRequired, message.New("problem.site-name-required"))
	case len([]rune(d.Name)) > maxHostName:
		wrong(fields.HostName, fields.ProblemTooLong, message.New("problem.consumer-name-too-long", maxHostName))
	case !utf8.ValidString(d.Name) || strings.ContainsFunc(d.Name, func(c rune) bool { return !unicode.IsPrint(c) }):
		wrong(fields.HostName, fields.ProblemNotText, message.New("problem.name-invisible"))
	}
	switch {
	case len(d.Origins) == 0:
		wrong(fields.HostOrigins, fields.ProblemRequired, message.New("problem.site-origin-required"))
	case len(d.Origins) > maxOrigins:
		wrong(fields.HostOrigins, fields.ProblemTooLong, message.New("problem.site-origins-too-many", maxOrigins))
	default:
		for _, origin := range d.Origins {
			if _, err := ParseOrigin(origin); err != nil {
				wrong(fields.HostOrigins, fields.ProblemUnusualShape, message.Of(err))
			}
		}
	}
	if len(d.Rights) == 0 {
		wrong(fields.HostRights, fields.ProblemRequired, message.New("problem.site-right-required"))
	}
	for _, right := range d.Rights {
		if !GrantableRights().Has(right) {
			wrong(fields.HostRights, fields.ProblemUnusualShape, message.New("problem.site-right-unknown", string(right), GrantableRights()))
		}
	}
	switch {
	case d.Keys != "" && d.KeysURL != "":
		wrong(fields.HostKeys, fields.ProblemUnusualShape, message.New("problem.site-keys-both"))
	case len(d.Keys) > maxKeysText:
		wrong(fields.HostKeys, fields.ProblemTooLong, message.New("problem.site-keys-too-long", maxKeysText))
	case d.KeysURL != "" && !keysAddress(d.KeysURL):
		wrong(fields.HostKeysURL, fields.ProblemUnusualShape, message.New("problem.site-keys-url"))
	}
	return problems
}

// Exceeds returns the problems of a draft that would grant more than its maker
// has. A site signs its own tokens, so registering one grants its rights for
// the whole workspace, without an expiry.
func (d HostDraft) Exceeds(maker paycor.Caller) []fields.Problem {
	var problems []fields.Problem
	for _, right := range d.Rights {
		if GrantableRights().Has(right) && !maker.Rights.Has(right) && !(right == paycor.RightRead && maker.Rights.Has(paycor.RightUse)) {
			problems = append(problems, fields.Problem{Field: fields.HostRights, Code: fields.ProblemOutOfRange,
				Message: message.New("problem.site-right-not-held", string(right))})
			break
		}
	}
	if !maker.Until.IsZero() {
		problems = append(problems, fields.Problem{Field: fields.HostRights, Code: fields.ProblemOutOfRange,
			Message: message.New("problem.site-outlives-token")})
	}
	return problems
}

// IsHostID reports whether a text has the form of a site's ID: a plain one, or that of
// another workspace than the default one, with the workspace and a dot in front.
func IsHostID(text string) bool {
	workspace, id, qualified := strings.Cut(text, ".")
	return !qualified && IsPlainHostID(text) || qualified && IsPlainHostID(workspace) && IsPlainHostID(id)
}

// IsPlainHostID reports whether a text has the form of an ID that a workspace can choose.
func IsPlainHostID(text string) bool {
	strange := func(c rune) bool { return !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-') }
	return len(text) >= 3 && len(text) <= maxHostIDLength && text[0] >= 'a' && text[0] <= 'z' && !strings.ContainsFunc(text, strange)
}

// overlay replaces *base if the patch has a value.
func overlay[T any](base *T, patch *T) {
	if patch != nil {
		*base = *patch
	}
}
