package web

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"paycorcred/paycor"
	"paycorcred/paycor/consumer"
)

// embeddedPrefix distinguishes the handle of an embedded session from an API
// token; both come as Bearer.
const embeddedPrefix = "pce_"

// authenticator finds the caller of a request.
type authenticator struct {
	access      Access
	embedding   Embedding
	cookies     cookieJar
	crossOrigin http.CrossOriginProtection
	logger      *slog.Logger
}

// caller authenticates an API request. If an Authorization header is present,
// the cookie is ignored: a program's request must never fall back to the rights
// of a browser session.
func (a *authenticator) caller(r *http.Request) (paycor.Caller, error) {
	if headers := r.Header.Values("Authorization"); len(headers) > 0 {
		return a.bearer(r, headers)
	}
	caller, err := a.person(r)
	if err != nil {
		return paycor.Caller{}, err
	}
	if err := a.sameOrigin(r); err != nil {
		return paycor.Caller{}, err
	}
	return caller, nil
}

// program authenticates a call to Paycor, which takes API tokens only.
func (a *authenticator) program(r *http.Request) (paycor.Caller, error) {
	headers := r.Header["Authorization"]
	if len(headers) == 0 {
		return paycor.Caller{}, deny(paycor.KindUnauthorized, "error.call-without-token")
	}
	caller, err := a.bearer(r, headers)
	if err == nil && caller.Kind != paycor.CallerConsumer {
		return caller, deny(paycor.KindForbidden, "error.call-embedded")
	}
	return caller, err
}

// bearer authenticates an API token or the handle of an embedded session.
func (a *authenticator) bearer(r *http.Request, headers []string) (paycor.Caller, error) {
	scheme, token, _ := strings.Cut(headers[0], " ")
	if len(headers) != 1 || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return paycor.Caller{}, deny(paycor.KindUnauthorized, "error.authorization-malformed")
	}
	if strings.HasPrefix(token, embeddedPrefix) {
		return a.embedded(r, paycor.NewSecret(token))
	}
	caller, err := a.access.CallerByToken(r.Context(), paycor.NewSecret(token))
	if paycor.KindOf(err) == paycor.KindUnauthorized {
		return paycor.Caller{}, a.denyToken(r, err)
	}
	if err != nil {
		return paycor.Caller{}, err
	}
	return withCaller(r, caller), nil
}

// denyToken gives the same error for unknown, revoked and expired tokens. Only
// the audit trail learns whose token it was.
func (a *authenticator) denyToken(r *http.Request, cause error) error {
	denied := &denial{public: paycor.Errorf(paycor.KindUnauthorized, "error.token-unknown")}
	var ended *consumer.EndedToken
	if errors.As(cause, &ended) {
		withCaller(r, ended.Caller)
		denied.auditCode = string(ended.State)
	}
	return denied
}

// person authenticates a browser by its session cookie.
func (a *authenticator) person(r *http.Request) (paycor.Caller, error) {
	notSignedIn := deny(paycor.KindUnauthorized, "error.not-signed-in")
	handle := a.cookies.session(r)
	if handle.IsZero() {
		return paycor.Caller{}, notSignedIn
	}
	caller, err := a.access.CallerBySession(r.Context(), handle)
	if paycor.KindOf(err) == paycor.KindUnauthorized {
		return paycor.Caller{}, notSignedIn
	}
	if err != nil {
		return paycor.Caller{}, err
	}
	a.recordActivity(r, handle)
	return withCaller(r, caller), nil
}

// recordActivity postpones the session's idle timeout, except for requests the
// page makes on its own. If it fails, the request still succeeds.
func (a *authenticator) recordActivity(r *http.Request, handle paycor.Secret) {
	info := infoOf(r)
	if info.policy.background || info.background {
		return
	}
	if err := a.access.UseSession(r.Context(), handle); err != nil {
		a.logger.WarnContext(r.Context(), "recording session activity failed", "request_id", info.id, "cause", err.Error())
	}
}

// embedded authenticates the handle of an embedded session. Only our own page
// sends it, so a request from another origin is denied: that site stole it.
func (a *authenticator) embedded(r *http.Request, handle paycor.Secret) (paycor.Caller, error) {
	ended := deny(paycor.KindUnauthorized, "error.embed-session-ended-ask")
	if a.embedding == nil {
		return paycor.Caller{}, ended
	}
	if err := a.sameOrigin(r); err != nil {
		return paycor.Caller{}, err
	}
	caller, err := a.embedding.CallerByEmbedding(r.Context(), handle)
	if paycor.KindOf(err) == paycor.KindUnauthorized {
		return paycor.Caller{}, ended
	}
	if err != nil {
		return paycor.Caller{}, err
	}
	return withCaller(r, caller), nil
}

// sameOrigin denies requests that another site made the browser send. It also
// covers reads: the other site could not see the response, but has no reason
// to request it.
func (a *authenticator) sameOrigin(r *http.Request) error {
	site := r.Header.Get("Sec-Fetch-Site")
	foreign := site != "" && site != "same-origin" && site != "none"
	if foreign || a.crossOrigin.Check(r) != nil {
		return deny(kindOrigin, "error.foreign-site")
	}
	return nil
}
