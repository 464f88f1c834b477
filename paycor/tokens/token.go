package tokens

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
)

// Lifetimes of an access token. A lifetime that is missing, not positive,
// longer than a day or not a number is replaced by the default: using a token
// too long costs no more than an empty 401.
const (
	defaultLifetime = 1800 * time.Second
	maxLifetime     = 24 * time.Hour
)

// maxTokenBytes is the size that still fits into a header.
const maxTokenBytes = 32 << 10

// Token is a successful response of the token endpoint.
type Token struct {
	Access    paycor.Secret
	Refresh   paycor.Secret // empty if the grant has none
	ExpiresAt time.Time     // by the local clock, counted from when the request was sent
}

// parseToken reads a successful response. Its lifetime counts from sentAt, so
// that the result never outlives the token.
func parseToken(answer upstream.Answer, sentAt time.Time) (Token, *upstream.Failure) {
	object, code := upstream.ParseObject(answer.Body)
	if code != "" {
		return Token{}, &upstream.Failure{Code: code, Status: answer.Status}
	}
	access, refresh := object.Text("accesstoken"), object.Text("refreshtoken")
	if !validHeaderValue(access) || len(refresh) > maxTokenBytes || !isBearer(object.Text("tokentype")) {
		return Token{}, &upstream.Failure{Code: verdicts.CodeUnexpected, Status: answer.Status, Layer: upstream.LayerPaycor}
	}
	return Token{
		Access:    paycor.NewSecret(access),
		Refresh:   paycor.NewSecret(refresh),
		ExpiresAt: sentAt.Add(lifetime(object.Text("expiresin"))),
	}, nil
}

// isBearer reports whether a token of this type is sent as a bearer token. Gateways write
// the type in words of their own, or name the format of the token. Other types, such as
// mac and DPoP, need a proof with each request.
func isBearer(kind string) bool {
	kind = strings.ToLower(strings.TrimSpace(kind))
	kind = strings.TrimPrefix(kind, "urn:ietf:params:oauth:token-type:")
	switch kind {
	case "", "jwt", "access_token", "accesstoken":
		return true
	}
	return strings.HasPrefix(kind, "bearer")
}

// validHeaderValue reports whether a token can be sent in a header.
func validHeaderValue(token string) bool {
	outside := func(r rune) bool { return r <= ' ' || r > '~' }
	return token != "" && len(token) <= maxTokenBytes && !strings.ContainsFunc(token, outside)
}

// lifetime parses seconds, given as a JSON number or as a string.
func lifetime(text string) time.Duration {
	seconds, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || !(seconds > 0) || seconds > maxLifetime.Seconds() {
		return defaultLifetime
	}
	return time.Duration(seconds * float64(time.Second))
}

// A token is renewed between two and one minute before it expires. The time is
// random, so that tokens issued together are not renewed together.
const maxRenewalLead, minRenewalLead = 120 * time.Second, 60 * time.Second

// RenewAt returns when to renew a token that expires at expires: one to two
// minutes earlier, or after three quarters of a short lifetime.
func RenewAt(now, expires time.Time) time.Time {
	life := expires.Sub(now)
	lead := minRenewalLead + rand.N(maxRenewalLead-minRenewalLead)
	return expires.Add(-min(lead, life/4))
}
