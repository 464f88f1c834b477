package web

import (
	"errors"
	"net/http"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/consumer"
	"strings"
	"time"
)

// Names of the session cookie. The browser itself keeps a __Host- cookie bound
// to this host and to TLS; without TLS, on loopback, it would not take one.
const (
	cookieSecure   = "__Host-paycorcred"
	cookieLoopback = "paycorcred"
)

// action serves a request, or returns the error that answers it.
type action func(http.ResponseWriter, *http.Request) error

// serviceAction serves a request with the service of whoever asks.
type serviceAction func(http.ResponseWriter, *http.Request, api.Service) error

// open is a route for anybody.
func (d *door) open(serve action) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := serve(w, r); err != nil {
			d.fail(w, r, err)
		}
	})
}

// api is a route for programs and for the page's own requests.
func (d *door) api(serve serviceAction) http.Handler {
	return d.open(func(w http.ResponseWriter, r *http.Request) error {
		caller, err := d.authenticate(r)
		if err != nil {
			return err
		}
		service, err := d.lend(r, caller)
		if err != nil {
			return err
		}
		return serve(w, r, service)
	})
}

// page is a route for people: without a session it leads to the sign-in.
func (d *door) page(serve serviceAction) http.Handler {
	return d.open(func(w http.ResponseWriter, r *http.Request) error {
		caller, err := d.bySession(r)
		if paycor.KindOf(err) == paycor.KindUnauthorized {
			http.Redirect(w, r, d.signInAt(r), http.StatusSeeOther)
			return nil
		}
		if err != nil {
			return err
		}
		service, err := d.lend(r, caller)
		if err != nil {
			return err
		}
		return serve(w, r, service)
	})
}

// authenticate finds out who calls the API. An API token counts before a
// session, and where one is sent the cookie is not looked at: a program's
// request then cannot borrow the rights of a browser.
func (d *door) authenticate(r *http.Request) (paycor.Caller, error) {
	if headers := r.Header.Values("Authorization"); len(headers) > 0 {
		return d.byToken(r, headers)
	}
	caller, err := d.bySession(r)
	if err != nil {
		return paycor.Caller{}, err
	}
	if err := d.sameOrigin(r); err != nil {
		return paycor.Caller{}, err
	}
	return caller, nil
}

func (d *door) byToken(r *http.Request, headers []string) (paycor.Caller, error) {
	scheme, token, _ := strings.Cut(headers[0], " ")
	if len(headers) != 1 || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return paycor.Caller{}, refuse(paycor.KindUnauthorized, "The Authorization header is not understood. Send one: Authorization: Bearer, a blank, and an API token.")
	}
	if strings.HasPrefix(token, embedPrefix) {
		return d.byEmbedding(r, paycor.NewSecret(token))
	}
	caller, err := d.Access.CallerByToken(r.Context(), paycor.NewSecret(token))
	if paycor.KindOf(err) == paycor.KindUnauthorized {
		return paycor.Caller{}, d.refuseToken(r, err)
	}
	if err != nil {
		return paycor.Caller{}, err
	}
	return d.known(r, caller), nil
}

// refuseToken tells everybody the same. The trail is told whose token it was,
// where it was somebody's.
func (d *door) refuseToken(r *http.Request, cause error) error {
	refused := &refusal{known: paycor.Errorf(paycor.KindUnauthorized, "This API token is not known here, was revoked or has expired. Use another one.")}
	var ended *consumer.EndedToken
	if errors.As(cause, &ended) {
		d.known(r, ended.Caller)
		refused.detail = string(ended.State)
	}
	return refused
}

func (d *door) bySession(r *http.Request) (paycor.Caller, error) {
	notSignedIn := refuse(paycor.KindUnauthorized, "You are not signed in, or your session has ended. Sign in again, or send an API token.")
	handle := d.handle(r)
	if handle.IsZero() {
		return paycor.Caller{}, notSignedIn
	}
	caller, err := d.Access.CallerBySession(r.Context(), handle)
	if paycor.KindOf(err) == paycor.KindUnauthorized {
		return paycor.Caller{}, notSignedIn
	}
	if err != nil {
		return paycor.Caller{}, err
	}
	d.use(r)
	return d.known(r, caller), nil
}

// known notes the caller for the log, and in the caller from where it asks.
func (d *door) known(r *http.Request, caller paycor.Caller) paycor.Caller {
	v := visitOf(r)
	caller.From, caller.RequestID = v.from, v.id
	v.caller = &caller
	return caller
}

// sameOrigin refuses what another site made the browser send. Reading by such
// a request would tell the site nothing, but it has no business here either.
func (d *door) sameOrigin(r *http.Request) error {
	site := r.Header.Get("Sec-Fetch-Site")
	foreign := site != "" && site != "same-origin" && site != "none"
	if foreign || d.crossing.Check(r) != nil {
		return refuse(kindOrigin, "This request comes from another site, so nothing was done. Use the page of this server itself, or an API token.")
	}
	return nil
}

func (d *door) cookieName() string {
	if d.Secure {
		return cookieSecure
	}
	return cookieLoopback
}

// handle returns the session handle the browser sent, or nothing. Two cookies
// of the name are one too many: one of them was planted.
func (d *door) handle(r *http.Request) paycor.Secret {
	cookies := r.CookiesNamed(d.cookieName())
	if len(cookies) != 1 {
		return paycor.Secret{}
	}
	return paycor.NewSecret(cookies[0].Value)
}

// setHandle gives the browser a session handle until expires. A zero handle
// takes it away.
func (d *door) setHandle(w http.ResponseWriter, handle paycor.Secret, expires time.Time) {
	age := -1
	if !handle.IsZero() {
		age = max(1, int(expires.Sub(d.Clock()).Seconds()))
	}
	http.SetCookie(w, &http.Cookie{
		Name: d.cookieName(), Value: handle.Reveal(), Path: "/", MaxAge: age,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: d.Secure,
	})
}
