package hosttoken

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"paycorcred/paycor"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/message"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Bounds of a token.
const (
	mostToken   = 8 << 10
	mostSubject = 128
	mostID      = 200
	Leeway      = 30 * time.Second // by which two clocks may differ
	Lifetime    = 5 * time.Minute  // the longest that a token may last
)

// Config is what a Judge is made of.
type Config struct {
	Clock  func() time.Time // nil means time.Now
	Client *http.Client     // fetches keys; nil means one that reaches public addresses only
}

// Judge judges the tokens of hosts. It is safe for concurrent use.
type Judge struct {
	clock  func() time.Time
	source *source
}

// New returns a Judge.
func New(config Config) *Judge {
	if config.Clock == nil {
		config.Clock = time.Now
	}
	if config.Client == nil {
		config.Client = guarded(public)
	}
	return &Judge{config.Clock, &source{client: config.Client, clock: config.Clock}}
}

// Grant is what a good token says.
type Grant struct {
	Subject   string // whom the host vouches for
	ID        string // the token's own, good once
	Rights    paycor.Rights
	ExpiresAt time.Time // of the token, with the leeway
}

// Judge returns what a token grants, or the first thing that is wrong with it.
func (j *Judge) Judge(ctx context.Context, host embed.Host, request embed.Request) (Grant, error) {
	var first error
	grant := j.look(ctx, host, request, func(f finding) bool {
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

// finding is one thing that was looked at.
type finding struct {
	name string
	good message.Message // what is right
	err  error           // what is wrong; a *paycor.Error
}

// claims are what a token has to say beside the registered ones.
type claims struct {
	jwt.Claims
	Workspace string   `json:"workspace"`
	Origin    string   `json:"origin"`
	Rights    []string `json:"rights"`
}

// look looks at one thing after the other and tells of each, as long as tell
// wants to hear more.
func (j *Judge) look(ctx context.Context, host embed.Host, request embed.Request, tell func(finding) bool) Grant {
	token, algorithm, err := parse(request.Token.Reveal())
	if err != nil {
		name := "token"
		if paycor.KindOf(err) == embed.KindTokenAlgorithm {
			name = "algorithm"
		}
		tell(finding{name: name, err: err})
		return Grant{}
	}
	if !tell(finding{name: "algorithm", good: message.Text(algorithm)}) {
		return Grant{}
	}
	said, err := j.verified(ctx, host, token, algorithm)
	if err != nil {
		if !tell(finding{name: "signature", err: err}) || token.UnsafeClaimsWithoutVerification(&said) != nil {
			return Grant{}
		}
	} else if !tell(finding{name: "signature", good: message.New("site.check.signature")}) {
		return Grant{}
	}
	grant := Grant{Subject: said.Subject, ID: said.ID, ExpiresAt: said.Expiry.Time().Add(Leeway)}
	for _, right := range said.Rights {
		if !grant.Rights.Has(paycor.Right(right)) {
			grant.Rights = append(grant.Rights, paycor.Right(right))
		}
	}
	for _, f := range j.claims(host, request, said, grant) {
		if err != nil && (f.name == "claim workspace" || f.name == "claim rights") {
			continue // what a host may do is for those who have its key
		}
		if !tell(f) {
			return Grant{}
		}
	}
	return grant
}

// parse reads a token without believing it.
func parse(text string) (*jwt.JSONWebToken, string, error) {
	malformed := paycor.Errorf(embed.KindTokenMalformed, "site.error.malformed", mostToken)
	if len(text) > mostToken || strings.Count(text, ".") != 2 {
		return nil, "", malformed
	}
	token, err := jwt.ParseSigned(text, algorithms)
	var unexpected *jose.ErrUnexpectedSignatureAlgorithm
	if errors.As(err, &unexpected) {
		return nil, "", paycor.Errorf(embed.KindTokenAlgorithm, "site.error.algorithm", cut(string(unexpected.Got)))
	}
	if err != nil || len(token.Headers) != 1 {
		return nil, "", malformed
	}
	return token, token.Headers[0].Algorithm, nil
}

// verified returns the claims of a token whose signature is right.
func (j *Judge) verified(ctx context.Context, host embed.Host, token *jwt.JSONWebToken, algorithm string) (claims, error) {
	var said claims
	id := token.Headers[0].KeyID
	keys, err := j.source.keys(ctx, host, false)
	var found []jose.JSONWebKey
	if err == nil {
		if found = keys.find(id, algorithm); len(found) == 0 {
			if keys, err = j.source.keys(ctx, host, true); err == nil {
				found = keys.find(id, algorithm)
			}
		}
	}
	if err != nil {
		return said, &paycor.Error{Kind: embed.KindKeysUnreachable, Message: message.New("site.error.keys", message.Of(err)), Err: err}
	}
	if len(found) == 0 {
		return said, paycor.Errorf(embed.KindTokenKey, "site.error.key", cut(id), algorithm)
	}
	for _, key := range found {
		err = token.Claims(key.Key, &said)
		if err == nil {
			return said, nil
		}
		said = claims{}
		if !errors.Is(err, jose.ErrCryptoFailure) {
			return said, paycor.Errorf(embed.KindTokenMalformed, "site.error.claims")
		}
	}
	return said, paycor.Errorf(embed.KindTokenSignature, "site.error.signature", cut(id))
}

// claims looks at what a token says.
func (j *Judge) claims(host embed.Host, request embed.Request, said claims, grant Grant) []finding {
	now := j.clock()
	wrong := func(kind paycor.Kind, key string, args ...any) error {
		return paycor.Errorf(kind, key, args...)
	}
	expires := said.Expiry.Time()
	findings := []finding{
		check("claim iss", "iss", said.Issuer == host.ID,
			wrong(embed.KindTokenIssuer, "site.error.iss", cut(said.Issuer), host.ID)),
		check("claim aud", "aud", said.Audience.Contains(request.Audience),
			wrong(embed.KindTokenAudience, "site.error.aud", cut(strings.Join(said.Audience, " ")), request.Audience)),
		check("claim nbf", "nbf", (said.NotBefore == nil || !now.Add(Leeway).Before(said.NotBefore.Time())) &&
			(said.IssuedAt == nil || !now.Add(Leeway).Before(said.IssuedAt.Time())),
			wrong(embed.KindTokenEarly, "site.error.nbf", clockOf(now))),
	}
	switch {
	case said.Expiry == nil:
		findings = append(findings, finding{"claim exp", message.Message{}, wrong(embed.KindTokenLifetime, "site.error.exp-missing", int(Lifetime.Minutes()))})
	case now.After(expires.Add(Leeway)):
		findings = append(findings, finding{"claim exp", message.Message{}, wrong(embed.KindTokenExpired, "site.error.exp-past", now.Sub(expires).Round(time.Second), clockOf(now))})
	case expires.Year() > now.Year()+100:
		findings = append(findings, finding{"claim exp", message.Message{}, wrong(embed.KindTokenLifetime, "site.error.exp-milliseconds", int64(*said.Expiry))})
	default:
		findings = append(findings, check("claim exp", "exp", !expires.After(now.Add(Lifetime+Leeway)),
			wrong(embed.KindTokenLifetime, "site.error.exp-far", expires.Sub(now).Round(time.Second), int(Lifetime.Minutes()), clockOf(now))))
	}
	return append(findings,
		check("claim sub", "sub", plain(said.Subject, mostSubject),
			wrong(embed.KindTokenSubject, "site.error.sub", mostSubject)),
		check("claim jti", "jti", plain(said.ID, mostID),
			wrong(embed.KindTokenID, "site.error.jti", mostID)),
		check("claim workspace", "workspace", said.Workspace == host.Workspace,
			wrong(embed.KindTokenWorkspace, "site.error.workspace", cut(said.Workspace), host.Workspace)),
		check("claim origin", "origin", slices.Contains(host.Origins, said.Origin) && (request.Origin == "" || request.Origin == said.Origin),
			wrong(embed.KindTokenOrigin, "site.error.origin", cut(said.Origin), strings.Join(host.Origins, ", "))),
		check("claim rights", "rights", len(grant.Rights) > 0 && !slices.ContainsFunc(grant.Rights, func(right paycor.Right) bool { return !host.Rights.Has(right) }),
			wrong(embed.KindTokenRights, "site.error.rights", cut(grant.Rights.String()), host.Rights)),
	)
}

func check(name, key string, ok bool, err error) finding {
	if ok {
		err = nil
	}
	return finding{name, message.New("site.check." + key), err}
}

func clockOf(now time.Time) string { return now.UTC().Format(time.RFC3339) }

// plain reports whether a text is there, short, and can be shown.
func plain(text string, most int) bool {
	return strings.TrimSpace(text) != "" && len([]rune(text)) <= most &&
		!strings.ContainsFunc(text, func(c rune) bool { return !unicode.IsPrint(c) })
}

// cut shortens what stands in a token, for a sentence.
func cut(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		return fmt.Sprintf("%s…", string(runes[:most]))
	}
	return text
}
