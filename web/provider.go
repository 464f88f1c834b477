package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"mime"
	"net/http"
	"net/url"
	"paycorcred/paycor"
	"paycorcred/paycor/session"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Provider signs people in: an OpenID Connect provider. Its errors are
// *paycor.Error.
type Provider interface {
	// Name is what people know it by.
	Name() string

	// Begin returns the address at which somebody signs in.
	Begin(ctx context.Context, redirectURI, state, nonce, verifier string) (string, error)

	// Finish trades the code that it gave for who signed in.
	Finish(ctx context.Context, redirectURI, code, nonce, verifier string) (session.SignIn, error)

	// EndAddress returns where somebody signs out of it, or nothing.
	EndAddress(ctx context.Context, hint paycor.Secret, back string) string

	// Ended returns what a logout token of its ends.
	Ended(ctx context.Context, token string) (session.SignOut, error)
}

// Paths that have to be registered at a provider.
const (
	SignInCallback = "/sign-in/callback"
	AfterSignOut   = "/sign-in"
	BackChannel    = "/sign-out/back-channel"
)

const signInStart = "/sign-in/start"

// kindSignIn is a sign-in that was refused, in the audit trail only: people get
// a page.
const kindSignIn paycor.Kind = "sign_in_refused"

// journeyTime is how long a browser may be away at the provider.
const journeyTime = 10 * time.Minute

// journey is a sign-in under way. Everything that proves that the browser which
// comes back is the one that left follows from one secret in its own cookie, so
// the server keeps nothing of it, and whoever begins sign-ins by the thousand
// fills nothing up.
type journey struct{ secret, to string }

func newJourney(to string) journey { return journey{rand.Text() + rand.Text(), local(to)} }

