package web

import (
	"context"
	"net/http"
	"net/url"
	"regexp"

	"paycorcred/paycor"
	"paycorcred/paycor/message"
	"paycorcred/paycor/session"
)

// Provider is an OpenID Connect provider. Its errors are *paycor.Error.
type Provider interface {
	// Name is the provider's name on the sign-in page.
	Name() string

	// AuthorizationURL returns the authorization URL.
	AuthorizationURL(ctx context.Context, redirectURI, state, nonce, verifier string) (string, error)

	// Exchange exchanges an authorization code for the person's claims.
	Exchange(ctx context.Context, redirectURI, code, nonce, verifier string) (session.SignIn, error)

	// LogoutURL returns the provider's logout URL, or "" if it has none. back is
	// the post-logout redirect URI.
	LogoutURL(ctx context.Context, hint paycor.Secret, back string) string

	// VerifyLogoutToken validates a logout token and returns which sessions it ends.
	VerifyLogoutToken(ctx context.Context, token string) (session.SignOut, error)
}

// providerPage shows the button that leads to the provider.
func (h *signInHandlers) providerPage(w http.ResponseWriter, r *http.Request, status int, returnTo string, text ...message.Message) error {
	address := signInStart
	if returnTo = localPath(returnTo); returnTo != "/" {
		address += "?to=" + url.QueryEscape(returnTo)
	}
	return h.pages.writeText(w, r, status, textPage{
		Title: message.New("signin.title"), Text: text, Action: &link{address, message.New("signin.with", h.provider.Name())}, SignedInLink: true,
	})
}

// begin redirects the browser to the provider.
func (h *signInHandlers) begin(w http.ResponseWriter, r *http.Request) error {
	if h.provider == nil {
		return notFound(r)
	}
	if isPrefetch(r) {
		return writeNoContent(w)
	}
	state := newSignInState(r.URL.Query().Get("to"))
	address, err := h.provider.AuthorizationURL(r.Context(), addressOf(r, h.cookies.secure)+SignInCallback, state.derive("state"), state.derive("nonce"), state.derive("verifier"))
	if err != nil {
		return h.failed(w, r, state.returnTo, err)
	}
	h.cookies.setSignIn(w, r, state)
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// callback finishes a sign-in in the browser that started it. It responds with
// a page that opens the credentials from our own site: browsers omit the Strict
// session cookie when they follow a redirect from the provider.
func (h *signInHandlers) callback(w http.ResponseWriter, r *http.Request) error {
	if h.provider == nil {
		return notFound(r)
	}
	if isPrefetch(r) {
		return writeNoContent(w)
	}
	state, query, ok := h.cookies.signInState(r)
	if !ok {
		if err := h.errors.audit(r, string(kindSignIn)); err != nil {
			return err
		}
		return h.providerPage(w, r, http.StatusForbidden, state.returnTo, message.New("signin.expired"))
	}
	h.cookies.deleteSignIn(w, r)
	if query.Get("code") == "" {
		return h.failed(w, r, state.returnTo, providerError(query.Get("error")))
	}
	signIn, err := h.provider.Exchange(r.Context(), addressOf(r, h.cookies.secure)+SignInCallback, query.Get("code"), state.derive("nonce"), state.derive("verifier"))
	if err != nil {
		return h.failed(w, r, state.returnTo, err)
	}
	info := infoOf(r)
	signIn.From, signIn.RequestID, signIn.Browser, signIn.Replaces = info.clientIP, info.id, browserName(r.UserAgent()), h.cookies.session(r)
	handle, expires, err := h.sessions.OpenSession(r.Context(), signIn)
	if err != nil {
		return err
	}
	h.cookies.setSession(w, r, handle, expires)
	return h.pages.writeText(w, r, http.StatusOK, textPage{Title: message.New("signin.done"), Text: []message.Message{message.New("signin.opening")}, Refresh: state.returnTo, Back: true})
}

// failed audits a failed sign-in and shows why it failed.
func (h *signInHandlers) failed(w http.ResponseWriter, r *http.Request, returnTo string, err error) error {
	p := h.errors.report(r, err)
	if err := h.errors.audit(r, string(kindSignIn)); err != nil {
		return err
	}
	return h.providerPage(w, r, p.Status, returnTo, message.Text(p.Detail), message.New("page.request", p.RequestID))
}

// errorCode matches OAuth error codes. Nothing else from the provider is shown.
var errorCode = regexp.MustCompile(`^[a-z_]{1,40}$`)

// providerError is the error for the OAuth error code of a failed sign-in.
func providerError(code string) error {
	switch {
	case code == "access_denied":
		return paycor.Errorf(paycor.KindForbidden, "signin.declined")
	case errorCode.MatchString(code):
		return paycor.Errorf(paycor.KindForbidden, "signin.failed-code", code)
	}
	return paycor.Errorf(paycor.KindForbidden, "signin.failed")
}

// signOutAtProvider responds with a page that leads to the provider's logout
// endpoint, if there is one. A redirect would not work: form-action 'self' also
// forbids redirects of a form to another site.
func (h *signInHandlers) signOutAtProvider(w http.ResponseWriter, r *http.Request, hint paycor.Secret) (done bool, err error) {
	if h.provider == nil || hint.IsZero() {
		return false, nil
	}
	address := h.provider.LogoutURL(r.Context(), hint, addressOf(r, h.cookies.secure)+SignInPath)
	if address == "" {
		return false, nil
	}
	return true, h.pages.writeText(w, r, http.StatusOK, textPage{
		Title: message.New("signin.signed-out"), Text: []message.Message{message.New("signin.signing-out", h.provider.Name())}, Refresh: address,
	})
}
