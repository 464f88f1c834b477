package paycortest

import (
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ExpiresIn is the format of the lifetime in a token response.
type ExpiresIn string

// The formats, of which only the first is valid.
const (
	ExpiresNumber   ExpiresIn = ""
	ExpiresMissing  ExpiresIn = "missing"
	ExpiresString   ExpiresIn = "string"   // "1800"
	ExpiresAbsurd   ExpiresIn = "absurd"   // a number beyond any int64 of nanoseconds
	ExpiresNegative ExpiresIn = "negative" // -1
)

// grant is what an access token or refresh token represents.
type grant struct {
	app      *Application
	scope    Scope
	entities []int // legal entities it is limited to; nil means all of the application's
	offline  bool  // a refresh token was requested
	expires  time.Time
	used     bool // of a refresh token
}

// refusal is an error of the token endpoint, before it is formatted in a style.
type refusal struct {
	status int
	code   string
	text   string
}

func refuse(code, text string) *refusal { return &refusal{http.StatusBadRequest, code, text} }

// tokenEndpoint is POST /sts/v1/common/token. It accepts client ID and secret
// in the form only: not in the query, not as Basic authorization, not as JSON.
func tokenEndpoint(c *call) answer {
	given, no := c.exchange()
	if no != nil {
		style := c.details.ErrorStyle
		return c.styled(style, no.status, no.code, no.text)
	}
	return c.tokenAnswer(given)
}

func (c *call) exchange() (*grant, *refusal) {
	media, _, err := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" || c.formErr != nil {
		return nil, refuse("invalid_request", "The body must be form-encoded.")
	}
	for name, values := range c.form {
		if len(values) > 1 {
			return nil, refuse("invalid_request", "A parameter was sent more than once: "+name)
		}
	}
	kind := GrantType(c.form.Get("grant_type"))
	switch kind {
	case "":
		return nil, refuse("invalid_request", "The parameter grant_type is missing.")
	case ClientCredentials, AuthorizationCode, RefreshToken:
	default:
		return nil, refuse("unsupported_grant_type", "The grant type is not known.")
	}
	app, no := c.client()
	if no != nil {
		return nil, no
	}
	if _, hit := c.fault(GrantNotAllowed); hit || !slices.Contains(c.details.Grants, kind) {
		return nil, refuse(c.details.GrantRefusal, "This client may not use the grant "+string(kind)+".")
	}
	switch kind {
	case ClientCredentials:
		return c.byClientCredentials(app)
	case AuthorizationCode:
		return c.byCode(app)
	default:
		return c.byRefresh(app)
	}
}

// client finds the application by client ID and secret. A wrong ID and a wrong secret
// get the same response.
func (c *call) client() (*Application, *refusal) {
	id, secret := c.form.Get("client_id"), c.form.Get("client_secret")
	c.sim.mu.Lock()
	app := c.sim.find(func(d *Details) bool { return d.ClientID == id && d.ClientSecret == secret })
	c.sim.mu.Unlock()
	if _, hit := c.fault(WrongClient); hit || app == nil {
		no := refuse("invalid_client", "Client authentication failed.")
		if c.details.ClientErrorStatus != 0 {
			no.status = c.details.ClientErrorStatus
		}
		return nil, no
	}
	return app, nil
}

// byClientCredentials grants what the scope requests: nothing (all entities,
// the current scope), a scope ID, c<LegalEntityId> or cc<CompanyId>, or several
// of them.
func (c *call) byClientCredentials(app *Application) (*grant, *refusal) {
	given := &grant{app: app, scope: c.details.scope()}
	unknown := refuse("invalid_scope", "The scope is not known for this client.")
	if _, hit := c.fault(ScopeUnknown); hit {
		return nil, unknown
	}
	for word := range strings.FieldsSeq(c.form.Get("scope")) {
		if scope, known := c.details.knowsScope(word); known {
			given.scope = scope
			continue
		}
		ids := entitiesOf(c.details.Entities, word)
		if len(ids) == 0 {
			return nil, unknown
		}
		given.entities = append(given.entities, ids...)
	}
	return given, nil
}