// of returns a value that follows from the secret and does not tell it.
func (j journey) of(purpose string) string {
	sum := sha256.Sum256([]byte(purpose + " of the sign-in " + j.secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (j journey) cookie() string {
	return j.secret + "." + base64.RawURLEncoding.EncodeToString([]byte(j.to))
}

func journeyOf(cookie string) (journey, bool) {
	secret, path, ok := strings.Cut(cookie, ".")
	to, err := base64.RawURLEncoding.DecodeString(path)
	return journey{secret, local(string(to))}, ok && err == nil && len(secret) >= 52
}

// local returns a path of ours as it is, and of anything else the first page.
func local(to string) string {
	address, err := url.Parse(to)
	strange := func(c rune) bool { return c < ' ' || c == '\\' }
	if err != nil || address.Scheme != "" || address.Host != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsFunc(to, strange) {
		return "/"
	}
	return to
}

func (d *door) journeyCookie() string { return d.cookieName() + "-sign-in" }

// setJourney gives the browser its sign-in to keep. The cookie has to come
// along when the provider's page leads back here, so it is Lax; it opens
// nothing by itself.
func (d *door) setJourney(w http.ResponseWriter, value string, age int) {
	http.SetCookie(w, &http.Cookie{
		Name: d.journeyCookie(), Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: d.Secure,
	})
}

// signInAt leads a person without a session to the sign-in, and from there back
// to where they were going.
func (d *door) signInAt(r *http.Request) string {
	if d.Provider == nil || r.URL.Path == "/" {
		return "/sign-in"
	}
	return "/sign-in?to=" + url.QueryEscape(r.URL.RequestURI())
}

// providerHelp is the page from which somebody signs in.
func (d *door) providerHelp(w http.ResponseWriter, status int, to string, text ...string) error {
	address := signInStart
	if to = local(to); to != "/" {
		address += "?to=" + url.QueryEscape(to)
	}
	return d.writeWords(w, status, words{
		Title: "Sign in", Text: text, Go: &way{address, "Sign in with " + d.Provider.Name()}, Already: true,
	})
}

// startSignIn sends the browser to the provider.
func (d *door) startSignIn(w http.ResponseWriter, r *http.Request) error {
	if d.Provider == nil {
		return noSuchAddress(r)
	}
	if r.Method == http.MethodHead || r.Header.Get("Sec-Purpose") != "" {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	j := newJourney(r.URL.Query().Get("to"))
	address, err := d.Provider.Begin(r.Context(), d.origin(r)+SignInCallback, j.of("state"), j.of("nonce"), j.of("verifier"))
	if err != nil {
		return d.signInFailed(w, r, j.to, err)
	}
	d.setJourney(w, j.cookie(), int(journeyTime.Seconds()))
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// finishSignIn ends a sign-in in the browser that began it. The answer is a
// page that visits the credentials from our own site: a redirect would still be
// the provider's page leading here, and a browser then sends no Strict cookie.
func (d *door) finishSignIn(w http.ResponseWriter, r *http.Request) error {
	if d.Provider == nil {
		return noSuchAddress(r)
	}
	if r.Method == http.MethodHead || r.Header.Get("Sec-Purpose") != "" {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	once := func(name string) bool { return len(query[name]) <= 1 }
	cookies := r.CookiesNamed(d.journeyCookie())
	var j journey
	ours := err == nil && len(cookies) == 1 && once("state") && once("code") && once("error")
	if ours {
		j, ours = journeyOf(cookies[0].Value)
	}
	if !ours || subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(j.of("state"))) != 1 {
		if err := d.Access.Refuse(r.Context(), visitOf(r).who(), string(kindSignIn)); err != nil {
			return auditFailed(err)
		}
		return d.providerHelp(w, http.StatusForbidden, j.to, "This sign-in was begun in another browser, too long ago, or it is finished already. Begin it again here.")
	}
	d.setJourney(w, "", -1)
	if query.Get("code") == "" {
		return d.signInFailed(w, r, j.to, refusedThere(query.Get("error")))
	}
	who, err := d.Provider.Finish(r.Context(), d.origin(r)+SignInCallback, query.Get("code"), j.of("nonce"), j.of("verifier"))
	if err != nil {
		return d.signInFailed(w, r, j.to, err)
	}
	v := visitOf(r)
	who.From, who.RequestID, who.Browser, who.Replaces = v.from, v.id, browserName(r.UserAgent()), d.handle(r)
	handle, expires, err := d.Access.OpenSession(r.Context(), who)
	if err != nil {
		return err
	}
	d.setHandle(w, handle, expires)
	return d.writeWords(w, http.StatusOK, words{Title: "Signed in", Text: []string{"Opening the page…"}, Refresh: j.to, Back: true})
}

// signInFailed says why nobody was signed in, and writes it down.
func (d *door) signInFailed(w http.ResponseWriter, r *http.Request, to string, err error) error {
	p := d.told(r, err)
	if err := d.Access.Refuse(r.Context(), visitOf(r).who(), string(kindSignIn)); err != nil {
		return auditFailed(err)
	}
	return d.providerHelp(w, p.Status, to, p.Detail, "Request id: "+p.RequestID)
}

// errorCode is what the codes of a provider look like: nothing else of what it
// says is shown.
var errorCode = regexp.MustCompile(`^[a-z_]{1,40}$`)

// refusedThere is a sign-in that the provider ended.
func refusedThere(code string) error {
	switch {
	case code == "access_denied":
		return paycor.Errorf(paycor.KindForbidden, "The sign-in was not allowed at the sign-in service. Try again, or ask whoever runs it.")
	case errorCode.MatchString(code):
		return paycor.Errorf(paycor.KindForbidden, "The sign-in service did not sign you in (%s). Try again; if it stays so, tell whoever runs this server.", code)
	}
	return paycor.Errorf(paycor.KindForbidden, "The sign-in service did not sign you in. Try again; if it stays so, tell whoever runs this server.")
}

// signOutThere leads to the provider's own sign-out. A redirect as the answer
// to a form would need the policy to allow forms to another site.
func (d *door) signOutThere(w http.ResponseWriter, r *http.Request, hint paycor.Secret) (bool, error) {
	if d.Provider == nil || hint.IsZero() {
		return false, nil
	}
	address := d.Provider.EndAddress(r.Context(), hint, d.origin(r)+AfterSignOut)
	if address == "" {
		return false, nil
	}
	return true, d.writeWords(w, http.StatusOK, words{
		Title: "Signed out", Text: []string{"You are signed out here. Signing out at " + d.Provider.Name() + " too…"}, Refresh: address,
	})
}

// How many logout tokens that are none one address may send in a span: each
// may cost a question to the provider. What the provider itself sends is good,
// and nobody who sends others keeps it out.
const (
	wrongLogouts    = 30
	mostLogoutPeers = 1000
	logoutSpan      = time.Minute
	mostLogout      = 64 << 10
)

// logouts counts the logout tokens that were none, by who sent them.
type logouts struct {
	mu    sync.Mutex
	begin time.Time
	wrong map[string]int
}

func (l *logouts) admit(from string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.begin) >= logoutSpan || now.Before(l.begin) {
		l.begin, l.wrong = now, map[string]int{}
	}
	return l.wrong[l.peer(from)] < wrongLogouts
}

// fail counts one that was none.
func (l *logouts) fail(from string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wrong[l.peer(from)]++
}

// peer is what an address counts as: where there are too many, all further
// ones are one. l.mu is held.
func (l *logouts) peer(from string) string {
	if _, known := l.wrong[from]; !known && len(l.wrong) >= mostLogoutPeers {
		return ""
	}
	return from
}

// providerSignOut ends sessions because the provider says so (OpenID Connect
// Back-Channel Logout). The proof is the token's signature.
func (d *door) providerSignOut(w http.ResponseWriter, r *http.Request) error {
	if d.Provider == nil {
		return noSuchAddress(r)
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" {
		return paycor.Errorf(paycor.KindMediaType, "Send the logout token as a form.")
	}
	from := visitOf(r).from
	if !d.logouts.admit(from, d.Clock()) {
		return paycor.Errorf(paycor.KindBusy, "Too many logout tokens at once. Try again in a minute.")
	}
	r.Body = http.MaxBytesReader(w, r.Body, mostLogout)
	if err := r.ParseForm(); err != nil || len(r.PostForm["logout_token"]) != 1 {
		return paycor.Errorf(paycor.KindMalformed, "Send one logout_token.")
	}
	ended, err := d.Provider.Ended(r.Context(), r.PostForm.Get("logout_token"))
	if err != nil {
		d.logouts.fail(from)
		if err := d.Access.Refuse(r.Context(), visitOf(r).who(), string(kindSignIn)); err != nil {
			return auditFailed(err)
		}
		return err
	}
	v := visitOf(r)
	if _, err := d.Access.EndProviderSessions(r.Context(), ended, v.from, v.id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

// browserName makes "Firefox on Linux" of a User-Agent, so that somebody knows
// their sign-ins apart. Nothing of the header itself is kept.
func browserName(agent string) string {
	name := func(names ...[2]string) string {
		i := slices.IndexFunc(names, func(n [2]string) bool { return strings.Contains(agent, n[0]) })
		if i < 0 {
			return ""
		}
		return names[i][1]
	}
	browser := name([2]string{"Edg/", "Edge"}, [2]string{"OPR/", "Opera"}, [2]string{"Firefox/", "Firefox"},
		[2]string{"Chrome/", "Chrome"}, [2]string{"Safari/", "Safari"})
	system := name([2]string{"Android", "Android"}, [2]string{"iPhone", "iPhone"}, [2]string{"iPad", "iPad"},
		[2]string{"Windows", "Windows"}, [2]string{"Mac OS", "macOS"}, [2]string{"CrOS", "ChromeOS"}, [2]string{"Linux", "Linux"})
	switch {
	case browser == "":
		return system
	case system == "":
		return browser
	}
	return browser + " on " + system
}
