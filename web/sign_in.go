package web

import (
	"net/http"
	"net/url"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
)

// Paths that must be registered with an OIDC provider.
const (
	SignInPath        = "/sign-in" // also the post-logout redirect URI
	SignInCallback    = "/sign-in/callback"
	BackChannelLogout = "/sign-out/back-channel"
)

const signInStart = "/sign-in/start"

// signInHandlers sign people in, by one-time link or OIDC provider, and out.
type signInHandlers struct {
	auth     *authenticator
	errors   *errorWriter
	pages    *pageRenderer
	sessions Sessions
	cookies  cookieJar
	provider Provider // nil without OIDC
	limiter  logoutLimiter
	clock    func() time.Time
}

// addressFor returns the sign-in page for a person without a session. With a
// provider it leads back to the requested page.
func (h *signInHandlers) addressFor(r *http.Request) string {
	if h.provider == nil || r.URL.Path == "/" {
		return SignInPath
	}
	return SignInPath + "?to=" + url.QueryEscape(r.URL.RequestURI())
}

// link exchanges the code of a one-time link for a session. Without a code it
// shows how to sign in.
func (h *signInHandlers) link(w http.ResponseWriter, r *http.Request) error {
	code := r.URL.Query().Get("code")
	_, err := h.auth.person(r)
	signedIn := err == nil
	if !signedIn && paycor.KindOf(err) != paycor.KindUnauthorized {
		return err
	}
	if code == "" || isPrefetch(r) {
		return h.help(w, r, signedIn)
	}
	info := infoOf(r)
	handle, expires, err := h.sessions.SignIn(r.Context(), paycor.NewSecret(code), info.clientIP, info.id)
	switch {
	case err == nil:
		if err := h.endPrevious(r, signedIn); err != nil {
			return err
		}
		h.cookies.setSession(w, r, handle, expires)
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	case paycor.KindOf(err) != paycor.KindUnauthorized:
		return err
	case signedIn: // the same link again, from the history or a double click
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	if err := h.errors.audit(r, string(kindLink)); err != nil {
		return err
	}
	return h.pages.writeText(w, r, http.StatusForbidden, textPage{
		Title: message.New("signin.title"),
		Text:  []message.Message{message.New("signin.link-used")},
		Help:  true,
	})
}

// endPrevious ends the session that the browser had: a sign-in never extends an
// existing session.
func (h *signInHandlers) endPrevious(r *http.Request, signedIn bool) error {
	previous, info := h.cookies.session(r), infoOf(r)
	if !signedIn || previous.IsZero() {
		return nil
	}
	if err := h.sessions.SignOut(r.Context(), previous, info.clientIP, info.id); err != nil && paycor.KindOf(err) != paycor.KindUnauthorized {
		return err
	}
	return nil
}

// help shows how to sign in. People who are signed in go to the first page,
// unless they ask to sign in again because their session ends soon.
func (h *signInHandlers) help(w http.ResponseWriter, r *http.Request, signedIn bool) error {
	if signedIn && !r.URL.Query().Has("again") {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	if h.provider != nil {
		return h.providerPage(w, r, http.StatusOK, r.URL.Query().Get("to"), message.New("signin.lead"))
	}
	return h.pages.writeText(w, r, http.StatusOK, textPage{
		Title: message.New("signin.title"),
		Text:  []message.Message{message.New("signin.by-link")},
		Help:  true,
	})
}

// signOut ends the session here and, if it came from a provider, there.
func (h *signInHandlers) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := h.auth.sameOrigin(r); err != nil {
		return err
	}
	info := infoOf(r)
	var hint paycor.Secret
	if handle := h.cookies.session(r); !handle.IsZero() {
		var err error
		if hint, err = h.sessions.ProviderHint(r.Context(), handle); err != nil {
			return err
		}
		err = h.sessions.SignOut(r.Context(), handle, info.clientIP, info.id)
		if err != nil && paycor.KindOf(err) != paycor.KindUnauthorized {
			return err
		}
	}
	h.cookies.deleteSession(w, r)
	if done, err := h.signOutAtProvider(w, r, hint); done || err != nil {
		return err
	}
	http.Redirect(w, r, SignInPath, http.StatusSeeOther)
	return nil
}
