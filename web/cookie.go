package web

import (
	"net/http"
	"time"

	"paycorcred/paycor"
)

// Names of the session cookie. Browsers bind a __Host- cookie to this host and
// to TLS. On loopback without TLS they would reject it.
const (
	sessionCookieSecure   = "__Host-paycorcred"
	sessionCookieLoopback = "paycorcred"
)

// cookieJar reads and writes this server's cookies.
type cookieJar struct {
	secure bool
	clock  func() time.Time
}

func (j cookieJar) sessionName() string {
	if j.secure {
		return sessionCookieSecure
	}
	return sessionCookieLoopback
}

func (j cookieJar) signInName() string { return j.sessionName() + "-sign-in" }

// session returns the session handle, or a zero secret. Two cookies of that
// name mean that one was planted, so neither counts.
func (j cookieJar) session(r *http.Request) paycor.Secret {
	cookies := r.CookiesNamed(j.sessionName())
	if len(cookies) != 1 {
		return paycor.Secret{}
	}
	return paycor.NewSecret(cookies[0].Value)
}

// setSession stores a session handle in the browser until expires.
func (j cookieJar) setSession(w http.ResponseWriter, handle paycor.Secret, expires time.Time) {
	j.set(w, j.sessionName(), handle.Reveal(), max(1, int(expires.Sub(j.clock()).Seconds())), http.SameSiteStrictMode)
}

func (j cookieJar) deleteSession(w http.ResponseWriter) {
	j.set(w, j.sessionName(), "", -1, http.SameSiteStrictMode)
}

// setSignIn stores the state of a sign-in. SameSite is Lax, because the cookie
// must be sent when the provider redirects back. It grants no access.
func (j cookieJar) setSignIn(w http.ResponseWriter, state signInState) {
	j.set(w, j.signInName(), state.encode(), int(signInTimeout.Seconds()), http.SameSiteLaxMode)
}

func (j cookieJar) deleteSignIn(w http.ResponseWriter) {
	j.set(w, j.signInName(), "", -1, http.SameSiteLaxMode)
}

// set writes a cookie that lives for age seconds; a negative age deletes it.
func (j cookieJar) set(w http.ResponseWriter, name, value string, age int, sameSite http.SameSite) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: age, HttpOnly: true, SameSite: sameSite, Secure: j.secure,
	})
}
