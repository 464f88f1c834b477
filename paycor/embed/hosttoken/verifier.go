package hosttoken

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"paycorcred/paycor"
	"paycorcred/paycor/egress"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/message"
)

// Bounds of a token. Lengths are in bytes for the token, else in characters.
const (
	maxToken = 8 << 10
	maxID    = 200
	Leeway   = 30 * time.Second // accepted difference between the clocks of site and server
	Lifetime = 5 * time.Minute  // maximum lifetime of a token
)

// Config configures a Verifier.
type Config struct {
	Clock  func() time.Time // nil means time.Now
	Client *http.Client     // fetches keys; nil means one that connects to public addresses only
	Egress *egress.Rule     // for a nil Client

	// Loopback also lets a nil Client fetch keys from this machine, for development.
	Loopback bool
}

// Verifier verifies the tokens of embedding sites. It is safe for concurrent use.
type Verifier struct {
	clock     func() time.Time
	keySource *keySource
}

// New returns a verifier.
func New(config Config) *Verifier {
	if config.Clock == nil {
		config.Clock = time.Now
	}
	if config.Client == nil {
		allowed := func(address netip.Addr) bool {
			return egress.IsPublic(address) || config.Loopback && address.IsLoopback()
		}
		config.Client = egress.Restricted(allowed, config.Egress, fetchTimeout)
	}
	return &Verifier{config.Clock, &keySource{client: config.Client, clock: config.Clock}}
}

// ScopeOf returns where the people of a tenant work and what they may do there, of a tenant
// that a token names; of the site itself for a token that names none.
type ScopeOf func(tenant string) (embed.Scope, error)

// Grant is what a valid token grants.
type Grant struct {
	Person    embed.Person
	Scope     embed.Scope
	ID        string // jti: the token can be used once
	Rights    paycor.Rights
	ExpiresAt time.Time // exp plus Leeway
}

// Verify returns what a token grants, or the error of the first failed check.
func (v *Verifier) Verify(ctx context.Context, host embed.Host, scopeOf ScopeOf, request embed.Request) (Grant, error) {
	var first error
	grant := v.runChecks(ctx, host, scopeOf, request, func(f checked) bool {
		if f.err != nil {
			first = f.err
		}
		return f.err == nil
	})
	if first != nil {
		return Grant{}, first
	}
	return grant, nil
}

// checked is the result of one check.
type checked struct {
	name   string
	passed message.Message // the sentence for a passed check
	err    error           // *paycor.Error if the check failed
}

// claims are the registered claims of a token and those of the protocol.
type claims struct {
	jwt.Claims
	Workspace string   `json:"workspace,omitempty"`
	Tenant    string   `json:"tenant,omitempty"`
	Origin    string   `json:"origin"`
	Rights    []string `json:"rights"`
	Name      string   `json:"name,omitempty"`
	Email     string   `json:"email,omitempty"`
	Groups    []string `json:"groups,omitempty"`
}

// person returns who the token is about.
func (c claims) person() embed.Person {
	return embed.Person{Subject: c.Subject, Name: c.Name, Email: c.Email, Groups: c.Groups}
}

// runChecks runs the checks in order and reports each result, until report
// returns false. The grant is complete only if all checks ran.
func (v *Verifier) runChecks(ctx context.Context, host embed.Host, scopeOf ScopeOf, request embed.Request, report func(checked) bool) Grant {
	token, algorithm, err := parse(request.Token.Reveal())
	if err != nil {
		name := "token"
		if paycor.KindOf(err) == embed.KindTokenAlgorithm {
			name = "algorithm"
		}
		report(checked{name: name, err: err})
		return Grant{}
	}
	if !report(checked{name: "algorithm", passed: message.Text(algorithm)}) {
		return Grant{}
	}
	parsed, err := v.verifySignature(ctx, host, token, algorithm)
	if err != nil {
		if !report(checked{name: "signature", err: err}) || token.UnsafeClaimsWithoutVerification(&parsed) != nil {
			return Grant{}
		}
	} else if !report(checked{name: "signature", passed: message.New("site.check.signature")}) {
		return Grant{}
	}
	grant := Grant{Person: parsed.person(), ID: parsed.ID, ExpiresAt: parsed.Expiry.Time().Add(Leeway)}
	for _, right := range parsed.Rights {
		if !grant.Rights.Has(paycor.Right(right)) {
			grant.Rights = append(grant.Rights, paycor.Right(right))
		}
	}
	results := v.checkClaims(host, request, parsed)
	if err == nil { // only a signer of the site may learn its tenants, workspaces and rights
		var reach []checked
		grant.Scope, reach = checkScope(scopeOf, parsed, grant.Rights)
		results = append(results, reach...)
	}
	for _, f := range results {
		if !report(f) {
			return Grant{}
		}
	}
	return grant
}

// parse parses a token without verifying it.
func parse(text string) (*jwt.JSONWebToken, string, error) {
	malformed := paycor.Errorf(embed.KindTokenMalformed, "site.error.malformed", maxToken)
	if len(text) > maxToken || strings.Count(text, ".") != 2 {
		return nil, "", malformed
	}
	token, err := jwt.ParseSigned(text, algorithms)
	var unexpected *jose.ErrUnexpectedSignatureAlgorithm
	if errors.As(err, &unexpected) {
		return nil, "", paycor.Errorf(embed.KindTokenAlgorithm, "site.error.algorithm", Truncate(string(unexpected.Got)))
	}
	if err != nil || len(token.Headers) != 1 {
		return nil, "", malformed
	}
	return token, token.Headers[0].Algorithm, nil
}

// verifySignature returns the claims of a token that was signed with a key of
// the site. If the token names an unknown key, it fetches the keys again.
func (v *Verifier) verifySignature(ctx context.Context, host embed.Host, token *jwt.JSONWebToken, algorithm string) (claims, error) {
	var parsed claims
	id := token.Headers[0].KeyID
	keys, err := v.keySource.keys(ctx, host, false)
	var found []jose.JSONWebKey
	if err == nil {
		if found = keys.find(id, algorithm); len(found) == 0 {
			if keys, err = v.keySource.keys(ctx, host, true); err == nil {
				found = keys.find(id, algorithm)
			}
		}
	}
	if errors.Is(err, errNoKeys) {
		return parsed, paycor.Errorf(embed.KindTokenKey, "site.error.no-keys")
	}
	if err != nil {
		return parsed, &paycor.Error{Kind: embed.KindKeysUnreachable, Message: message.New("site.error.keys", message.Of(err)), Err: err}
	}
	if len(found) == 0 {
		return parsed, paycor.Errorf(embed.KindTokenKey, "site.error.key", Truncate(id), algorithm)
	}
	for _, key := range found {
		err = token.Claims(key.Key, &parsed)
		if err == nil {
			return parsed, nil
		}
		parsed = claims{}
		if !errors.Is(err, jose.ErrCryptoFailure) {
			return parsed, paycor.Errorf(embed.KindTokenMalformed, "site.error.claims")
		}
	}
	return parsed, paycor.Errorf(embed.KindTokenSignature, "site.error.signature", Truncate(id))
}
