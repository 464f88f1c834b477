package web

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// signInTimeout is how long a browser may stay at the provider.
const signInTimeout = 10 * time.Minute

// minSignInSecret is the length of the secret in a sign-in cookie.
const minSignInSecret = 52

// signInState is the state of an OIDC sign-in. state, nonce and PKCE verifier
// are all derived from one secret in the browser's cookie. The server stores
// nothing, so starting many sign-ins cannot exhaust it.
type signInState struct {
	secret   string
	returnTo string // path to open after the sign-in
}

func newSignInState(returnTo string) signInState {
	return signInState{rand.Text() + rand.Text(), localPath(returnTo)}
}

// derive returns a value that depends on the secret and does not reveal it.
func (s signInState) derive(purpose string) string {
	sum := sha256.Sum256([]byte(purpose + " of the sign-in " + s.secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// encode returns the value of the cookie.
func (s signInState) encode() string {
	return s.secret + "." + base64.RawURLEncoding.EncodeToString([]byte(s.returnTo))
}

func decodeSignInState(cookie string) (signInState, bool) {
	secret, encodedPath, ok := strings.Cut(cookie, ".")
	returnTo, err := base64.RawURLEncoding.DecodeString(encodedPath)
	return signInState{secret, localPath(string(returnTo))}, ok && err == nil && len(secret) >= minSignInSecret
}

// signInState returns the state of the sign-in that a provider's redirect
// belongs to, with its parameters. It fails if this browser did not start it.
func (j cookieJar) signInState(r *http.Request) (signInState, url.Values, bool) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	cookies := r.CookiesNamed(j.signInName(r))
	if err != nil || len(cookies) != 1 || len(query["state"]) > 1 || len(query["code"]) > 1 || len(query["error"]) > 1 {
		return signInState{}, nil, false
	}
	state, ok := decodeSignInState(cookies[0].Value)
	ok = ok && subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(state.derive("state"))) == 1
	return state, query, ok
}

// localPath returns a path on this server unchanged, and "/" for anything else,
// which prevents open redirects.
func localPath(target string) string {
	address, err := url.Parse(target)
	invalid := func(c rune) bool { return c < ' ' || c == '\\' }
	if err != nil || address.Scheme != "" || address.Host != "" || !strings.HasPrefix(target, "/") || strings.HasPrefix(target, "//") || strings.ContainsFunc(target, invalid) {
		return "/"
	}
	return target
}
