package paycortest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// GrantType is a way to get a token.
type GrantType string

// The grants the token endpoint knows.
const (
	ClientCredentials GrantType = "client_credentials"
	AuthorizationCode GrantType = "authorization_code"
	RefreshToken      GrantType = "refresh_token"
)

// Scope is one version of an application's data access. Each saved change makes
// another one; the last in Details.Scopes is current.
type Scope struct {
	ID     string  `json:"id"` // 32 hex
	Rights []Right `json:"rights"`
}

// Details are what the developer portal shows about an application, plus how Paycor
// treats it. In every list, nil means the default and an empty list means none.
type Details struct {
	Name string `json:"name"`
	// Note describes the purpose of the application in a sentence.
	Note string `json:"note,omitempty"`

	ClientID     string `json:"client_id"`     // 20 hex; derived from Name if empty
	ClientSecret string `json:"client_secret"` // 42 characters with '/' and '+'; derived from Name if empty
	PrimaryKey   string `json:"primary_key"`   // 32 hex; derived from Name if empty
	SecondaryKey string `json:"secondary_key"` // 32 hex; derived from Name if empty

	Scopes       []Scope     `json:"scopes"`        // default: one, with Rights
	Rights       []Right     `json:"rights"`        // rights of that default scope; default: all
	Grants       []GrantType `json:"grants"`        // default: all three
	Entities     []Entity    `json:"entities"`      // default: one, 501123
	RedirectURIs []string    `json:"redirect_uris"` // approved return addresses, compared exactly
	AnyPort      bool        `json:"any_port"`      // an approved loopback address is approved on every port (RFC 8252)
	NotStandard  bool        `json:"not_standard"`  // type other than Standard: every call ends in 403

	// ErrorStyle is the error format of the token endpoint; StyleOAuth if
	// empty.
	ErrorStyle Style `json:"error_style,omitempty"`
	// ForbiddenStyle is the format of the API's 403; StylePaycor if empty.
	ForbiddenStyle Style `json:"forbidden_style,omitempty"`
	// Casing of Paycor's error names; alternates between applications if empty.
	Casing Casing `json:"casing,omitempty"`
	// ClientErrorStatus is the status for a wrong client ID or secret: 400 if
	// zero, or 401.
	ClientErrorStatus int `json:"client_error_status,omitempty"`
	// GrantRefusal is the error code for a grant that is not allowed:
	// unauthorized_client if empty, or unsupported_grant_type.
	GrantRefusal string `json:"grant_refusal,omitempty"`
	// ExpiresIn is the format of expires_in in token responses; a number if
	// empty.
	ExpiresIn ExpiresIn `json:"expires_in,omitempty"`
	// KeysInactive deactivates the subscription: its keys stay, and are
	// rejected.
	KeysInactive bool `json:"keys_inactive,omitempty"`
}

// Application is an application registered with a simulator.
type Application struct {
	sim     *Simulator
	details Details  // guarded by sim.mu
	secrets int      // number of Client Secrets after the first; guarded by sim.mu
	faults  []*Fault // guarded by sim.mu
}

// Application registers an application, or replaces the one of the same name, and
// fills in defaults. It panics if the name is empty or "all", which the control
// endpoint reserves.
func (s *Simulator) Application(details Details) *Application {
	if details.Name == "" || details.Name == everyone {
		panic(`paycortest: an application needs a name other than "all"`)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.apps, func(a *Application) bool { return a.details.Name == details.Name })
	position := at
	if at < 0 {
		position = len(s.apps)
	}
	app := &Application{sim: s, details: complete(details, position)}
	if at < 0 {
		s.apps = append(s.apps, app)
	} else {
		s.apps[at] = app
	}
	return app
}

// Lookup returns the application of that name, or nil.
func (s *Simulator) Lookup(name string) *Application {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.find(func(d *Details) bool { return d.Name == name })
}

// find returns the first application that matches, or nil. s.mu is held.
func (s *Simulator) find(fits func(*Details) bool) *Application {
	for _, app := range s.apps {
		if fits(&app.details) {
			return app
		}
	}
	return nil
}

// Details returns a copy of the application's values.
func (a *Application) Details() Details {
	a.sim.mu.Lock()
	defer a.sim.mu.Unlock()
	return a.details.clone()
}

// Change changes the application's values, as an administrator does on the
// portal: a new secret, another key, one more entity. Issued tokens stay valid.
func (a *Application) Change(change func(*Details)) {
	a.sim.mu.Lock()
	defer a.sim.mu.Unlock()
	change(&a.details)
}

// NewSecret gives the application a new Client Secret, as the portal does on demand.
// The previous one is rejected from then on.
func (a *Application) NewSecret() {
	a.sim.mu.Lock()
	defer a.sim.mu.Unlock()
	a.secrets++
	a.details.ClientSecret = deriveSecret(fmt.Sprintf("%s %d", a.details.Name, a.secrets))
}

