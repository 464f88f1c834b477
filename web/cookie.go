package web

import (
	"net"
	"net/http"
	"strings"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
)

// Names of the session cookie. Browsers bind a __Host- cookie to this host and
// to TLS. On loopback without TLS they would reject it. Browsers send a cookie to every
// port of a host, so a port is part of the name: several servers on one host keep theirs
// apart.
const (
	sessionCookieSecure   = "__Host-paycorcred"
	sessionCookieLoopback = "paycorcred"
	sessionCookieBelow    = "__Secure-paycorcred" // below a path, which a __Host- cookie cannot be bound to
)

// cookieJar reads and writes this server's cookies.
type cookieJar struct {
	secure bool
	clock  func() time.Time
}

func (j cookieJar) sessionName(r *http.Request) string {
	name := sessionCookieLoopback
	if j.secure {
		name = sessionCookieSecure
		if infoOf(r).base != "" {
			name = sessionCookieBelow
		}
	}
	if _, port, err := net.SplitHostPort(r.Host); err == nil {
		name += "-" + port
	}
	return name
}

func (j cookieJar) signInName(r *http.Request) string { return j.sessionName(r) + "-sign-in" }

// session returns the session handle, or a zero secret. Two cookies of that
// name mean that one was planted, so neither counts.
func (j cookieJar) session(r *http.Request) paycor.Secret {
	return paycor.NewSecret(onlyCookie(r, j.sessionName(r)))
}

// onlyCookie returns the value of the cookie of a name, or "" if there is none, or several.
func onlyCookie(r *http.Request, name string) string {
	cookies := r.CookiesNamed(name)
	if len(cookies) != 1 {
		return ""
	}
	return cookies[0].Value
}

// setSession stores a session handle in the browser until expires.
func (j cookieJar) setSession(w http.ResponseWriter, r *http.Request, handle paycor.Secret, expires time.Time) {
	j.set(w, r, j.sessionName(r), handle.Reveal(), max(1, int(expires.Sub(j.clock()).Seconds())), http.SameSiteStrictMode)
}

func (j cookieJar) deleteSession(w http.ResponseWriter, r *http.Request) {
	j.set(w, r, j.sessionName(r), "", -1, http.SameSiteStrictMode)
}

// setSignIn stores the state of a sign-in. SameSite is Lax, because the cookie
// must be sent when the provider redirects back. It grants no access.
func (j cookieJar) setSignIn(w http.ResponseWriter, r *http.Request, state signInState) {
	j.set(w, r, j.signInName(r), state.encode(), int(signInTimeout.Seconds()), http.SameSiteLaxMode)
}

func (j cookieJar) deleteSignIn(w http.ResponseWriter, r *http.Request) {
	j.set(w, r, j.signInName(r), "", -1, http.SameSiteLaxMode)
}

func (j cookieJar) activationName(r *http.Request) string { return j.sessionName(r) + "-activation" }

// activationTimeout is how long a browser that opened an activation link is known.
const activationTimeout = time.Hour

// visitedLink is the activation link that a browser used last.
type visitedLink struct {
	browser string // identifies the browser
	code    string // of the link
}

// activation returns the link that the browser used last, or the zero link.
func (j cookieJar) activation(r *http.Request) visitedLink {
	browser, code, _ := strings.Cut(onlyCookie(r, j.activationName(r)), ".")
	return visitedLink{browser, code}
}

// setActivation stores the link that a browser uses. SameSite is Lax, because the cookie
// must be sent when Paycor redirects back. It is no session: it grants nothing but to
// finish what the browser started with the link.
func (j cookieJar) setActivation(w http.ResponseWriter, r *http.Request, visited visitedLink) {
	j.set(w, r, j.activationName(r), visited.browser+"."+visited.code, int(activationTimeout.Seconds()), http.SameSiteLaxMode)
}

func (j cookieJar) languageName(r *http.Request) string { return j.sessionName(r) + "-language" }

// language returns the tag of the language that setLanguage stored, or "".
func (j cookieJar) language(r *http.Request) string {
	return onlyCookie(r, j.languageName(r))
}

// setLanguage stores the language somebody chose with ?lang= until the browser
// closes. SameSite is Lax, so that the page after a sign-in with a provider has
// the language too.
func (j cookieJar) setLanguage(w http.ResponseWriter, r *http.Request, tag string) {
	j.set(w, r, j.languageName(r), tag, 0, http.SameSiteLaxMode)
}

func (j cookieJar) themeName(r *http.Request) string { return j.sessionName(r) + "-theme" }

// themeAge is how long a theme is remembered, in seconds: about as long as browsers allow.
const themeAge = 400 * 24 * 60 * 60

// theme returns the theme that setTheme stored, or the browser's.
func (j cookieJar) theme(r *http.Request) api.Theme {
	if stored := api.Theme(onlyCookie(r, j.themeName(r))); stored.Valid() {
		return stored
	}
	return api.ThemeSystem
}

// setTheme stores a theme. SameSite is Lax, so that a page has it that a link elsewhere
// leads to.
func (j cookieJar) setTheme(w http.ResponseWriter, r *http.Request, theme api.Theme) {
	j.set(w, r, j.themeName(r), string(theme), themeAge, http.SameSiteLaxMode)
}

// set writes a cookie that lives for age seconds, or with 0 until the browser
// closes. A negative age deletes it.
func (j cookieJar) set(w http.ResponseWriter, r *http.Request, name, value string, age int, sameSite http.SameSite) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: infoOf(r).base + "/", MaxAge: age, HttpOnly: true, SameSite: sameSite, Secure: j.secure,
	})
}
