package web

import (
	"context"
	"net/http"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/session"
	"time"
)

// Sessions opens, notes and ends sessions; Access holds it.
type Sessions interface {
	// OpenSession signs somebody in whom a provider vouches for.
	OpenSession(context.Context, session.SignIn) (handle paycor.Secret, expires time.Time, err error)

	// UseSession notes that something was done in a session.
	UseSession(ctx context.Context, handle paycor.Secret) error

	// ProviderHint returns what a session's provider wants back at its sign-out,
	// or nothing.
	ProviderHint(ctx context.Context, handle paycor.Secret) (paycor.Secret, error)

	// EndProviderSessions ends what a provider says has ended.
	EndProviderSessions(ctx context.Context, ended session.SignOut, from, requestID string) (int, error)
}

// use notes that something was done in the caller's session, unless the route
// or the handler only looks. A note that fails ends nobody's request.
func (d *door) use(r *http.Request) {
	if v := visitOf(r); v.access.quiet || v.quiet {
		return
	}
	if err := d.Access.UseSession(r.Context(), d.handle(r)); err != nil {
		d.Logger.WarnContext(r.Context(), "noting that a session is in use", "request_id", visitOf(r).id, "cause", err.Error())
	}
}

func (d *door) listSessions(w http.ResponseWriter, r *http.Request, service api.Service) error {
	return d.writeSessions(w, r, service.Sessions)
}

func (d *door) listAllSessions(w http.ResponseWriter, r *http.Request, service api.Service) error {
	return d.writeSessions(w, r, service.AllSessions)
}

func (d *door) writeSessions(w http.ResponseWriter, r *http.Request, read func(context.Context) ([]session.Session, error)) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	sessions, err := read(r.Context())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]any{"sessions": list(sessions)})
}

func (d *door) endSession(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	id, err := credentialID(r)
	if err != nil {
		return paycor.Errorf(paycor.KindNotFound, "There is no such sign-in. It may have ended already.")
	}
	if err := service.EndSession(r.Context(), id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// currentSession says when the session ends. The route is quiet, so a page that
// asks does not keep its session alive.
func (d *door) currentSession(w http.ResponseWriter, r *http.Request, service api.Service) error {
	return d.writeSession(w, r, service, false)
}

// staySignedIn is "Stay signed in": taking the route is what counts.
func (d *door) staySignedIn(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if err := readJSON(w, r, targets{}, true); err != nil {
		return err
	}
	return d.writeSession(w, r, service, true)
}

func (d *door) writeSession(w http.ResponseWriter, r *http.Request, service api.Service, stay bool) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	current, err := service.CurrentSession(r.Context(), stay)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, current)
}

// sessionsPage lists the caller's sign-ins; to an administrator, everybody's.
func (d *door) sessionsPage(w http.ResponseWriter, r *http.Request, service api.Service) error {
	read, title := service.Sessions, "sign-ins.yours"
	if visitOf(r).caller.Rights.Has(paycor.RightAdmin) {
		read, title = service.AllSessions, "sign-ins.all"
	}
	sessions, err := read(r.Context())
	if err != nil {
		return d.failedPage(w, r, err)
	}
	start := d.blank(r, service)
	start.Sessions = list(sessions)
	return d.writeShell(w, http.StatusOK, localeOf(r).Text(title), start)
}

// session tells a page when its session ends. A page without that is a page
// without the warning, no more.
func (d *door) session(r *http.Request, service api.Service, start *api.Start) {
	if current, err := service.CurrentSession(r.Context(), false); err == nil {
		start.Session = &current
	}
}

func (d *door) shareCredential(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	id, err := credentialID(r)
	if err != nil {
		return err
	}
	etag, err := ifMatch(r)
	if err != nil {
		return err
	}
	var restricted bool
	var sharing paycor.Sharing
	if err := readJSON(w, r, targets{"restricted": &restricted, "people": &sharing.People, "groups": &sharing.Groups}, false); err != nil {
		return err
	}
	with := &sharing
	if !restricted {
		if len(sharing.People)+len(sharing.Groups) > 0 {
			return &paycor.Error{Kind: paycor.KindInvalid, Message: "Nothing was changed: names were sent for a credential that is not to be restricted. Set restricted to true, or leave the names out.",
				Problems: []fields.Problem{{Field: fields.Sharing, Code: fields.ProblemRequired, Message: "Set restricted to true, or leave the names out."}}}
		}
		with = nil
	}
	credential, err := service.Share(r.Context(), id, with, etag)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", credential.ETag())
	return writeJSON(w, http.StatusOK, shownCredential(credential))
}
