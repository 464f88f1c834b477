package tokens

import (
	"paycorcred/paycor"
	"paycorcred/paycor/upstream"
	"paycorcred/paycor/verdicts"
	"strconv"
	"strings"
	"time"
)

// How long a token is taken to live. A lifetime that is missing, not
// positive, longer than a day or no number at all is taken for the usual one:
// a token used too long only costs an empty 401.
const (
	usualLifetime   = 1800 * time.Second
	longestLifetime = 24 * time.Hour
)

// longestToken is in bytes: what still fits into a header.
const longestToken = 32 << 10

// Token is what the token endpoint gives.
type Token struct {
	Access    paycor.Secret
	Refresh   paycor.Secret // empty for a grant that has none
	ExpiresAt time.Time     // by the local clock, counted from when the request was sent
}

// parseToken reads a success. asked is when the request was sent, so that the
// token is never believed to live longer than it does.
func parseToken(answer upstream.Answer, asked time.Time) (Token, *upstream.Failure) {
	object, code := upstream.ParseObject(answer.Body)
	if code != "" {
		return Token{}, &upstream.Failure{Code: code, Status: answer.Status}
	}
	access, refresh := object.Text("accesstoken"), object.Text("refreshtoken")
	kind := object.Text("tokentype")
	if !sendable(access) || len(refresh) > longestToken || kind != "" && !strings.EqualFold(kind, "Bearer") {
		return Token{}, &upstream.Failure{Code: verdicts.CodeUnexpected, Status: answer.Status, Layer: upstream.LayerPaycor}
	}
	return Token{
		Access:    paycor.NewSecret(access),
		Refresh:   paycor.NewSecret(refresh),
		ExpiresAt: asked.Add(lifetime(object.Text("expiresin"))),
	}, nil
}

// sendable reports whether a token can stand in a header.
func sendable(token string) bool {
	outside := func(r rune) bool { return r <= ' ' || r > '~' }
	return token != "" && len(token) <= longestToken && !strings.ContainsFunc(token, outside)
}

// lifetime reads seconds: a number, or a text that holds one.
func lifetime(text string) time.Duration {
	seconds, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || !(seconds > 0) || seconds > longestLifetime.Seconds() {
		return usualLifetime
	}
	return time.Duration(seconds * float64(time.Second))
}
