package web

import (
	"context"
	"net/http"

	"paycorcred/paycor"
	"paycorcred/paycor/api"
	"paycorcred/paycor/session"
)

func listSessions(w http.ResponseWriter, r *http.Request, service api.Service) error {
	return writeSessions(w, r, service.Sessions)
}

func listAllSessions(w http.ResponseWriter, r *http.Request, service api.Service) error {
	return writeSessions(w, r, service.AllSessions)
}

func writeSessions(w http.ResponseWriter, r *http.Request, read func(context.Context) (session.List, error)) error {
	listed, err := read(r.Context())
	if err != nil {
		return err
	}
	listed.Sessions = nonNil(listed.Sessions)
	return writeJSON(w, http.StatusOK, listed)
}

func endSession(w http.ResponseWriter, r *http.Request, service api.Service) error {
	id := r.PathValue("id")
	if !validID(id) {
		return paycor.Errorf(paycor.KindNotFound, "error.session-not-found")
	}
	if err := service.EndSession(r.Context(), id); err != nil {
		return err
	}
	return writeNoContent(w)
}

// currentSession returns when the page's session ends. The route is a
// background route, so that the request does not keep the session alive.
func currentSession(w http.ResponseWriter, r *http.Request, service api.Service) error {
	return writeCurrentSession(w, r, service, false)
}

// extendSession serves "Stay signed in".
func extendSession(w http.ResponseWriter, r *http.Request, service api.Service) error {
	if err := readJSON(w, r, targets{}, bodyOptional); err != nil {
		return err
	}
	if _, err := readQuery(r); err != nil {
		return err
	}
	return writeCurrentSession(w, r, service, true)
}

func writeCurrentSession(w http.ResponseWriter, r *http.Request, service api.Service, extend bool) error {
	current, err := service.CurrentSession(r.Context(), extend)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, current)
}
