package paycortest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// codeLifetime is an assumption: Paycor's codes are known to be short-lived.
const codeLifetime = 5 * time.Minute

// code is an authorization code that has not been redeemed.
type code struct {
	grant       grant
	redirectURI string
	paycorForm  bool // redirectURI is that of Paycor's own form
	challenge   string
	expires     time.Time
}

// paycorFormRedirect is the redirect URI of Paycor's own form, in its usual
// lower case.
const paycorFormRedirect = "/appactivation/clientredirect"

// sameRedirect compares exactly, except for Paycor's own address: case does not
// matter there, and this machine has several names.
func (c *code) sameRedirect(sent string) bool {
	return c.redirectURI == sent || c.paycorForm && strings.HasSuffix(strings.ToLower(sent), paycorFormRedirect)
}

// Decision is what the administrator does on the activation page.
type Decision string

// The decisions. NotAdmin is a person who is not a Company, HR or Payroll administrator,
// and AllowElsewhere one of another company than that of the first legal entity.
const (
	Allow          Decision = "allow"
	AllowElsewhere Decision = "allow_elsewhere"
	Deny           Decision = "deny"
	NotAdmin       Decision = "not_admin"
)

// activation is an authorize request with a valid application, key and redirect
// URI, so that every other error can be reported by a redirect.
type activation struct {
	app        *Application
	details    Details
	scope      Scope
	redirect   *url.URL
	paycorForm bool // redirect is that of Paycor's own form
	query      url.Values
}

// pageError is shown to the person in the browser instead of a redirect.
type pageError struct {
	status int
	text   string
}

func (e *pageError) Error() string { return e.text }

// activation parses the query of the authorize URL. It never redirects to an
// address that is not approved, or a code could be stolen through it.
func (s *Simulator) activation(query url.Values) (*activation, error) {
	return s.activationAt(query, "")
}

// activationAt also accepts Paycor's own redirect URI.
func (s *Simulator) activationAt(query url.Values, own string) (*activation, error) {
	bad := func(text string) (*activation, error) { return nil, &pageError{http.StatusBadRequest, text} }
	for name, values := range query {
		if len(values) > 1 {
			return bad("A parameter was sent more than once: " + name)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	app := s.find(func(d *Details) bool { return d.ClientID == query.Get("client_id") })
	if query.Get("client_id") == "" || app == nil {
		return bad("The client id is not known.")
	}
	key := query.Get(keyQuery)
	if s.find(func(d *Details) bool { return d.hasKey(key) && !d.KeysInactive }) == nil {
		return bad("The subscription key is missing or not known.")
	}
	details := app.details.clone()
	if uri := query.Get("redirect_uri"); uri == "" || uri != own && !details.approves(uri) {
		return bad("The redirect_uri is not one of the application's approved return addresses: " + strings.Join(details.RedirectURIs, ", "))
	}
	redirect, err := url.Parse(query.Get("redirect_uri"))
	if err != nil {
		return bad("The redirect_uri cannot be read.")
	}
	return &activation{app: app, details: details, redirect: redirect, paycorForm: own != "", query: query}, nil
}

// problem returns the error code for the redirect, or "".
func (a *activation) problem(s *Simulator) string {
	if a.query.Get("response_type") != "code" {
		return "unsupported_response_type"
	}
	if a.query.Get("code_challenge_method") != "S256" || len(a.query.Get("code_challenge")) != 43 {
		return "invalid_request"
	}
	c := &call{sim: s, app: a.app, place: AtToken}
	if _, hit := c.fault(ScopeUnknown); hit {
		return "invalid_scope"
	}
	for word := range strings.FieldsSeq(a.query.Get("scope")) {
		if word == "offline_access" {
			continue
		}
		scope, known := a.details.knowsScope(word)
		if !known {
			return "invalid_scope"
		}
		a.scope = scope
	}
	switch {
	case a.scope.ID == "":
		return "invalid_scope"
	case a.details.NotStandard || !slices.Contains(a.details.Grants, AuthorizationCode):
		return "unauthorized_client"
	}
	return ""
}

// back returns the redirect URI with the outcome and the unchanged state.
func (a *activation) back(name, value string) string {
	to := *a.redirect
	query := to.Query()
	query.Set(name, value)
	if state := a.query.Get("state"); state != "" {
		query.Set("state", state)
	}
	to.RawQuery = query.Encode()
	return to.String()
}

// Consent acts as the administrator without a browser: it opens the authorize
// URL, decides, and returns the address to which the browser would be
// redirected. Its error is the one the page would show instead.
func (s *Simulator) Consent(authorizeURL string, decision Decision) (string, error) {
	parsed, err := url.Parse(authorizeURL)
	if err != nil {
		return "", fmt.Errorf("reading the authorize address: %w", err)
	}
	a, err := s.activation(parsed.Query())
	if err != nil {
		return "", err
	}
	return s.decide(a, decision)
}

func (s *Simulator) decide(a *activation, decision Decision) (string, error) {
	if problem := a.problem(s); problem != "" {
		return a.back("error", problem), nil
	}
	switch decision {
	case Allow, AllowElsewhere:
		given := grant{app: a.app, scope: a.scope,
			offline: slices.Contains(strings.Fields(a.query.Get("scope")), "offline_access")}
		if decision == AllowElsewhere {
			given.entities = elsewhere(a.details.Entities)
		}
		return a.back("code", s.newCode(a, given)), nil
	case Deny:
		return a.back("error", "access_denied"), nil
	case NotAdmin:
		return "", &pageError{http.StatusForbidden, "Activating needs a Company, HR or Payroll administrator."}
	default:
		return "", &pageError{http.StatusBadRequest, "The form said neither allow nor deny."}
	}
}

// elsewhere returns the legal entities of other companies than that of the first; not nil.
func elsewhere(entities []Entity) []int {
	ids := []int{}
	for _, entity := range entities {
		if entity.TenantID != entities[0].TenantID {
			ids = append(ids, entity.ID)
		}
	}
	return ids
}

func (s *Simulator) newCode(a *activation, given grant) string {
	value := randomHex(32)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes[value] = &code{
		grant: given, redirectURI: a.query.Get("redirect_uri"), paycorForm: a.paycorForm,
		challenge: a.query.Get("code_challenge"), expires: s.now().Add(codeLifetime),
	}
	return value
}