// SaveDataAccess saves a change of data access: a new scope with those rights
// becomes current. Earlier activations keep the old rights.
func (a *Application) SaveDataAccess(rights ...Right) Scope {
	a.sim.mu.Lock()
	defer a.sim.mu.Unlock()
	version := len(a.details.Scopes) + 1
	scope := Scope{ID: derive(a.details.Name, fmt.Sprintf("scope %d", version), 32), Rights: rights}
	a.details.Scopes = append(a.details.Scopes, scope)
	return scope
}

// clone returns a deep copy, which is read while Change may change the
// original.
func (d *Details) clone() Details {
	c := *d
	c.Scopes = slices.Clone(d.Scopes)
	c.Rights = slices.Clone(d.Rights)
	c.Grants = slices.Clone(d.Grants)
	c.Entities = slices.Clone(d.Entities)
	c.RedirectURIs = slices.Clone(d.RedirectURIs)
	for i := range c.Scopes {
		c.Scopes[i].Rights = slices.Clone(c.Scopes[i].Rights)
	}
	for i := range c.Entities {
		c.Entities[i].Records = maps.Clone(c.Entities[i].Records)
	}
	return c
}

// scope returns the current version, or the zero Scope if there is none.
func (d *Details) scope() Scope {
	if len(d.Scopes) == 0 {
		return Scope{}
	}
	return d.Scopes[len(d.Scopes)-1]
}

func (d *Details) knowsScope(id string) (Scope, bool) {
	for _, scope := range d.Scopes {
		if scope.ID == id {
			return scope, true
		}
	}
	return Scope{}, false
}

// approves reports whether a return address is one of the application's.
func (d *Details) approves(uri string) bool {
	if slices.Contains(d.RedirectURIs, uri) {
		return true
	}
	plain, portless := withoutPort(uri)
	return d.AnyPort && portless && slices.ContainsFunc(d.RedirectURIs, func(approved string) bool {
		other, portless := withoutPort(approved)
		return portless && plain == other
	})
}

// withoutPort removes the port from a loopback address; ok is false for every
// other address, and for one in an unusual form.
func withoutPort(uri string) (plain string, ok bool) {
	parsed, err := url.Parse(uri)
	if err != nil || parsed.Scheme != "http" || parsed.User != nil || parsed.String() != uri || !loopback(parsed.Hostname()) {
		return "", false
	}
	return parsed.Hostname() + " " + strings.TrimPrefix(uri, "http://"+parsed.Host), true
}

func loopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

func (d *Details) hasKey(key string) bool {
	return key != "" && (d.PrimaryKey == key || d.SecondaryKey == key)
}

// complete fills in the defaults. position decides the default casing.
func complete(d Details, position int) Details {
	d = d.clone()
	fill := func(value *string, made string) {
		if *value == "" {
			*value = made
		}
	}
	fill(&d.ClientID, derive(d.Name, "client id", 20))
	fill(&d.ClientSecret, deriveSecret(d.Name))
	fill(&d.PrimaryKey, derive(d.Name, "primary key", 32))
	fill(&d.SecondaryKey, derive(d.Name, "secondary key", 32))
	fill((*string)(&d.ErrorStyle), string(StyleOAuth))
	fill((*string)(&d.ForbiddenStyle), string(StylePaycor))
	fill((*string)(&d.Casing), string([]Casing{CamelCase, PascalCase}[position%2]))
	fill(&d.GrantRefusal, "unauthorized_client")
	if d.ClientErrorStatus == 0 {
		d.ClientErrorStatus = 400
	}
	if d.Grants == nil {
		d.Grants = []GrantType{ClientCredentials, AuthorizationCode, RefreshToken}
	}
	if d.Rights == nil {
		d.Rights = AllRights()
	}
	if d.Scopes == nil {
		d.Scopes = []Scope{{ID: derive(d.Name, "scope 1", 32), Rights: d.Rights}}
	}
	if d.Entities == nil {
		d.Entities = []Entity{{ID: 501123, Name: d.Name, TenantID: 678556}}
	}
	return d
}

// derive returns a hex value that is the same for the same name in every run.
func derive(name, purpose string, length int) string {
	sum := sha256.Sum256([]byte("paycortest\x00" + name + "\x00" + purpose))
	return hex.EncodeToString(sum[:])[:length]
}

// deriveSecret includes the characters that make a client secret hard to
// transmit: '/' and '+'.
func deriveSecret(name string) string {
	hexes := strings.ToUpper(derive(name, "client secret", 32))
	return "made/up+" + hexes[:16] + "/" + hexes[16:] + "+"
}