// entitiesOf parses c501123 (a legal entity) and cc678556 (all of a company).
func entitiesOf(all []Entity, word string) []int {
	digits := strings.TrimPrefix(strings.TrimPrefix(word, "c"), "c")
	number, err := strconv.Atoi(digits)
	if err != nil || len(digits) == len(word) {
		return nil
	}
	var ids []int
	for _, entity := range all {
		company := len(word)-len(digits) == 2
		if (company && entity.TenantID == number) || (!company && entity.ID == number) {
			ids = append(ids, entity.ID)
		}
	}
	return ids
}

// byCode redeems an authorization code, which is used up even if it is rejected.
func (c *call) byCode(app *Application) (*grant, *refusal) {
	s := c.sim
	no := refuse("invalid_grant", "The authorization code is not known, has expired or was used.")
	_, expired := c.fault(CodeExpired)
	s.mu.Lock()
	defer s.mu.Unlock()
	given := s.codes[c.form.Get("code")]
	delete(s.codes, c.form.Get("code"))
	switch {
	case expired || given == nil || given.grant.app != app || !s.now().Before(given.expires):
		return nil, no
	case !given.sameRedirect(c.form.Get("redirect_uri")):
		return nil, refuse("invalid_grant", "The redirect_uri is not the one the code was given for.")
	case challengeOf(c.form.Get("code_verifier")) != given.challenge:
		return nil, refuse("invalid_grant", "The code verifier does not fit.")
	}
	return &given.grant, nil
}

// byRefresh exchanges a refresh token for the next. The old one is invalid from
// here on, even if the response is lost.
func (c *call) byRefresh(app *Application) (*grant, *refusal) {
	if c.form.Has("scope") {
		return nil, refuse("invalid_scope", "A refresh takes no scope.")
	}
	_, used := c.fault(RefreshUsed)
	s := c.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	given := s.refresh[c.form.Get("refresh_token")]
	if given != nil && given.used {
		s.bump(app, func(n *Counts) { n.Reused++ })
	}
	if used || given == nil || given.app != app || given.used {
		return nil, refuse("invalid_grant", "The refresh token is not known or was used.")
	}
	given.used = true
	next := *given
	next.used = false
	s.bump(app, func(n *Counts) { n.Refreshes++ })
	return &next, nil
}

// tokenAnswer issues the tokens and writes the response.
func (c *call) tokenAnswer(given *grant) answer {
	s := c.sim
	token := s.sign(c.claims(given))
	body := map[string]any{"access_token": token, "token_type": "Bearer"}
	lifetime := int(s.config.TokenLifetime / time.Second)
	switch c.details.ExpiresIn {
	case ExpiresMissing:
	case ExpiresString:
		body["expires_in"] = itoa(lifetime)
	case ExpiresAbsurd:
		body["expires_in"] = 1e18
	case ExpiresNegative:
		body["expires_in"] = -1
	default:
		body["expires_in"] = lifetime
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for old, g := range s.tokens { // or a long run would keep them all
		if now.Sub(g.expires) > time.Hour {
			delete(s.tokens, old)
		}
	}
	access := *given
	access.expires = now.Add(s.config.TokenLifetime)
	s.tokens[token] = &access
	if given.offline {
		body["refresh_token"] = s.newRefresh(given)
	}
	s.bump(given.app, func(n *Counts) { n.Issued++ })
	a := jsonAnswer(http.StatusOK, body)
	a.header.Set("Cache-Control", "no-store")
	return a
}

// newRefresh stores a grant under a new refresh token. s.mu is held.
func (s *Simulator) newRefresh(given *grant) string {
	token := randomHex(32)
	stored := *given
	s.refresh[token] = &stored
	return token
}

// IssueRefreshToken activates the application without a browser: it returns a
// refresh token for the current scope and all its entities.
func (a *Application) IssueRefreshToken() string {
	a.sim.mu.Lock()
	defer a.sim.mu.Unlock()
	return a.sim.newRefresh(&grant{app: a, scope: a.details.scope(), offline: true})
}

// RefreshTokenLives reports whether a refresh token is known and not used yet.
func (s *Simulator) RefreshTokenLives(token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	given := s.refresh[token]
	return given != nil && !given.used
}

// ExpireTokens expires all access tokens of the application; refresh tokens
// stay valid.
func (a *Application) ExpireTokens() {
	a.sim.mu.Lock()
	defer a.sim.mu.Unlock()
	for _, given := range a.sim.tokens {
		if given.app == a {
			given.expires = time.Time{}
		}
	}
}
